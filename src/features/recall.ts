import { PastReader, Ring, TICK, TICK_BOOK, TICK_CANDLE, TICK_GAP, TICK_LEVELS, TICK_REFRESH, TICK_TRADE, type View } from '../memory/index.ts'
import { BOOK_LOST, type BookMessages } from './book-messages.ts'
import type { FeaturePipeline } from './pipeline.ts'

/** Length of the candles in the tick records. */
export const CANDLE_MS = 60_000

/**
 * Takes the ticks before `before`, as far as they are still in their ring: they make the same state as they did in the life
 * before, but for what only an older snapshot knew. @returns how many were taken
 */
export function recallTicks(ticks: SharedArrayBuffer, before: number, messages: BookMessages, pipeline: FeaturePipeline): number {
  const past = new PastReader(Ring.attach(ticks, TICK.byteLength))
  const copy = new SharedArrayBuffer(TICK.byteLength)
  const words = new Int32Array(copy)
  const tick = TICK.view(copy)
  const from = past.oldest
  let read = 0
  for (let sequence = from; sequence < before; sequence++) {
    if (past.read(sequence, words)) {
      read++
      recall(tick, messages, pipeline)
      continue
    }
    // The writer came over it while we read: with it went all that is older, and what was made of that has a hole.
    read = 0
    messages.drop()
    pipeline.resetBook()
    pipeline.resetCandles()
  }
  return read
}

function recall(tick: View<typeof TICK.fields>, messages: BookMessages, pipeline: FeaturePipeline): void {
  switch (tick.kind) {
    case TICK_LEVELS:
      messages.collect(tick)
      break
    case TICK_BOOK:
      if (messages.take(tick) === BOOK_LOST) pipeline.onGap()
      break
    case TICK_TRADE:
      pipeline.takeTrade(tick)
      break
    case TICK_CANDLE:
      // With a hole they begin anew, and all of them are told again soon.
      pipeline.onClosed(tick.candleStartMs, tick.candleOpenTicks, tick.candleHighTicks, tick.candleLowTicks, tick.candleCloseTicks, tick.candleLots, CANDLE_MS)
      break
    case TICK_REFRESH:
      pipeline.resetCandles()
      break
    case TICK_GAP:
      pipeline.onGap()
      messages.drop()
      break
  }
}
