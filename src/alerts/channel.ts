import type { Notice } from './notice.ts'

/** What became of a try to send. */
export type Delivery =
  | { readonly kind: 'delivered' }
  /** It would be refused again: it is given up. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may work later, not before `afterMs` where the other side has said so. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number | null }

/** A way to people. */
export interface AlertChannel {
  readonly name: string
  /** Settles within a bound of its own. @param dropped alerts that were lost before this one, to be said with it */
  send(notice: Notice, dropped: number): Promise<Delivery>
  /** Gives up what is under way. */
  close(): void
}
