import type { Config } from '../src/config/index.ts'
import { Random, type VirtualTime } from '../src/core/index.ts'
import { Exchange, type MarketSource, VolatileLedger } from '../src/exchange/index.ts'
import { BybitFront } from '../src/exchange/bybit/index.ts'
import { createCounters } from '../src/exchange/front/index.ts'
import { OkxFront } from '../src/exchange/okx/index.ts'
import { PAPER_ACCOUNT, PAPER_LATENCY } from './exchange-messages.ts'
import { type VenueChoice, venueAt } from './venue.ts'
import { VirtualTransport } from './virtual-transport.ts'

const SEED_LABEL = 'virtual-front'

/** The built-in exchange with one protocol front on virtual time: what outlives every engine that talks to it. */
export class VirtualVenue {
  readonly exchange: Exchange
  /** The protocol front that engines talk to, with its faults on demand. */
  readonly front: BybitFront | OkxFront
  /** Where engines find it. */
  readonly choice: VenueChoice
  readonly #time: VirtualTime

  /** Built, not started: listeners that want to hear the opening listen before `start`. */
  constructor(config: Config, markets: readonly MarketSource[], time: VirtualTime) {
    this.#time = time
    this.exchange = new Exchange({ clock: time, timers: time, markets, ledger: new VolatileLedger(), startingBalance: config.exchange.starting_balance, defaultLeverage: '10' })
    const { api_key: apiKey, api_secret: secret, passphrase, seed } = config.exchange
    const common = { exchange: this.exchange, clock: time, timers: time, random: new Random(seed, SEED_LABEL), latency: PAPER_LATENCY, counters: createCounters() }
    this.front =
      config.venue === 'okx'
        ? new OkxFront({ ...common, keys: [{ apiKey, secret, passphrase, account: PAPER_ACCOUNT }] })
        : new BybitFront({ ...common, keys: [{ apiKey, secret, account: PAPER_ACCOUNT }], shuffleTopics: true })
    this.choice = venueAt(config, 'exchange.invalid', { bybit: 80, okx: 80 })
  }

  start(): void {
    this.exchange.start()
  }

  /** A wire to it, without delay of its own: the front takes its time. */
  wire(): VirtualTransport {
    return new VirtualTransport(this.front, this.#time, { outMs: 0, inMs: 0 })
  }

  stop(): void {
    this.exchange.stop()
  }
}
