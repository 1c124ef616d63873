/**
 * The built-in exchange: the matching core on a mix of 55 % limit (passive, ±100 ticks), 35 % cancel of a live order and
 * 10 % market orders with string ids; the same through accounts, margin and events; market flow; and a recorded capture
 * replayed through a whole exchange on virtual time (left out without RINGMASTER_DATA).
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BUY, Random, SELL, VirtualTime, type Lots, type PriceTicks, type Side } from '../../src/core/index.ts'
import { defineContract, Exchange, loadTape, MARKET, MatchingBook, RecordedMarket, recordedContracts, VolatileLedger, type FillSink, type MarketFlow, type MarketSource } from '../../src/exchange/index.ts'
import { defineBench, type BenchCase } from '../harness.ts'

const OPERATIONS = 200_000
const MID = 600_000

interface Operation {
  readonly kind: 'limit' | 'cancel' | 'market'
  readonly id: string
  readonly side: Side
  readonly ticks: PriceTicks
  readonly lots: Lots
}

/** The mix, drawn once. A cancel names an order that was placed and not cancelled; a market order may have filled it since. */
function mix(count: number, lotsMax: number, restMax: number): Operation[] {
  const random = new Random(7)
  const live: string[] = []
  const operations: Operation[] = []
  for (let i = 0; i < count; i++) {
    const draw = random.next()
    const side: Side = random.chance(0.5) ? BUY : SELL
    const lots = 1 + random.below(lotsMax)
    if ((draw < 0.35 || live.length >= restMax) && live.length > 0) {
      const at = random.below(live.length)
      const id = live[at]
      live[at] = live[live.length - 1]
      live.pop()
      operations.push({ kind: 'cancel', id, side, ticks: 0, lots })
    } else if (draw < 0.45) operations.push({ kind: 'market', id: `m${i}`, side, ticks: 0, lots })
    else {
      const distance = 1 + random.below(100)
      operations.push({ kind: 'limit', id: `o${i}`, side, ticks: side === BUY ? MID - distance : MID + distance, lots })
      live.push(`o${i}`)
    }
  }
  return operations
}

/** The core with string ids and everything an order type needs: what a user of the book alone would write. */
class CoreDesk implements FillSink {
  readonly book = new MatchingBook(this)
  filled = 0
  readonly #orders = new Map<string, number>()
  readonly #ids: string[] = ['']
  readonly #sides: Side[] = [BUY]
  readonly #entries: number[] = [0]
  readonly #left: number[] = [0]

