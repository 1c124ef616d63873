import { BUY, Random, SELL, SystemClock, SystemTimers, systemOriginNs } from '../../../src/core/index.ts'
import { BybitFront, venueLimits } from '../../../src/exchange/bybit/index.ts'
import { createCounters, FrontServer, noLatency, serverDefaults } from '../../../src/exchange/front/index.ts'
import { defaultContracts, Exchange, MemoryLedger } from '../../../src/exchange/index.ts'
import { ManualMarket } from '../core/support.ts'

const HISTORY_MIN = 120

/**
 * The exchange on real sockets of this process, over a BTC market that stands still at 65 000 until a test moves it: a stock
 * client meets exactly what its test set up. Bids 64 999.5 to 64 999.9 and asks 65 000.1 to 65 000.5 of one coin each.
 */
export class ServedVenue {
  readonly market: ManualMarket
  readonly exchange: Exchange
  readonly #server: FrontServer
  port = 0

  constructor(keys: readonly { readonly apiKey: string; readonly secret: string; readonly account: string }[]) {
    const clock = new SystemClock(systemOriginNs())
    const timers = new SystemTimers()
    this.market = new ManualMarket(defaultContracts[0]!, (flow) => {
      const minute = Math.floor(clock.wallMs() / 60_000) * 60_000
      for (let i = HISTORY_MIN; i > 0; i--) flow.history(minute - i * 60_000, 650_000, 650_010, 649_990, 650_000, 1_000, 65_000)
      for (let i = 1; i <= 5; i++) {
        flow.setLevel(BUY, 650_000 - i, 1_000)
        flow.setLevel(SELL, 650_000 + i, 1_000)
      }
    })
    this.exchange = new Exchange({ clock, timers, ledger: new MemoryLedger(), startingBalance: '100000', defaultLeverage: '10', markets: [this.market] })
    const counters = createCounters()
    const perSecond = Object.fromEntries(Object.keys(venueLimits.perSecond).map((group) => [group, 1_000])) as typeof venueLimits.perSecond
    const front = new BybitFront({ exchange: this.exchange, clock, timers, random: new Random(1, 'front'), keys, counters, latency: noLatency, limits: { perSecond, ipRequests: 100_000 } })
    this.#server = new FrontServer(front, { ...serverDefaults, port: 0 })
  }

  static async start(keys: ConstructorParameters<typeof ServedVenue>[0]): Promise<ServedVenue> {
    const venue = new ServedVenue(keys)
    venue.exchange.start()
    venue.print(650_000)
    venue.port = await venue.#server.listen()
    return venue
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get ws(): string {
    return `ws://127.0.0.1:${this.port}`
  }

  /** A trade of the market: moves the last price. */
  print(ticks: number): void {
    this.market.print(BUY, ticks, 1)
  }

  /** The book and the last price as they were at the start, the accounts without orders and positions. */
  reset(...accounts: readonly string[]): void {
    for (const account of accounts) {
      this.exchange.cancelAll(account, null)
      for (const one of this.exchange.positions(account)) this.exchange.operator.closeByHand(account, one.symbol, one.leg)
    }
    for (let i = 1; i <= 5; i++) {
      this.market.flow.setLevel(BUY, 650_000 - i, 1_000)
      this.market.flow.setLevel(SELL, 650_000 + i, 1_000)
    }
    this.print(650_000)
  }

  async stop(): Promise<void> {
    await this.#server.close()
    this.exchange.stop()
  }
}
