import type { Nanos, Random, SymbolIndex, Timer } from '../core/index.ts'
import type { FeedState, MarketFeed } from '../venues/index.ts'
import type { SharedCount } from './cell-ends.ts'
import type { MarketContext } from './market-context.ts'
import type { RegistryMemory } from './registry.ts'

/** A feed that follows others back to life does so at most once in this time: a venue that flaps must not be stormed. */
const FOLLOW_NS = 30e9
/** Within this time the feeds that wait come back one by one, ms. */
const FOLLOW_SPREAD_MS = 1000

/**
 * New connections that others wish a feed: execution, when the stream has not served its exits for too long (MD-18), and
 * the feeds of other symbols, when one of them is back while this one still waits for its next try.
 */
export class FeedWishes {
  readonly #context: Pick<MarketContext, 'clock' | 'timers' | 'count' | 'log'>
  readonly #random: Random
  readonly #feed: Pick<MarketFeed, 'reconnect'>
  readonly #wish: SharedCount
  readonly #live: SharedCount
  readonly #onForced: () => void
  #wishes: number
  #lives: number
  #followedNs: Nanos = Number.NEGATIVE_INFINITY
  #state: FeedState = 'down'
  #timer: Timer | null = null

  /** @param onForced hears of each reconnect that fallbacks forced */
  constructor(context: Pick<MarketContext, 'clock' | 'timers' | 'count' | 'log'>, random: Random, registry: RegistryMemory, symbol: SymbolIndex, feed: Pick<MarketFeed, 'reconnect'>, onForced: () => void) {
    this.#context = context
    this.#random = random
    this.#feed = feed
    this.#onForced = onForced
    this.#wish = registry.reconnectWish(symbol)
    this.#live = registry.feedsLive()
    this.#wishes = this.#wish.value
    this.#lives = this.#live.value
  }

  /** The feed is in another state. */
  onFeed(state: FeedState): void {
    if (state === 'live' && this.#state !== 'live') this.#live.raise()
    // What others did before this feed was lost says nothing about now.
    if (state !== this.#state) this.#lives = this.#live.value
    this.#state = state
  }

  /** Looks whether somebody wishes for something; ten times a second. */
  look(): void {
    const wishes = this.#wish.value
    if (wishes !== this.#wishes) {
      this.#wishes = wishes
      this.#force()
    }
    if (this.#state === 'down' && this.#live.value !== this.#lives) this.#follow()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #force(): void {
    const { count, log } = this.#context
    // An attempt that is under way is what was wished for.
    if (this.#state !== 'live' && this.#state !== 'down') return count('feed_reconnects', 'under_way')
    count('feed_reconnects', 'forced')
    log('warn', 'new connection: exits were served by the fallback for too long', { state: this.#state })
    this.#onForced()
    this.#feed.reconnect('too many fallbacks')
  }

  #follow(): void {
    const nowNs = this.#context.clock.nowNs()
    this.#lives = this.#live.value
    if (nowNs - this.#followedNs < FOLLOW_NS) return
    this.#followedNs = nowNs
    this.#timer = this.#context.timers.after(FOLLOW_SPREAD_MS * this.#random.next(), () => {
      if (this.#state !== 'down') return
      this.#context.count('feed_reconnects', 'follows')
      this.#feed.reconnect('another symbol is connected again')
    })
  }
}
