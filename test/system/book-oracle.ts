import { BUY, limits, SELL, type Instrument, type Nanos, type Side } from '../../src/core/index.ts'
import type { ExchangeOrder } from '../../src/exchange/index.ts'
import { DECISION, FEATURE_VECTOR, TICK, TICK_GAP, TICK_LEVELS, VECTOR_FEATURES, type View } from '../../src/memory/index.ts'
import type { VirtualEngine } from '../../workers/virtual-engine.ts'

/** Levels that are compared: as many as a tick record carries. */
const LEVELS = limits.tickLevels
/** An order may rest on a price of at most this age, by the freshness limit and the way to the exchange. */
const ORDER_PRICE_NS = 1.1e9
/** Farther than this from every true price of that time, no order of the default settings is. */
const ORDER_DISTANCE = 0.002
const WRONG_MAX = 20

/** The exchange's book as the front published it. */
interface TrueBook {
  /** Place in the order of publication. */
  readonly ordinal: number
  readonly bidTicks: Float64Array
  readonly bidLots: Float64Array
  readonly askTicks: Float64Array
  readonly askLots: Float64Array
}

interface ShownTick {
  readonly valid: boolean
  readonly right: boolean
  readonly bidTicks: number
  readonly askTicks: number
}

/** One break of a book, in virtual time and in time that the machine worked on it. */
export interface Resync {
  readonly symbol: string
  readonly gapNs: Nanos
  readonly validNs: Nanos
  readonly workMs: number
}

interface SymbolState {
  readonly instrument: Instrument
  readonly truth: Map<number, TrueBook[]>
  readonly ticks: Map<number, ShownTick>
  readonly prices: { readonly atNs: Nanos; readonly bidTicks: number; readonly askTicks: number }[]
  published: number
  lastOrdinal: number
  nextTick: number
  nextVector: number
  nextDecision: number
  gapNs: Nanos | null
  workMs: number
}

/**
 * Stands beside a running engine and knows every book that the exchange ever published, by its number. Whatever the
 * engine says or does with a book that it calls valid is compared with that: tick records, the current tick, feature
 * vectors, decisions, orders. `wrong` stays empty, or the engine used a book that never was.
 */
export class BookOracle {
  readonly wrong: string[] = []
  readonly resyncs: Resync[] = []
  readonly checked = { published: 0, ticks: 0, cells: 0, vectors: 0, decisions: 0, orders: 0 }
  readonly #engine: VirtualEngine
  readonly #symbols: SymbolState[]
  readonly #byTopic = new Map<string, SymbolState>()
  readonly #ticks: View<typeof TICK.fields>[]
  readonly #vectors: View<typeof FEATURE_VECTOR.fields>[]
  readonly #decisions: View<typeof DECISION.fields>[]
  readonly #cells
  readonly #orders = new Set<string>()
  readonly #newTicks = new Float64Array(LEVELS)
  readonly #newLots = new Float64Array(LEVELS)

