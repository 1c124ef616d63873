import { type SyntheticEvent, type ReactNode, useState } from 'react'
import { ApiError } from '../../../client/index.ts'
import { api } from '../../live/index.ts'
import { Button, errorText, say, TextField } from '../../ui/index.ts'

/** As the gateway asks for. */
const SHORTEST = 12

/** Another password; every other session ends with it. */
export function PasswordForm(): ReactNode {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const nextProblem = next !== '' && next.length < SHORTEST ? `At least ${SHORTEST} characters.` : null
  const againProblem = again !== '' && again !== next ? 'Not the same as above.' : null
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    try {
      await api.changePassword(current, next)
      setCurrent('')
      setNext('')
      setAgain('')
      say('up', 'The password is changed; every other session has ended.')
    } catch (error) {
      setProblem(error instanceof ApiError && error.code === 'RM_API_PASSWORD' ? 'The current password is another one.' : errorText(error))
    }
    setBusy(false)
  }
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <input className="hidden-visually" type="text" name="username" value="operator" autoComplete="username" readOnly tabIndex={-1} aria-hidden="true" />
      <TextField label="Current password" type="password" autoComplete="current-password" value={current} onChange={setCurrent} problem={problem} required />
      <TextField label="New password" type="password" autoComplete="new-password" value={next} onChange={setNext} problem={nextProblem} hint={`${SHORTEST} characters or more`} required />
      <TextField label="New password again" type="password" autoComplete="new-password" value={again} onChange={setAgain} problem={againProblem} required />
      <div>
        <Button type="submit" look="primary" busy={busy} disabled={current === '' || next.length < SHORTEST || again !== next}>
          Change the password
        </Button>
      </div>
    </form>
  )
}
