import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icons.tsx'

/** Nothing is there, and why, and what may be done about it. */
export function Empty({ icon = 'empty', title, children, action }: { readonly icon?: IconName; readonly title: string; readonly children?: ReactNode; readonly action?: ReactNode }): ReactNode {
  return (
    <div className="placeholder">
      <Icon name={icon} />
      <p className="strong">{title}</p>
      {children === undefined ? null : <p className="small">{children}</p>}
      {action}
    </div>
  )
}

/** Something could not be had: in words, with the code of the error, and with a way to try again. */
export function Failed({ what, error, retry }: { readonly what: string; readonly error: unknown; readonly retry?: () => void }): ReactNode {
  return (
    <div className="placeholder" role="alert">
      <Icon name="warning" />
      <p className="strong">{what} could not be loaded</p>
      <p className="small">{errorText(error)}</p>
      {retry === undefined ? null : (
        <Button icon="refresh" onPress={retry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** Where lines will be, before they are. */
export function Loading({ lines = 4, what = 'Loading' }: { readonly lines?: number; readonly what?: string }): ReactNode {
  return (
    <div className="bones" role="status" aria-label={what}>
      {Array.from({ length: lines }, (_, i) => (
        <i key={i} style={{ width: `${92 - ((i * 17) % 45)}%` }} />
      ))}
    </div>
  )
}

/** What went wrong, in its own words. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The three states of what is being fetched, and the fourth, in which it is there. */
export interface Fetched<T> {
  readonly data: T | undefined
  readonly error: unknown
  readonly refetch: () => unknown
}

/** Shows what was fetched; before that bones, and in its place words where it failed. What is already there stays during a failure. */
export function Shown<T>({ of, what, lines, children }: { readonly of: Fetched<T>; readonly what: string; readonly lines?: number; readonly children: (data: T) => ReactNode }): ReactNode {
  if (of.data !== undefined) return children(of.data)
  if (of.error !== null && of.error !== undefined) return <Failed what={what} error={of.error} retry={() => void of.refetch()} />
  return <Loading lines={lines ?? 4} what={`Loading ${what}`} />
}
