import { type SyntheticEvent, type ReactNode, useState } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { errorText } from './states.tsx'

export interface ConfirmProps {
  readonly title: string
  /** What will happen, and what the numbers are now. */
  readonly children: ReactNode
  /** Words of the button that does it. */
  readonly action: string
  readonly look?: 'primary' | 'danger'
  /** Asks for words that go into the audit; shown with this label. */
  readonly reason?: string
  /** It was done, or is thrown as an error, which is shown here. */
  readonly onConfirm: (reason: string) => Promise<void>
  readonly onClose: () => void
}

/** Asks before something that cannot be taken back. It stays open, with progress and errors, until it is done. */
export function Confirm({ title, children, action, look = 'danger', reason, onConfirm, onClose }: ConfirmProps): ReactNode {
  const [words, setWords] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await onConfirm(words.trim())
      onClose()
    } catch (failure: unknown) {
      setError(failure)
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={busy ? () => {} : onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <div className="stack">{children}</div>
        {reason === undefined ? null : (
          <label className="field">
            <span>{reason}</span>
            <input className="input" value={words} required maxLength={200} onChange={(event) => setWords(event.target.value)} />
          </label>
        )}
        {error === null ? null : (
          <p className="strip down" role="alert">
            {errorText(error)}
          </p>
        )}
        <div className="actions">
          <Button onPress={onClose} disabled={busy}>
            Cancel
          </Button>
          <Button type="submit" look={look} busy={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
