import type { ReactNode } from 'react'
import { create } from 'zustand'
import { Button } from './button.tsx'
import { errorText } from './states.tsx'

export interface Toast {
  readonly id: number
  readonly tone: 'up' | 'down' | 'info'
  readonly text: string
}

const SHOWN_MS = 6000
const AT_MOST = 4

const useToasts = create<{ readonly list: readonly Toast[] }>(() => ({ list: [] }))
let nextId = 1

const remove = (id: number): void => useToasts.setState(({ list }) => ({ list: list.filter((toast) => toast.id !== id) }))

/** Says something in passing. Errors stay until they are put away. */
export function say(tone: Toast['tone'], text: string): void {
  const id = nextId++
  useToasts.setState(({ list }) => ({ list: [...list, { id, tone, text }].slice(-AT_MOST) }))
  if (tone !== 'down') setTimeout(remove, SHOWN_MS, id)
}

/** Runs what a button asks for and says how it went. */
export async function attempt(action: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await action()
    say('up', done)
    return true
  } catch (error: unknown) {
    say('down', errorText(error))
    return false
  }
}

export function Toasts(): ReactNode {
  const list = useToasts((state) => state.list)
  return (
    <div className="toasts" role="log" aria-label="Messages" aria-live="polite">
      {list.map((toast) => (
        <div key={toast.id} className={`toast ${toast.tone}`}>
          <p className="grow">{toast.text}</p>
          <Button small look="plain" icon="close" label="Put this message away" onPress={() => remove(toast.id)} />
        </div>
      ))}
    </div>
  )
}
