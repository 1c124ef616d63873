import type { FeedAddress } from '../src/api/link/index.ts'
import type { EngineBuffers } from './engine-memory.ts'
import type { PlainInstrument } from './thread-data.ts'

/** What the feed thread is started with. */
export interface FeedData {
  readonly buffers: EngineBuffers
  readonly threads: number
  readonly instruments: readonly PlainInstrument[]
  readonly originNs: string
  /** Of this run: who does not have it hears nothing. */
  readonly token: string
  /** Of the local socket. */
  readonly path: string
}

/** Feed thread → main thread of the engine. */
export type FromFeed = { readonly type: 'at'; readonly address: FeedAddress } | { readonly type: 'log'; readonly level: 'warn' | 'error'; readonly words: string }
