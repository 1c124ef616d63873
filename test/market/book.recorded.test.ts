import { describe, expect, it } from 'vitest'
import { BUY, DecimalStep, SELL } from '../../src/core/index.ts'
import { BOOK_OK, OrderBook } from '../../src/market/index.ts'
import { type Level, PlainSide, present, readLines, update } from './book-oracle.ts'

const needs = (file: string): string => (present(file) ? '' : ' (needs recorded data: RINGMASTER_DATA)')

function expectSame(book: OrderBook, bids: PlainSide, asks: PlainSide): void {
  const ticks = new Float64Array(8191)
  const lots = new Float64Array(8191)
  for (const [side, plain] of [[BUY, bids], [SELL, asks]] as const) {
    const count = book.copyTop(side, 8191, ticks, lots)
    const sorted = plain.sorted()
    expect(count).toBe(sorted.length)
    let wrong = -1
    sorted.forEach((level, i) => {
      if (wrong < 0 && (ticks[i] !== level[0] || lots[i] !== level[1])) wrong = i
    })
    expect(wrong).toBe(-1)
    expect(book.totalLots(side)).toBe(plain.total())
  }
}

const XRP = 'ws_bybit_v5/2024-12-01_XRPUSDT_ob500.data.gz'
describe.skipIf(!present(XRP))(`a recorded Bybit orderbook.500${needs(XRP)}`, () => {
  it('is the same book after each of its messages as in plain arrays, never crossed, always 500 deep', () => {
    const tick = new DecimalStep('0.0001')
    const lot = new DecimalStep('1')
    const book = OrderBook.create()
    const bids = new PlainSide(true)
    const asks = new PlainSide(false)
    let messages = 0
    for (const line of readLines(XRP)) {
      const message = JSON.parse(line) as { type: string; data: { u: number; b: [string, string][]; a: [string, string][] } }
      const levels = (raw: [string, string][]): Level[] => raw.map(([p, q]) => [tick.parse(p), lot.parse(q)] as const)
      const [b, a] = [levels(message.data.b), levels(message.data.a)]
      expect(book.apply(update(message.type === 'snapshot', b, a, message.data.u))).toBe(BOOK_OK)
      for (const [ticks, lots] of b) bids.set(ticks, lots)
      for (const [ticks, lots] of a) asks.set(ticks, lots)
      expectSame(book, bids, asks)
      expect([book.levels(BUY), book.levels(SELL)]).toEqual([500, 500])
      messages++
    }
    expect(messages).toBe(50)
  })
})

interface Depth {
  readonly U: number
  readonly u: number
  readonly b: [string, string][]
  readonly a: [string, string][]
}

/** Replays a Binance capture from its snapshot line on; both books are compared every `each` messages. */
function replay(file: string, tickText: string, lotText: string, each: number): { messages: number; moved: number } {
  const tick = new DecimalStep(tickText)
  const lot = new DecimalStep(lotText)
  const levels = (raw: [string, string][]): Level[] => raw.map(([p, q]) => [tick.parse(p), lot.parse(q)] as const)
  const book = OrderBook.create({ capacity: 8191, windowTicks: 1024 })
  const bids = new PlainSide(true)
  const asks = new PlainSide(false)
  const waiting: Depth[] = []
  let last = -1
  let messages = 0
  let moved = 0
  const take = (snapshot: boolean, id: number, b: Level[], a: Level[]): void => {
    const bestBid = book.bestBid
    expect(book.apply(update(snapshot, b, a, id))).toBe(BOOK_OK)
    if (book.bestBid !== bestBid) moved++
    for (const [ticks, lots] of b) bids.set(ticks, lots)
    for (const [ticks, lots] of a) asks.set(ticks, lots)
    last = id
    if (++messages % each === 0) expectSame(book, bids, asks)
  }
  for (const line of readLines(file)) {
    const at = line.indexOf(' ')
    const depth = line.includes('"depthUpdate"')
    if (!depth && !line.startsWith('{"lastUpdateId"', at + 1)) continue
    const json = JSON.parse(line.slice(at + 1)) as { data: Depth } & { lastUpdateId: number; bids: [string, string][]; asks: [string, string][] }
    if (!depth) {
      take(true, json.lastUpdateId, levels(json.bids), levels(json.asks))
      for (const d of waiting) if (d.u > json.lastUpdateId) take(false, d.u, levels(d.b), levels(d.a))
    } else if (last < 0) waiting.push(json.data)
    else if (json.data.u > last) take(false, json.data.u, levels(json.data.b), levels(json.data.a))
  }
  expectSame(book, bids, asks)
  return { messages, moved }
}

const NEXO = 'l2_binance_raw/binance_spot_nexousdt_20240723.raw.gz'
const BTC = 'l2_binance_raw/binance_usdm_btcusdt_20230404.raw.gz'
describe.skipIf(!present(NEXO, BTC))(`recorded Binance depth streams${needs(NEXO)}`, () => {
  it('give the same book as plain arrays over twenty illiquid minutes, far levels included', () => {
    const { messages, moved } = replay(NEXO, '0.001', '0.01', 20)
    expect(messages).toBeGreaterThan(1100)
    expect(moved).toBeGreaterThan(20)
  })

  it('give the same book as plain arrays over a burst of BTCUSDT updates', () => {
    const { messages, moved } = replay(BTC, '0.1', '0.001', 100)
    expect(messages).toBeGreaterThan(4000)
    expect(moved).toBeGreaterThan(50)
  })
})