  allow(maker: number, taker: number, lots: Lots): Lots {
    return maker === taker ? 0 : lots
  }
  firm(maker: number, taker: number): boolean {
    return maker !== taker
  }
  fill(maker: number, _taker: number, _side: Side, _ticks: PriceTicks, lots: Lots): void {
    this.filled += lots
    if (maker !== MARKET && (this.#left[maker] -= lots) === 0) this.#orders.delete(this.#ids[maker])
  }
  withdrawn(maker: number): void {
    this.#orders.delete(this.#ids[maker])
  }

  limit(id: string, side: Side, ticks: PriceTicks, lots: Lots): void {
    const owner = this.#ids.length
    const left = this.book.submit(owner, side, ticks, lots)
    this.#ids.push(id)
    this.#sides.push(side)
    this.#left.push(left)
    this.#entries.push(left === 0 ? -1 : this.book.rest(owner, side, ticks, left))
    if (left > 0) this.#orders.set(id, owner)
  }
  market(side: Side, lots: Lots): void {
    this.book.submit(this.#ids.length, side, side === BUY ? MID * 2 : 1, lots)
  }
  cancel(id: string): void {
    const owner = this.#orders.get(id)
    if (owner === undefined) return
    this.#orders.delete(id)
    this.book.remove(this.#sides[owner], this.#entries[owner])
  }
}

const timed = (count: number, run: () => void): number => {
  const start = process.hrtime.bigint()
  run()
  return count / (Number(process.hrtime.bigint() - start) / 1e9)
}

const operations = mix(OPERATIONS, 50, OPERATIONS)

function core(): number {
  const desk = new CoreDesk()
  return timed(OPERATIONS, () => {
    for (const { kind, id, side, ticks, lots } of operations) {
      if (kind === 'limit') desk.limit(id, side, ticks, lots)
      else if (kind === 'cancel') desk.cancel(id)
      else desk.market(side, lots)
    }
  })
}

class Still implements MarketSource {
  readonly contract = defineContract({ symbol: 'AAAUSDT', baseCoin: 'AAA', tick: '0.1', lot: '0.001', minSize: '0.001', maxSize: '1000', maxMarketSize: '1000', maxLeverage: 100, maintenanceRate: '0.005', minNotional: '0.1' })
  start(flow: MarketFlow): void {
    for (let i = 1; i <= 200; i++) {
      flow.setLevel(BUY, MID - 100 - i, 1_000_000)
      flow.setLevel(SELL, MID + 100 + i, 1_000_000)
    }
    flow.commit()
  }
  stop(): void {}
}

const ACCOUNT_OPERATIONS = 20_000
const accountOperations = mix(ACCOUNT_OPERATIONS, 50, 400)

function accounts(): number {
  const time = new VirtualTime(1_700_000_000_000)
  const exchange = new Exchange({ clock: time, timers: time, markets: [new Still()], ledger: new VolatileLedger(), startingBalance: '1000000000', defaultLeverage: '10' })
  exchange.listen({ onOrder: () => {}, onExecution: () => {} })
  exchange.start()
  const rate = timed(ACCOUNT_OPERATIONS, () => {
    for (const { kind, id, side, ticks, lots } of accountOperations) {
      // Makers and takers are different accounts: self-trade prevention would empty the book.
      if (kind === 'cancel') exchange.cancel('maker', 'AAAUSDT', { clientId: id })
      else exchange.place(kind === 'limit' ? 'maker' : 'taker', { symbol: 'AAAUSDT', clientId: id, side, type: kind, priceTicks: kind === 'limit' ? ticks : null, lots, timeInForce: kind === 'limit' ? 'GTC' : 'IOC', reduceOnly: false, closeOnTrigger: false })
    }
  })
  exchange.stop()
  return rate
}

const FLOW = 1_000_000

/** Market flow with a drifting mid: 95 % level updates near the touch, 5 % aggressive orders. */
function marketFlow(): number {
  const random = new Random(3)
  const distance = new Int16Array(4096).map(() => Math.floor(random.exponential(20)))
  const lots = new Float64Array(4096).map(() => (random.chance(0.28) ? 0 : 1 + random.below(1000)))
  const book = new CoreDesk().book
  let mid = MID
  return timed(FLOW, () => {
    for (let i = 0; i < FLOW; i++) {
      const at = i & 4095
      if (at % 64 === 0) mid += (i >> 12) % 3 === 0 ? -1 : 1
      const side: Side = (i & 1) as Side
      if (i % 20 === 0) book.take(side, side === BUY ? mid + 10 : mid - 10, 500)
      else book.setLevel(side, side === BUY ? mid - 1 - distance[at] : mid + 1 + distance[at], lots[at])
    }
  })
}

const capture = join(process.env['RINGMASTER_DATA'] ?? '../shared/data', 'l2_binance_raw', 'binance_usdm_btcusdt_20240808.raw.gz')

async function replay(): Promise<BenchCase[]> {
  if (!existsSync(capture)) {
    console.log('no recorded capture (RINGMASTER_DATA): its case is left out')
    return []
  }
  const [contract] = recordedContracts
  const tape = await loadTape([capture], contract)
  return [{
    name: 'recorded BTCUSDT capture through a whole exchange, virtual time',
    unit: 'events/s',
    better: 'higher',
    ours: {
      name: 'ringmaster',
      measure: () => {
        const time = new VirtualTime(1_700_000_000_000)
        const exchange = new Exchange({ clock: time, timers: time, markets: [new RecordedMarket(tape, { contract, speed: 1, loop: false })], ledger: new VolatileLedger(), startingBalance: '100000', defaultLeverage: '10' })
        exchange.start()
        const rate = timed(tape.length, () => time.runUntil(tape.durationNs + 1e9))
        exchange.stop()
        return rate
      },
    },
    goal: { atLeast: 1_000_000 },
  }]
}

await defineBench(
  'exchange matching',
  { rounds: 5 },
  // Ten times nodejs-order-book 10.1.1, which did 142 to 235 thousand on this mix (measured on the development machine).
  { name: 'matching core, 200k operations', unit: 'ops/s', better: 'higher', ours: { name: 'ringmaster', measure: core }, goal: { atLeast: 2_350_000 } },
  { name: 'orders with accounts, margin, fees, events', unit: 'ops/s', better: 'higher', ours: { name: 'ringmaster', measure: accounts }, goal: { atLeast: 20_000 } },
  { name: 'market flow, drifting mid', unit: 'events/s', better: 'higher', ours: { name: 'ringmaster', measure: marketFlow }, goal: { atLeast: 2_000_000 } },
  ...(await replay()),
).run()
