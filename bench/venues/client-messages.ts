import type { PriceAndSize } from './contestants.ts'

/** What a client process is started with. */
export interface ClientShape {
  readonly port: number
  readonly symbols: number
  readonly depth: 50 | 200
  /** Ours only: whether a features actor reads the ticks. */
  readonly features: boolean
}

export type ToClient = { readonly type: 'usage' } | { readonly type: 'tops'; readonly levels: number }

export interface ClientUsage {
  readonly type: 'usage'
  /** Monotonic, of this process. */
  readonly atMs: number
  /** User and system time since the process began. */
  readonly cpuMs: number
  readonly rssBytes: number
  /** Messages that were taken: ours one for each book frame and trade, ccxt one for each time that a book was awaited. */
  readonly taken: number
}

/** Best levels of every symbol, bids and asks, in the order of the symbols. */
export interface ClientTops {
  readonly type: 'tops'
  readonly tops: readonly (readonly [bids: readonly PriceAndSize[], asks: readonly PriceAndSize[]])[]
}

/** `ready`: every symbol has a book. */
export type FromClient = { readonly type: 'ready' } | ClientUsage | ClientTops

/** Answers the parent. @param taken messages so far; @param tops best levels of each symbol */
export function serveParent(taken: () => number, tops: (levels: number) => ClientTops['tops']): void {
  const tell = (message: FromClient): void => void process.send!(message)
  process.on('message', (message: ToClient) => {
    if (message.type === 'tops') return tell({ type: 'tops', tops: tops(message.levels) })
    const { user, system } = process.cpuUsage()
    tell({ type: 'usage', atMs: performance.now(), cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss(), taken: taken() })
  })
  process.on('disconnect', () => process.exit())
  tell({ type: 'ready' })
}
