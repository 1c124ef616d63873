import { BUY, SELL, VirtualTime, type Lots, type PriceTicks, type Side } from '../../../src/core/index.ts'
import { defineContract, Exchange, MemoryLedger, type Contract, type ExchangeListener, type ExchangeOptions, type Ledger, type MarketFlow, type MarketSource, type NewOrder } from '../../../src/exchange/index.ts'

/** A market that stands still until a test moves it. */
export class ManualMarket implements MarketSource {
  readonly contract: Contract
  flow!: MarketFlow
  stopped = false
  readonly #open: (flow: MarketFlow) => void

  constructor(contract: Contract, open: (flow: MarketFlow) => void) {
    this.contract = contract
    this.#open = open
  }

  start(flow: MarketFlow): void {
    this.flow = flow
    this.#open(flow)
    flow.commit()
  }

  stop(): void {
    this.stopped = true
  }

  level(side: Side, ticks: PriceTicks, lots: Lots): void {
    this.flow.setLevel(side, ticks, lots)
    this.flow.commit()
  }

  take(side: Side, ticks: PriceTicks, lots: Lots): Lots {
    const left = this.flow.take(side, ticks, lots)
    this.flow.commit()
    return left
  }

  print(side: Side, ticks: PriceTicks, lots: Lots): void {
    this.flow.print(side, ticks, lots)
    this.flow.commit()
  }
}

/** One quote unit per tick, one coin per lot: values are ticks × lots. */
export const plain = defineContract({
  symbol: 'AAAUSDT', baseCoin: 'AAA', tick: '1', lot: '1', minSize: '1', maxSize: '1000000', maxMarketSize: '500000', maxLeverage: 50, maintenanceRate: '0.01',
})

/** Bids 995..999 and asks 1001..1005 of 100 lots each: mid 1000. */
export function plainBook(flow: MarketFlow): void {
  for (let i = 1; i <= 5; i++) {
    flow.setLevel(BUY, 1000 - i, 100)
    flow.setLevel(SELL, 1000 + i, 100)
  }
}

export interface Desk {
  readonly time: VirtualTime
  readonly market: ManualMarket
  readonly exchange: Exchange
  readonly ledger: Ledger
}

export function openDesk(options: Partial<ExchangeOptions> & { readonly contract?: Contract; readonly book?: (flow: MarketFlow) => void; readonly listener?: ExchangeListener } = {}): Desk {
  const time = new VirtualTime(1_700_000_000_000)
  const market = new ManualMarket(options.contract ?? plain, options.book ?? plainBook)
  const ledger = options.ledger ?? new MemoryLedger()
  const exchange = new Exchange({ clock: time, timers: time, markets: [market], ledger, startingBalance: '100000', defaultLeverage: '10', ...pick(options) })
  if (options.listener !== undefined) exchange.listen(options.listener)
  exchange.start()
  return { time, market, exchange, ledger }
}

function pick(options: Partial<ExchangeOptions>): Partial<ExchangeOptions> {
  const { markets, startingBalance, balances, defaultLeverage, insurance } = options
  return {
    ...(markets === undefined ? {} : { markets }),
    ...(startingBalance === undefined ? {} : { startingBalance }),
    ...(balances === undefined ? {} : { balances }),
    ...(defaultLeverage === undefined ? {} : { defaultLeverage }),
    ...(insurance === undefined ? {} : { insurance }),
  }
}

let clients = 0

/** A GTC limit buy of 10 lots at 999 unless told. */
export function order(change: Partial<NewOrder> = {}): NewOrder {
  return { symbol: 'AAAUSDT', clientId: `c${++clients}`, side: BUY, type: 'limit', priceTicks: 999, lots: 10, timeInForce: 'GTC', reduceOnly: false, closeOnTrigger: false, ...change }
}

export const market = (side: Side, lots: Lots, change: Partial<NewOrder> = {}): NewOrder => order({ side, type: 'market', priceTicks: null, lots, timeInForce: 'IOC', ...change })

/** Levels of a side as [ticks, lots], best first. */
export function levelsOf(exchange: Exchange, symbol: string, side: Side, depth = 50): [number, number][] {
  const ticks = new Float64Array(depth)
  const lots = new Float64Array(depth)
  const count = exchange.levels(symbol, side, depth, ticks, lots)
  return Array.from({ length: count }, (_, i) => [ticks[i], lots[i]])
}
