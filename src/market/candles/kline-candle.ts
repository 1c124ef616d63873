import { fail } from '../../core/index.ts'
import type { Kline } from '../../venues/index.ts'
import { type Candle, CANDLE_VENUE } from './candle.ts'

/** A kline of the venue as a candle, whether it is closed or not. */
export const candleOf = (kline: Kline): Candle => ({
  startMs: kline.startMs,
  openTicks: kline.openTicks,
  highTicks: kline.highTicks,
  lowTicks: kline.lowTicks,
  closeTicks: kline.closeTicks,
  lots: kline.lots,
  source: CANDLE_VENUE,
})

/** @throws RM_CANDLE_INPUT for a kline of another interval, off its grid, or whose numbers contradict each other. */
export function checkKline(kline: Kline, intervalMs: number): void {
  const bad = (what: string, actual: unknown): never => fail('RM_CANDLE_INPUT', { intervalMs, what, actual })
  if (kline.intervalMs !== intervalMs) bad('interval of a kline', kline.intervalMs)
  if (!(kline.startMs > 0) || kline.startMs % intervalMs !== 0) bad('start of a kline', kline.startMs)
  const { openTicks, highTicks, lowTicks, closeTicks, lots } = kline
  if (!(lowTicks > 0 && lowTicks <= openTicks && lowTicks <= closeTicks && highTicks >= openTicks && highTicks >= closeTicks && Number.isFinite(highTicks)))
    bad('kline of open, high, low, close', `${openTicks}, ${highTicks}, ${lowTicks}, ${closeTicks}`)
  if (!(lots >= 0 && Number.isFinite(lots))) bad('volume of a kline', lots)
}
