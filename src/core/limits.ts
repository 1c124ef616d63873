import { assert } from './errors/index.ts'

/** Every bound of the engine in one place. Sizes that must relate are asserted below, at load. */
export const limits = {
  /** Active symbols of one engine. */
  symbolsMax: 128,
  /** Slots of the tick ring of one symbol. */
  tickRingSlots: 4096,
  /** Slots of the feature ring of one symbol. */
  featureRingSlots: 1024,
  /** Slots of the decision ring of one symbol. */
  decisionRingSlots: 256,
  /** Consumers that a ring has room for. */
  ringConsumersMax: 8,
  /** Book levels of a side that travel in every tick record. */
  tickLevels: 10,
  /** Book levels of a side that a book holds at most. */
  bookLevelsMax: 1000,
  /** Records that one actor may handle before its thread looks at sockets and timers again. */
  drainBudget: 512,
  /** Bytes of one WebSocket frame that is still looked at. */
  frameBytesMax: 4 * 1024 * 1024,
  /** Trades of one frame (the venue's own bound). */
  tradesPerFrameMax: 1024,
  /** Candles held per symbol and interval. */
  candlesMax: 200,
  /** Period of the heartbeat word of a thread, ms. */
  heartbeatMs: 50,
  /** Silence after which a thread counts as hung, ms: three beats of 100 ms. */
  hangMs: 300,
} as const

assert(limits.tradesPerFrameMax <= limits.tickRingSlots / 4, 'a frame of trades fits in a quarter of the tick ring')
assert(limits.tickLevels <= limits.bookLevelsMax, 'tick levels are part of the book')
assert((limits.tickRingSlots & (limits.tickRingSlots - 1)) === 0, 'tick ring is a power of two')
assert(limits.hangMs >= 3 * limits.heartbeatMs, 'a hang is at least three missed beats')
