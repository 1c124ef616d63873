import type { WallMs } from '../../core/index.ts'
import type { Candle } from './candle.ts'

/** Candles of a longer interval. */
export interface CandleAggregate {
  /** Oldest first. */
  readonly closed: Candle[]
  readonly forming: Candle | null
}

/**
 * Puts candles together to those of a longer interval, aligned to it. A first one whose beginning is not held is left out.
 * @param parts oldest first, without a hole, the forming one last
 * @param closedUntilMs end of the newest part that is closed, -1 when none is
 */
export function aggregateCandles(parts: readonly Candle[], intervalMs: number, closedUntilMs: WallMs): CandleAggregate {
  const closed: Candle[] = []
  for (const part of parts) {
    const start = part.startMs - (part.startMs % intervalMs)
    const bucket = closed.at(-1)
    if (bucket === undefined || bucket.startMs !== start) {
      if (bucket === undefined && part.startMs !== start) continue
      closed.push({ ...part, startMs: start })
      continue
    }
    bucket.highTicks = Math.max(bucket.highTicks, part.highTicks)
    bucket.lowTicks = Math.min(bucket.lowTicks, part.lowTicks)
    bucket.closeTicks = part.closeTicks
    bucket.lots += part.lots
    bucket.source = Math.max(bucket.source, part.source)
  }
  const tail = closed.at(-1)
  const forming = tail !== undefined && tail.startMs + intervalMs > closedUntilMs ? closed.pop()! : null
  return { closed, forming }
}
