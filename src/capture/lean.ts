import type { LineReader } from './line-reader.ts'
import { candle, fundingRow, need, type RowReader, whole } from './tables.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/**
 * Minute bars of the Lean engine, without a header: `ms since midnight UTC,open,high,low,close,volume`, or with a bid and an
 * ask bar (`…,bid OHLC,bid size,ask OHLC,ask size`), of which the middle is told. Day and symbol stand in the file's name only.
 * Minutes without a change of quote are left out of quote bars.
 */
export function leanBars(at: LineReader, symbol: string, dayMs: number, columns: number): RowReader {
  const quotes = columns === 11
  return (cells) => {
    need(at, cells, columns)
    const sinceMidnightMs = whole(at, cells[0]!, 'time')
    if (sinceMidnightMs >= DAY_MS) at.bad(`${sinceMidnightMs} ms is not within a day`)
    const openMs = dayMs + sinceMidnightMs
    if (!quotes) {
      candle(at, symbol, 'trades', openMs, MINUTE_MS, cells.slice(1, 5), cells[5]!, false)
      return
    }
    const [bidClose, askClose] = [Number(cells[4]), Number(cells[9])]
    if (!(bidClose < askClose)) at.bad(`bid ${cells[4]} is not below ask ${cells[9]}`)
    candle(at, symbol, 'quotes', openMs, MINUTE_MS, [1, 2, 3, 4].map((i) => middle(cells[i]!, cells[i + 5]!)), '', true)
    at.sink({ kind: 'quote', bidPrice: cells[4]!, bidSize: cells[5]!, askPrice: cells[9]!, askSize: cells[10]!, updateId: -1, ...at.at(symbol, openMs + MINUTE_MS) })
  }
}

/** `yyyyMMdd HH:mm:ss,rate`. */
export function leanFunding(at: LineReader, symbol: string): RowReader {
  const emit = fundingRow(at, symbol)
  return (cells) => {
    need(at, cells, 2)
    const time = /^(\d{4})(\d\d)(\d\d) (\d\d:\d\d:\d\d)$/.exec(cells[0]!)
    if (time === null) at.bad(`time "${cells[0]}" is not of the form yyyyMMdd HH:mm:ss`)
    emit(Date.parse(`${time[1]}-${time[2]}-${time[3]}T${time[4]}Z`), cells[1]!)
  }
}

/** Exact middle of two decimals, with the digits it takes. */
function middle(bid: string, ask: string): string {
  const digits = (text: string): number => (text.includes('.') ? text.length - text.indexOf('.') - 1 : 0)
  return ((Number(bid) + Number(ask)) / 2).toFixed(Math.max(digits(bid), digits(ask)) + 1)
}
