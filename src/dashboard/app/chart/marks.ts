import type { SeriesMarker, UTCTimestamp } from 'lightweight-charts'
import type { FillRow, PositionRow, TradeRow } from '../../../api/contract/index.ts'
import { gain } from '../format/index.ts'
import type { Palette } from './palette.ts'

export const CANDLE_MS = 300_000

/** Start of the candle that a moment lies in, in seconds, as the chart library counts. */
export const barOf = (ms: number): UTCTimestamp => (Math.floor(ms / CANDLE_MS) * (CANDLE_MS / 1000)) as UTCTimestamp

/** What is marked of an open position. */
export type Opened = Pick<PositionRow, 'side' | 'openedMs'>

type Mark = SeriesMarker<UTCTimestamp>

/** Entries and exits of a pair, by candle: closed trades and the open position. */
export function tradeMarks(palette: Palette, trades: readonly TradeRow[], positions: readonly Opened[]): Mark[] {
  const entries = [...trades, ...positions].flatMap(({ side, openedMs }) => (side === null ? [] : [{ side, bar: barOf(openedMs) }]))
  const marks = [...Map.groupBy(entries, ({ side, bar }) => `${side} ${bar}`).values()].map((list) => entryMark(palette, list[0]!.side, list[0]!.bar, list.length))
  // One after the other they would cover the candles: those of one candle are told together.
  for (const list of Map.groupBy(trades, ({ side, closedMs }) => `${side} ${barOf(closedMs)}`).values()) {
    const [{ side, closedMs, net }] = list as [TradeRow]
    const lost = list.filter((trade) => trade.net.startsWith('-')).length
    const text = list.length === 1 ? gain(net) : `${list.length} closed`
    marks.push({ time: barOf(closedMs), position: side === 'short' ? 'belowBar' : 'aboveBar', shape: 'circle', size: 0.7, color: 2 * lost > list.length ? palette.down : palette.up, text })
  }
  return marks.sort(byTime)
}

/** Fills of an order, at their prices. */
export function fillMarks(palette: Palette, fills: readonly FillRow[]): Mark[] {
  return fills.map(({ atMs, side, price, size }): Mark => ({ time: barOf(atMs), position: side === 'buy' ? 'atPriceBottom' : 'atPriceTop', price: Number(price), shape: side === 'buy' ? 'arrowUp' : 'arrowDown', color: side === 'buy' ? palette.up : palette.down, text: `${side} ${size}` })).sort(byTime)
}

const entryMark = (palette: Palette, side: 'long' | 'short', time: UTCTimestamp, count: number): Mark => ({
  time,
  position: side === 'long' ? 'belowBar' : 'aboveBar',
  shape: side === 'long' ? 'arrowUp' : 'arrowDown',
  color: palette.accent,
  text: count === 1 ? side : `${count} ${side}`,
})

const byTime = (a: Mark, b: Mark): number => a.time - b.time
