import type { CandleEvent } from './events.ts'
import type { LineReader } from './line-reader.ts'
import { NO_STAMP, readEpochDigits } from './stamp.ts'

const MINUTE_MS = 60_000

/** Reads the rows of one table; the header line was looked at before. */
export type RowReader = (cells: readonly string[]) => void

interface Table {
  readonly format: string
  readonly header: string
  readonly reader: (at: LineReader, symbol: string) => RowReader
}

/** Tables that name their columns in the first line. */
export const tables: readonly Table[] = [
  { format: 'trades CSV', header: 'ts_ms,price,qty,side,trade_id', reader: trades },
  { format: 'tardis trades CSV', header: 'exchange,symbol,timestamp,local_timestamp,id,side,price,amount', reader: tardisTrades },
  { format: 'tardis quotes CSV', header: 'exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount', reader: tardisQuotes },
  { format: 'candles CSV', header: 'ts_ms,open,high,low,close,volume', reader: (at, symbol) => candles(at, symbol, 'trades') },
  { format: 'mark price CSV', header: 'ts_ms,open,high,low,close', reader: (at, symbol) => candles(at, symbol, 'mark') },
  { format: 'funding CSV', header: 'ts_ms,funding_rate', reader: funding },
]

function trades(at: LineReader, symbol: string): RowReader {
  return (cells) => {
    const [time, price, size, side, id] = need(at, cells, 5) as [string, string, string, string, string]
    const number = whole(at, id, 'trade_id')
    at.stamp = NO_STAMP
    at.sink({ kind: 'trade', price: decimal(at, price, 'price'), size: decimal(at, size, 'qty'), side: at.side(side), id, firstNumber: number, lastNumber: number, aggregate: false, history: false, ...at.at(symbol, whole(at, time, 'ts_ms')) })
  }
}

function tardisTrades(at: LineReader): RowReader {
  return (cells) => {
    const [, symbol, time, local, id, side, price, size] = need(at, cells, 8) as [string, string, string, string, string, string, string, string]
    const number = whole(at, id, 'id')
    receivedUs(at, local)
    at.sink({ kind: 'trade', price: decimal(at, price, 'price'), size: decimal(at, size, 'amount'), side: at.side(side), id, firstNumber: number, lastNumber: number, aggregate: false, history: false, ...at.at(symbol, whole(at, time, 'timestamp') / 1000) })
  }
}

/** The asks stand first. */
function tardisQuotes(at: LineReader): RowReader {
  return (cells) => {
    const [, symbol, time, local, askSize, askPrice, bidPrice, bidSize] = need(at, cells, 8) as [string, string, string, string, string, string, string, string]
    receivedUs(at, local)
    at.sink({
      kind: 'quote', bidPrice: decimal(at, bidPrice, 'bid_price'), bidSize: decimal(at, bidSize, 'bid_amount'), askPrice: decimal(at, askPrice, 'ask_price'), askSize: decimal(at, askSize, 'ask_amount'), updateId: -1,
      ...at.at(symbol, whole(at, time, 'timestamp') / 1000),
    })
  }
}

/** The interval is the distance of the first two bars; a file does not name it. */
function candles(at: LineReader, symbol: string, of: CandleEvent['of']): RowReader {
  let last = Number.NaN
  let intervalMs = Number.NaN
  return (cells) => {
    const [time, open, high, low, close, volume = ''] = need(at, cells, of === 'trades' ? 6 : 5) as [string, string, string, string, string, string?]
    const openMs = whole(at, time, 'ts_ms')
    if (Number.isNaN(intervalMs)) intervalMs = openMs - last
    last = openMs
    candle(at, symbol, of, openMs, intervalMs, [open, high, low, close], of === 'trades' ? decimal(at, volume, 'volume') : '', false)
  }
}

function funding(at: LineReader, symbol: string): RowReader {
  const emit = fundingRow(at, symbol)
  return (cells) => {
    const [time, rate] = need(at, cells, 2) as [string, string]
    emit(whole(at, time, 'ts_ms'), rate)
  }
}

/** Settlements of one symbol; each says how long the interval before it was. */
export function fundingRow(at: LineReader, symbol: string): (timeMs: number, rate: string) => void {
  let last = Number.NaN
  return (timeMs, rate) => {
    const settleMs = Math.round(timeMs / MINUTE_MS) * MINUTE_MS
    const intervalMs = settleMs - last
    if (intervalMs <= 0) at.bad(`funding at ${settleMs} does not come after ${last}`)
    last = settleMs
    at.stamp = NO_STAMP
    at.sink({ kind: 'funding', rate: decimal(at, rate, 'funding rate'), settleMs, intervalMs, ...at.at(symbol, timeMs) })
  }
}

/** Emits one bar. @throws RM_CAPTURE_LINE when high and low do not enclose open and close */
export function candle(at: LineReader, symbol: string, of: CandleEvent['of'], openMs: number, intervalMs: number, prices: readonly string[], volume: string, sparse: boolean): void {
  const [open, high, low, close] = prices.map((price, i) => decimal(at, price, ['open', 'high', 'low', 'close'][i]!)) as [string, string, string, string]
  const [o, h, l, c] = [Number(open), Number(high), Number(low), Number(close)]
  if (h < Math.max(o, c) || l > Math.min(o, c)) at.bad(`high ${high} and low ${low} do not enclose open ${open} and close ${close}`)
  at.stamp = NO_STAMP
  at.sink({ kind: 'candle', of, openMs, intervalMs, open, high, low, close, volume, closed: true, sparse, ...at.at(symbol, openMs) })
}

export function need(at: LineReader, cells: readonly string[], count: number): readonly string[] {
  return cells.length === count ? cells : at.bad(`${cells.length} columns and should have ${count}`)
}

export function whole(at: LineReader, text: string, name: string): number {
  const value = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : at.bad(`${name} "${text}" is no whole number`)
}

function decimal(at: LineReader, text: string, name: string): string {
  return /^-?\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(text) ? text : at.bad(`${name} "${text}" is no number`)
}

function receivedUs(at: LineReader, text: string): void {
  at.stamp = readEpochDigits(text) ?? at.bad(`local_timestamp "${text}" has neither 16 nor 19 digits`)
}
