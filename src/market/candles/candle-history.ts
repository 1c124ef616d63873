import type { WallMs } from '../../core/index.ts'
import type { Kline } from '../../venues/index.ts'
import type { Candle } from './candle.ts'
import { candleOf } from './kline-candle.ts'

/**
 * Closed candles with the venue's own in their places: its klines replace what is held, older ones come before it. There
 * may be holes between them.
 * @param nextStartMs start of the first interval that is not closed here, -1 while nothing is known; klines from there
 *   on are left out
 * @returns ascending by start
 */
export function mergeHistory(held: readonly Candle[], klines: readonly Kline[], nextStartMs: WallMs): Candle[] {
  const known = new Map<WallMs, Candle>()
  for (const candle of held) known.set(candle.startMs, candle)
  for (const kline of klines) if (kline.closed && (nextStartMs < 0 || kline.startMs < nextStartMs)) known.set(kline.startMs, candleOf(kline))
  return [...known.values()].sort((a, b) => a.startMs - b.startMs)
}
