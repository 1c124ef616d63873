import { type SyntheticEvent, type ReactNode, useId, useState } from 'react'
import { Button } from '../../ui/index.ts'

export interface ParameterProps {
  readonly name: string
  readonly value: number
  readonly configured: number
  /** Strategy that it belongs to, for its name. */
  readonly owner: string
  readonly least?: number
  readonly onChange: (value: number) => void
}

/** A number that can be changed; what it was at the start stands in its hint. The engine checks its bounds once more. */
export function Parameter({ name, value, configured, owner, least, onChange }: ParameterProps): ReactNode {
  const [draft, setDraft] = useState<string | null>(null)
  const id = useId()
  const problem = draft === null ? null : problemOf(draft, least)
  const words = name.replaceAll('_', ' ')
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    if (draft === null || problem !== null || Number(draft) === value) return
    onChange(Number(draft))
    setDraft(null)
  }
  return (
    <form className="parameter num" onSubmit={submit}>
      <label htmlFor={id} className="quiet clip" title={value === configured ? words : `${words}: configured as ${configured}`}>
        {words}
        {value === configured ? '' : ' *'}
      </label>
      <input
        id={id}
        className="input"
        inputMode="decimal"
        aria-label={`${owner}: ${words}`}
        aria-invalid={problem === null ? undefined : true}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        value={draft ?? told(value)}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => {
          if (draft !== null && draft.trim() === told(value)) setDraft(null)
        }}
      />
      {draft === null || Number(draft) === value ? (
        <span />
      ) : (
        <Button type="submit" small look="primary" disabled={problem !== null}>
          Apply
        </Button>
      )}
      {problem === null ? null : (
        <p id={`${id}-problem`} className="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}

/** Without what binary fractions add at the end. */
const told = (value: number): string => String(Number(value.toPrecision(12)))

/** What is wrong with the text of a number, or null. */
export function problemOf(text: string, least?: number): string | null {
  if (text.trim() === '' || !/^-?\d+(?:\.\d+)?$/.test(text.trim())) return 'A number such as 12 or 0.25.'
  if (least !== undefined && Number(text) < least) return `At least ${least}.`
  return null
}
