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

/** Entries and exits of a pair: closed trades and the open position, by time. */
export function tradeMarks(palette: Palette, trades: readonly TradeRow[], positions: readonly Opened[]): Mark[] {
  const marks: Mark[] = []
  for (const { side, openedMs, closedMs, net } of trades) {
    if (side !== null) marks.push(entryMark(palette, side, openedMs))
    marks.push({ time: barOf(closedMs), position: side === 'short' ? 'belowBar' : 'aboveBar', shape: 'circle', size: 0.7, color: net.startsWith('-') ? palette.down : palette.up, text: gain(net) })
  }
  for (const { side, openedMs } of positions) marks.push(entryMark(palette, side, openedMs))
  return marks.sort(byTime)
}

/** Fills of an order, at their prices. */
export function fillMarks(palette: Palette, fills: readonly FillRow[]): Mark[] {
  return fills.map(({ atMs, side, price, size }): Mark => ({ time: barOf(atMs), position: side === 'buy' ? 'atPriceBottom' : 'atPriceTop', price: Number(price), shape: side === 'buy' ? 'arrowUp' : 'arrowDown', color: side === 'buy' ? palette.up : palette.down, text: `${side} ${size}` })).sort(byTime)
}

const entryMark = (palette: Palette, side: 'long' | 'short', openedMs: number): Mark => ({
  time: barOf(openedMs),
  position: side === 'long' ? 'belowBar' : 'aboveBar',
  shape: side === 'long' ? 'arrowUp' : 'arrowDown',
  color: palette.accent,
  text: side,
})

const byTime = (a: Mark, b: Mark): number => a.time - b.time
