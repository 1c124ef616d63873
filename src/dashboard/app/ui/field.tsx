import { type ReactNode, useId } from 'react'

export interface TextFieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly type?: 'text' | 'password' | 'search'
  readonly autoComplete?: string
  readonly problem?: string | null
  readonly hint?: string
  readonly required?: boolean
  readonly numeric?: boolean
}

/** An input with its name above and what is wrong with it below. */
export function TextField({ label, value, onChange, type = 'text', autoComplete = 'off', problem = null, hint, required = false, numeric = false }: TextFieldProps): ReactNode {
  const id = useId()
  const note = problem ?? hint
  return (
    <div className="field">
      <label className="quiet small" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className="input"
        type={type}
        inputMode={numeric ? 'decimal' : undefined}
        value={value}
        required={required}
        autoComplete={autoComplete}
        aria-invalid={problem === null ? undefined : true}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        onChange={(event) => onChange(event.target.value)}
      />
      {note === undefined ? null : (
        <span id={`${id}-note`} className={problem === null ? 'muted small' : 'problem'}>
          {note}
        </span>
      )}
    </div>
  )
}

/** A choice without a visible label: its name is its first option (`All pairs`). */
export function Choice({ label, value, options, onChange }: { readonly label: string; readonly value: string; readonly options: readonly (readonly [value: string, text: string])[]; readonly onChange: (value: string) => void }): ReactNode {
  return (
    <select className="input" style={{ width: 'auto' }} aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </select>
  )
}
