import { randomInt } from 'node:crypto'
import type { Candle, KlineSource, LiveSymbol } from '../src/api/index.ts'
import { type Clock, errorLine, fail, type Instrument, Random, type Timers } from '../src/core/index.ts'
import { type Kline, type MarketReference, NodeTransport } from '../src/venues/index.ts'
import type { Config } from '../src/config/index.ts'
import type { GatewayConfig } from './gateway-messages.ts'
import { openVenue, type VenueChoice } from './venue.ts'

const MINUTE_MS = 60_000
const INTERVALS_MS: Readonly<Record<string, number>> = { 1: MINUTE_MS, 5: 5 * MINUTE_MS, 15: 15 * MINUTE_MS, 30: 30 * MINUTE_MS, 60: 60 * MINUTE_MS, 240: 240 * MINUTE_MS, D: 1440 * MINUTE_MS }
/** An answer is good for so long: a thousand charts of one symbol ask the venue once. */
const FRESH_MS = 2000
const ANSWERS_MAX = 500

/** Candles by the public REST of the venue, without a key. */
export class VenueKlines implements KlineSource {
  readonly #reference: MarketReference
  readonly #clock: Clock
  readonly #instruments = new Map<string, Promise<Instrument>>()
  readonly #answers = new Map<string, { readonly atNs: number; readonly limit: number; readonly items: Promise<readonly Candle[]> }>()

  constructor(venue: VenueChoice, config: GatewayConfig, clock: Clock, timers: Timers) {
    this.#clock = clock
    // Only what the public side of an adapter looks at is there.
    this.#reference = openVenue(venue, { transport: new NodeTransport(), clock, timers, random: new Random(randomInt(2 ** 31)), count: () => {} }, config as Config, 'public').reference
  }

  klines(live: LiveSymbol, interval: string, limit: number): Promise<readonly Candle[]> {
    const key = `${live.symbol} ${interval}`
    const known = this.#answers.get(key)
    if (known !== undefined && known.limit >= limit && this.#clock.nowNs() - known.atNs < FRESH_MS * 1e6) return known.items.then((items) => items.slice(-limit))
    const items = this.#ask(live, interval, limit)
    this.#answers.delete(key)
    this.#answers.set(key, { atNs: this.#clock.nowNs(), limit, items })
    if (this.#answers.size > ANSWERS_MAX) this.#answers.delete(this.#answers.keys().next().value!)
    items.catch(() => this.#answers.delete(key))
    return items
  }

  async #ask(live: LiveSymbol, interval: string, limit: number): Promise<readonly Candle[]> {
    try {
      const instrument = await this.#instrument(live.symbol)
      const rows = await new Promise<readonly Kline[]>((resolve, reject) => this.#reference.klines(instrument, INTERVALS_MS[interval]!, limit, (error, klines) => (error === null ? resolve(klines) : reject(error as Error))))
      const { tick, lot } = instrument
      return rows.map((row) => ({ startMs: row.startMs, open: tick.format(row.openTicks), high: tick.format(row.highTicks), low: tick.format(row.lowTicks), close: tick.format(row.closeTicks), volume: lot.format(row.lots), closed: row.closed }))
    } catch (error) {
      this.#instruments.delete(live.symbol)
      return fail('RM_API_VENUE', { what: `candles of ${live.symbol}`, reason: errorLine(error) }, error)
    }
  }

  #instrument(symbol: string): Promise<Instrument> {
    let known = this.#instruments.get(symbol)
    if (known === undefined) {
      known = new Promise((resolve, reject) => this.#reference.instruments([symbol], (error, [instrument]) => (error === null && instrument !== undefined ? resolve(instrument) : reject(error as Error))))
      this.#instruments.set(symbol, known)
    }
    return known
  }
}