  constructor(engine: VirtualEngine) {
    this.#engine = engine
    const { memory, instruments, front } = engine
    this.#symbols = instruments.map((instrument) => ({
      instrument, truth: new Map(), ticks: new Map(), prices: [], published: 0, lastOrdinal: -1, nextTick: 0, nextVector: 0, nextDecision: 0, gapNs: null, workMs: 0,
    }))
    const { books } = front.faultNames(50)
    for (const state of this.#symbols) {
      const coin = state.instrument.symbol.replace('USDT', '')
      const topic = books.find((one) => one.endsWith(`.${coin}USDT`) || one.endsWith(`:${coin}-USDT-SWAP`))
      if (topic === undefined) throw new Error(`no book topic of ${state.instrument.symbol} among ${books.join(', ')}`)
      this.#byTopic.set(topic, state)
    }
    this.#ticks = memory.ticks.map((ring) => TICK.view(ring.buffer))
    this.#vectors = memory.vectors.map((ring) => FEATURE_VECTOR.view(ring.buffer))
    this.#decisions = memory.decisions.map((ring) => DECISION.view(ring.buffer))
    this.#cells = instruments.map((one) => memory.registry.readTick(one.index))
    front.faults.listenFrames((topic, frame) => {
      const state = this.#byTopic.get(topic)
      if (state !== undefined) this.#publish(state, frame)
    })
    engine.exchange.listen({ onOrder: (order) => this.#order(order) })
  }

  /** Runs the engine to a virtual time and looks after every single event. */
  runUntil(untilNs: Nanos): void {
    const { time } = this.#engine
    while (time.nextNs <= untilNs) {
      const startedMs = performance.now()
      if (!time.step()) break
      const workMs = performance.now() - startedMs
      for (let i = 0; i < this.#symbols.length; i++) this.#look(i, workMs)
    }
    time.runUntil(untilNs)
  }

  /** True when the current tick of the symbol is valid and equals the best bid and ask of the exchange at this moment. */
  agrees(index: number): boolean {
    const { exchange } = this.#engine
    const cell = this.#cells[index]!
    const { symbol } = this.#symbols[index]!.instrument
    if (!cell.read() || cell.value.bookValid !== 1) return false
    const ticks = new Float64Array(1)
    const lots = new Float64Array(1)
    exchange.levels(symbol, BUY, 1, ticks, lots)
    if (cell.value.bidTicks !== ticks[0] || cell.value.bidLots !== lots[0]) return false
    exchange.levels(symbol, SELL, 1, ticks, lots)
    return cell.value.askTicks === ticks[0] && cell.value.askLots === lots[0]
  }

  /** Runs on until every symbol agreed with the exchange at some moment. @returns symbols that did not by `untilNs` */
  untilAllAgree(untilNs: Nanos): string[] {
    const open = new Set(this.#symbols.map((_state, index) => index))
    while (open.size > 0 && this.#engine.time.nowNs() < untilNs) {
      this.runUntil(this.#engine.time.nowNs() + 5e6)
      for (const index of open) if (this.agrees(index)) open.delete(index)
    }
    return [...open].map((index) => this.#symbols[index]!.instrument.symbol)
  }

  #publish(state: SymbolState, frame: string): void {
    const message = JSON.parse(frame) as Message
    const row: BybitRow | OkxRow = 'u' in message.data ? message.data : message.data[0]!
    const number = 'u' in row ? row.u : row.seqId
    const bids = 'u' in row ? row.b : row.bids
    const asks = 'u' in row ? row.a : row.asks
    if (bids.length === 0 && asks.length === 0) return
    const snapshot = (message.type ?? message.action) === 'snapshot'
    // A snapshot is read as it stands; behind a difference stands the exchange's own book of this moment.
    const book: TrueBook = { ordinal: state.published++, ...(snapshot ? this.#read(state, bids, asks) : this.#copy(state)) }
    this.checked.published++
    const known = state.truth.get(number)
    if (known === undefined) state.truth.set(number, [book])
    else known.push(book)
  }

  #copy({ instrument: { symbol } }: SymbolState): Omit<TrueBook, 'ordinal'> {
    const side = (which: Side): [Float64Array, Float64Array] => {
      this.#newTicks.fill(-1)
      this.#newLots.fill(0)
      this.#engine.exchange.levels(symbol, which, LEVELS, this.#newTicks, this.#newLots)
      return [this.#newTicks.slice(), this.#newLots.slice()]
    }
    const [bidTicks, bidLots] = side(BUY)
    const [askTicks, askLots] = side(SELL)
    return { bidTicks, bidLots, askTicks, askLots }
  }

  #read({ instrument }: SymbolState, bids: readonly Level[], asks: readonly Level[]): Omit<TrueBook, 'ordinal'> {
    const { front } = this.#engine
    const lot = 'listings' in front ? front.listings.bySymbol(instrument.symbol).lotSz.value : instrument.lot.value
    const side = (levels: readonly Level[]): [Float64Array, Float64Array] => {
      const ticks = new Float64Array(LEVELS).fill(-1)
      const lots = new Float64Array(LEVELS)
      levels.slice(0, LEVELS).forEach(([price, size], i) => {
        ticks[i] = Math.round(Number(price) / instrument.tick.value)
        lots[i] = Math.round(Number(size) / lot)
      })
      return [ticks, lots]
    }
    const [bidTicks, bidLots] = side(bids)
    const [askTicks, askLots] = side(asks)
    return { bidTicks, bidLots, askTicks, askLots }
  }

  #look(index: number, workMs: number): void {
    const state = this.#symbols[index]!
    const { ticks, vectors, decisions } = this.#engine.memory
    if (state.gapNs !== null) state.workMs += workMs
    for (const ring = ticks[index]!; state.nextTick < ring.published; state.nextTick++) this.#tick(state, this.#ticks[index]!.at(ring.slotAt(state.nextTick)))
    for (const ring = vectors[index]!; state.nextVector < ring.published; state.nextVector++) this.#vector(state, this.#vectors[index]!.at(ring.slotAt(state.nextVector)))
    for (const ring = decisions[index]!; state.nextDecision < ring.published; state.nextDecision++) this.#decision(state, this.#decisions[index]!.at(ring.slotAt(state.nextDecision)))
    this.#cell(state, index)
  }

  #tick(state: SymbolState, tick: View<typeof TICK.fields>): void {
    // Changed levels stand where the best ones do in other records; they take effect with the record behind them.
    if (tick.kind === TICK_LEVELS) return
    const valid = tick.bookValid === 1
    const at = tick.f64
    let right = false
    if (tick.kind === TICK_GAP) state.gapNs ??= this.#engine.time.nowNs()
    if (valid) {
      this.checked.ticks++
      const books = state.truth.get(tick.updateId) ?? []
      // Newest first: after a restart of the numbering an id stands for several books, and time does not go back.
      const book = books.findLast((one) => one.ordinal >= state.lastOrdinal && same(one.bidTicks, at, tick.bidTicks) && same(one.bidLots, at, tick.bidLots) && same(one.askTicks, at, tick.askTicks) && same(one.askLots, at, tick.askLots))
      right = book !== undefined
      if (book !== undefined) state.lastOrdinal = book.ordinal
      else this.#say(state, `tick ${tick.sequence} (kind ${tick.kind}) shows a book of update ${tick.updateId} that was never published: ${describe(at, tick)}; published under that number: ${books.map((one) => `#${one.ordinal} ${one.bidTicks[0]}/${one.askTicks[0]}`).join(', ') || 'none'}`)
      if (state.gapNs !== null) {
        this.resyncs.push({ symbol: state.instrument.symbol, gapNs: state.gapNs, validNs: this.#engine.time.nowNs(), workMs: state.workMs })
        state.gapNs = null
        state.workMs = 0
      }
    }
    state.ticks.set(tick.sequence, { valid, right, bidTicks: at[tick.bidTicks]!, askTicks: at[tick.askTicks]! })
  }

  #vector(state: SymbolState, vector: View<typeof FEATURE_VECTOR.fields>): void {
    if (vector.kind !== VECTOR_FEATURES) return
    this.checked.vectors++
    this.#source(state, `vector ${vector.sequence}`, vector.tickSequence, vector.bidTicks, vector.askTicks)
  }

  #decision(state: SymbolState, decision: View<typeof DECISION.fields>): void {
    this.checked.decisions++
    this.#source(state, `decision ${decision.sequence}`, decision.tickSequence, decision.bidTicks, decision.askTicks)
  }

  #source(state: SymbolState, what: string, tickSequence: number, bidTicks: number, askTicks: number): void {
    const tick = state.ticks.get(tickSequence)
    if (tick === undefined || !tick.valid || !tick.right || tick.bidTicks !== bidTicks || tick.askTicks !== askTicks)
      this.#say(state, `${what} rests on tick ${tickSequence} with ${bidTicks}/${askTicks}, which is ${tick === undefined ? 'unknown' : `${tick.valid ? 'valid' : 'invalid'}, ${tick.right ? 'right' : 'wrong'}, ${tick.bidTicks}/${tick.askTicks}`}`)
  }

  #cell(state: SymbolState, index: number): void {
    const cell = this.#cells[index]!
    if (!cell.read() || cell.value.bookValid !== 1) return
    const { bidTicks, bidLots, askTicks, askLots, updateId } = cell.value
    const nowNs = this.#engine.time.nowNs()
    const last = state.prices.at(-1)
    if (last?.bidTicks !== bidTicks || last.askTicks !== askTicks || last.atNs < nowNs - 1e8) {
      state.prices.push({ atNs: nowNs, bidTicks, askTicks })
      while (state.prices.length > 1 && state.prices[1]!.atNs < nowNs - ORDER_PRICE_NS) state.prices.shift()
    }
    this.checked.cells++
    const books = state.truth.get(updateId) ?? []
    const right = books.some((one) => one.bidTicks[0] === bidTicks && one.bidLots[0] === bidLots && one.askTicks[0] === askTicks && one.askLots[0] === askLots)
    if (!right) this.#say(state, `current tick shows ${bidTicks}×${bidLots}/${askTicks}×${askLots} for update ${updateId}, which was never published`)
  }

  #order(order: ExchangeOrder): void {
    if (this.#orders.has(order.orderId)) return
    this.#orders.add(order.orderId)
    // Those of the exchange's own hand have no name.
    if (order.clientId === '' || order.priceTicks === null) return
    const state = this.#symbols.find(({ instrument }) => instrument.symbol === order.symbol)!
    this.checked.orders++
    const price = order.priceTicks
    const nowNs = this.#engine.time.nowNs()
    const near = state.prices.some((one, i) => (state.prices[i + 1]?.atNs ?? nowNs) >= nowNs - ORDER_PRICE_NS && Math.min(Math.abs(one.bidTicks - price), Math.abs(one.askTicks - price)) <= ORDER_DISTANCE * price)
    if (!near) this.#say(state, `order ${order.clientId} at ${price} is near no price of the last ${ORDER_PRICE_NS / 1e6} ms: ${state.prices.map((one) => `${one.bidTicks}/${one.askTicks}`).join(' ')}`)
  }

  #say(state: SymbolState, what: string): void {
    if (this.wrong.length < WRONG_MAX) this.wrong.push(`${state.instrument.symbol} at ${(this.#engine.time.nowNs() / 1e9).toFixed(3)} s: ${what}`)
  }
}

type Level = readonly [price: string, size: string]
type BybitRow = { readonly u: number; readonly b: readonly Level[]; readonly a: readonly Level[] }
type OkxRow = { readonly seqId: number; readonly bids: readonly Level[]; readonly asks: readonly Level[] }
interface Message {
  readonly type?: string
  readonly action?: string
  readonly data: BybitRow | readonly OkxRow[]
}

function same(book: Float64Array, record: Float64Array, from: number): boolean {
  for (let i = 0; i < LEVELS; i++) if (book[i] !== record[from + i]) return false
  return true
}

const describe = (at: Float64Array, tick: View<typeof TICK.fields>): string => `${at[tick.bidTicks]}×${at[tick.bidLots]}/${at[tick.askTicks]}×${at[tick.askLots]}`
