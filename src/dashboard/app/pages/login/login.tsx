import { type SyntheticEvent, type ReactNode, useState } from 'react'
import { ApiError } from '../../../client/index.ts'
import { duration } from '../../format/index.ts'
import { api, signedIn } from '../../live/index.ts'
import { Button, errorText, Icon, TextField } from '../../ui/index.ts'

/** The one account of the operator. */
export function Login({ waiting, away }: { readonly waiting: boolean; readonly away: boolean }): ReactNode {
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    try {
      await api.login(password)
      signedIn()
    } catch (error) {
      setProblem(wordsOf(error))
      setPassword('')
      setBusy(false)
    }
  }
  return (
    <main className="login">
      <form className="login-box" onSubmit={(event) => void submit(event)}>
        <div className="login-mark">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <circle cx="16" cy="16" r="11" fill="none" stroke="var(--accent)" strokeWidth="2.6" strokeDasharray="51 18" strokeLinecap="round" transform="rotate(-60 16 16)" />
            <circle cx="16" cy="16" r="4" fill="var(--up)" />
          </svg>
          <h1>Ringmaster</h1>
        </div>
        {waiting ? (
          <p className="quiet" role="status">
            Looking for your session …
          </p>
        ) : away ? (
          <p className="strip warn" role="alert">
            <Icon name="offline" />
            The gateway does not answer. This page tries again; the engine trades on without it.
          </p>
        ) : (
          <>
            <input className="hidden-visually" type="text" name="username" value="operator" autoComplete="username" readOnly tabIndex={-1} aria-hidden="true" />
            <TextField label="Password" type="password" autoComplete="current-password" value={password} onChange={setPassword} required />
            {problem === null ? null : (
              <p className="strip down" role="alert">
                {problem}
              </p>
            )}
            <Button type="submit" look="primary" busy={busy}>
              Sign in
            </Button>
            <p className="muted small">The first start of the engine printed the password once, unless APP_PASSWORD was set.</p>
          </>
        )}
      </form>
    </main>
  )
}

function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return errorText(error)
  if (error.code === 'RM_API_PASSWORD') return 'This is not the password.'
  const waitS = error.answer?.retryAfterS
  if (error.code === 'RM_API_LOCKED') return `Too many wrong passwords: sign-in is locked${waitS === undefined ? '' : ` for ${duration(waitS * 1000)}`}.`
  if (error.code === 'RM_API_RATE') return `Too many attempts; try again${waitS === undefined ? ' later' : ` in ${duration(waitS * 1000)}`}.`
  return error.message
}
