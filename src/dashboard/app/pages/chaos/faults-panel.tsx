import { type SyntheticEvent, type ReactNode, useId, useState } from 'react'
import type { Faults } from '../../../../api/contract/index.ts'
import { api, outdated } from '../../live/index.ts'
import { attempt, Button, Empty, Facts } from '../../ui/index.ts'

type Action = Faults['actions'][number]

/** Reason that the audit keeps for what is pressed here. */
const WHY = 'rehearsal on the chaos page'

export function FaultsPanel({ faults }: { readonly faults: Faults }): ReactNode {
  const armed = armedOf(faults.state)
  return (
    <div className="stack">
      {armed.length === 0 ? null : <Facts of={armed} />}
      {faults.actions.length === 0 ? (
        <Empty title="The exchange offers no faults" />
      ) : (
        <div className="faults">
          {faults.actions.map((action) => (
            <Fault key={action.name} action={action} />
          ))}
        </div>
      )}
    </div>
  )
}

/** What is planted at the moment: of all that the exchange tells, what is not at rest. */
function armedOf(state: Faults['state']): (readonly [name: string, value: string])[] {
  const planted = state['faults'] ?? state
  const isAtRest = (value: unknown): boolean => value === null || value === false || value === 0 || (typeof value === 'object' && Object.keys(value).length === 0)
  return Object.entries(planted as Record<string, unknown>)
    .filter(([, value]) => !isAtRest(value))
    .map(([name, value]) => [name.replaceAll(/[_-]/g, ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), typeof value === 'object' ? JSON.stringify(value) : String(value as string | number)])
}

function Fault({ action }: { readonly action: Action }): ReactNode {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [busy, setBusy] = useState(false)
  const id = useId()
  const isMissing = action.fields.some((field) => field.needed && (values[field.name] ?? '').trim() === '')
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    const given = Object.entries(values).filter(([, text]) => text.trim() !== '')
    const fields = Object.fromEntries(given.map(([name, text]) => [name, valueOf(text.trim(), action.fields.find((field) => field.name === name)?.is ?? '')]))
    await attempt(() => api.call('armFault', { params: { action: action.name }, body: { fields, why: WHY } }), `${wordsOf(action.name)}: armed.`)
    outdated('faults', 'invariants')
    setBusy(false)
  }
  return (
    <form className="fault" onSubmit={(event) => void submit(event)}>
      <div className="row spread">
        <h3 className="strong clip">{wordsOf(action.name)}</h3>
        <Button small type="submit" label={`Arm ${wordsOf(action.name)}`} busy={busy} disabled={isMissing}>
          Arm
        </Button>
      </div>
      <p className="quiet small">{action.says}</p>
      {action.fields.map((field) => (
        <div key={field.name} className="row">
          <label className="muted small grow clip" htmlFor={`${id}-${field.name}`} title={field.is}>
            {wordsOf(field.name)}
          </label>
          <input
            id={`${id}-${field.name}`}
            className="input"
            style={{ width: 112, height: 26 }}
            placeholder={placeholderOf(field)}
            required={field.needed}
            value={values[field.name] ?? ''}
            onChange={(event) => setValues({ ...values, [field.name]: event.target.value })}
          />
        </div>
      ))}
    </form>
  )
}

const wordsOf = (name: string): string => name.replaceAll(/[_-]/g, ' ').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()

const placeholderOf = ({ is, needed, otherwise }: Action['fields'][number]): string =>
  otherwise === undefined || otherwise === null ? (needed ? is : 'any') : typeof otherwise === 'object' ? JSON.stringify(otherwise) : String(otherwise as string | number)

/** Text of a field as what the exchange takes for it. */
function valueOf(text: string, is: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /string|text|name|symbol|id\b/i.test(is) || Number.isNaN(Number(text)) ? text : Number(text)
}
