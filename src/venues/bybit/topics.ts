import { fail, type Instrument } from '../../core/index.ts'
import { intervalMsOf } from './intervals.ts'
import type { BybitSettings } from './settings.ts'

/** Topics that are asked for in one frame. The venue refuses a frame whole for one bad topic. */
export interface TopicGroup {
  readonly topics: readonly string[]
  /** The feed is live without it. */
  readonly optional: boolean
}

export const bookTopicOf = (instrument: Instrument, settings: BybitSettings): string => `orderbook.${settings.bookDepth}.${instrument.symbol}`

/**
 * What a feed subscribes: the book by itself, trades and ticker, then each topic that can be missed in a frame of its
 * own, so that no spelling of a candle costs the book.
 * @throws RM_VENUE_SETTING for a candle interval that the venue does not have
 */
export function topicGroups(instrument: Instrument, settings: BybitSettings): readonly TopicGroup[] {
  const { symbol } = instrument
  for (const name of settings.klineIntervals) if (intervalMsOf(name) === null) fail('RM_VENUE_SETTING', { name: 'klineIntervals', actual: name, expected: 'intervals of the venue' })
  const optional = settings.klineIntervals.map((name) => `kline.${name}.${symbol}`)
  if (settings.liquidations) optional.push(`allLiquidation.${symbol}`)
  if (settings.priceLimits) optional.push(`priceLimit.${symbol}`)
  return [
    { topics: [bookTopicOf(instrument, settings)], optional: false },
    { topics: [`publicTrade.${symbol}`, `tickers.${symbol}`], optional: false },
    ...optional.map((topic) => ({ topics: [topic], optional: true })),
  ]
}
