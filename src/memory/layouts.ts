import { limits } from '../core/index.ts'
import { VOTES_MAX } from './decision-words.ts'
import { defineLayout, field, fields } from './layout.ts'

/** What a record of the tick ring reports. */
export const TICK_BOOK = 1
export const TICK_TRADE = 2
export const TICK_CANDLE = 3
/** The book became invalid: nothing older may be used any more. */
export const TICK_GAP = 4
/**
 * Levels of a book message that is still to be completed: up to ten changed bids and asks in the places of the best levels,
 * `side` 1 when the message is a snapshot that begins with this record. The TICK_BOOK record that follows completes it.
 */
export const TICK_LEVELS = 5
/** All closed candles follow anew, oldest first: what was told of them before is void. */
export const TICK_REFRESH = 6

/**
 * One market event, ingest → features. It carries the top of the book *as of this event*, so that what is computed
 * from it never depends on which thread ran first.
 */
export const TICK = defineLayout('tick', {
  sequence: field('f64', 'events of this symbol since the ring was made'),
  venueTimeMs: field('f64', 'ms since 1970, venue clock, matching engine where given'),
  receiveNs: field('f64', 'ns of the run clock when the frame was read'),
  publishNs: field('f64', 'ns of the run clock when this record was published'),
  updateId: field('f64', "venue's update id of the book"),
  bidLotsTotal: field('f64', 'lots over all levels held'),
  askLotsTotal: field('f64', 'lots over all levels held'),
  priceTicks: field('f64', 'trade price, or close of the candle; 0 in book records'),
  lots: field('f64', 'trade size, or volume of the candle; 0 in book records'),
  bidTicks: fields('f64', limits.tickLevels, 'ticks, best first, -1 where there is no level'),
  bidLots: fields('f64', limits.tickLevels, 'lots, 0 where there is no level'),
  askTicks: fields('f64', limits.tickLevels, 'ticks, best first, -1 where there is no level'),
  askLots: fields('f64', limits.tickLevels, 'lots, 0 where there is no level'),
  candleStartMs: field('f64', 'ms since 1970: the forming candle, in candle records the closed one; -1 when there is none'),
  candleOpenTicks: field('f64', 'ticks'),
  candleHighTicks: field('f64', 'ticks'),
  candleLowTicks: field('f64', 'ticks'),
  candleCloseTicks: field('f64', 'ticks'),
  candleLots: field('f64', 'lots'),
  kind: field('u32', 'TICK_BOOK, TICK_TRADE, TICK_CANDLE, TICK_GAP, TICK_LEVELS or TICK_REFRESH'),
  side: field('u32', 'aggressor of a trade: 0 buy, 1 sell; levels: 1 when a snapshot begins; book: 1 when it is only told again'),
  bidLevels: field('u32', 'levels present in bidTicks'),
  askLevels: field('u32', 'levels present in askTicks'),
  bookValid: field('u32', '1 when the book may be used'),
})

/** Room for every feature of the contract; how many are in use stands in `count`. */
export const FEATURES_MAX = 110

/** What a record of the vector ring is. */
export const VECTOR_FEATURES = 0
/** A closed candle, in the order of the vectors around it: open, high, low, close (quote currency) and volume (base coin) are its first five values. */
export const VECTOR_CANDLE = 1
/** All closed candles follow anew, oldest first: what was told of them before is void. */
export const VECTOR_CANDLES_ANEW = 2

/** One feature vector, features → inference. */
export const FEATURE_VECTOR = defineLayout('featureVector', {
  sequence: field('f64', 'vectors of this symbol since the ring was made'),
  tickSequence: field('f64', 'sequence of the tick it was computed from'),
  venueTimeMs: field('f64', 'of that tick'),
  receiveNs: field('f64', 'of that tick'),
  tickPublishNs: field('f64', 'of that tick'),
  publishNs: field('f64', 'ns of the run clock when this record was published'),
  bidTicks: field('f64', 'best bid of that tick'),
  askTicks: field('f64', 'best ask of that tick'),
  values: fields('f64', FEATURES_MAX, 'in the order of featureNames()'),
  count: field('u32', 'features in use'),
  warm: field('u32', '1 when every feature is warmed up and finite'),
  kind: field('u32', 'VECTOR_FEATURES, VECTOR_CANDLE or VECTOR_CANDLES_ANEW'),
  candleStartMs: field('f64', 'ms since 1970: start of the candle of a VECTOR_CANDLE, 0 otherwise'),
})

/** Who made a decision. */
export const BY_MODEL = 1
/** A single strategy, because no model is registered or it failed, and there was no consensus. */
export const BY_FALLBACK = 2
/** Several strategies agreed. */
export const BY_CONSENSUS = 3

/** One decision, inference → execution. */
export const DECISION = defineLayout('decision', {
  sequence: field('f64', 'decisions of this symbol since the ring was made'),
  vectorSequence: field('f64', 'feature vector it rests on'),
  tickSequence: field('f64', 'tick it rests on'),
  venueTimeMs: field('f64', 'of that tick'),
  receiveNs: field('f64', 'of that tick'),
  tickPublishNs: field('f64', 'of that tick'),
  vectorPublishNs: field('f64', 'of that vector'),
  publishNs: field('f64', 'ns of the run clock when this record was published'),
  bidTicks: field('f64', 'best bid of that tick'),
  askTicks: field('f64', 'best ask of that tick'),
  confidence: field('f64', '0 to 1'),
  side: field('u32', '0 buy, 1 sell'),
  by: field('u32', 'BY_MODEL, BY_FALLBACK or BY_CONSENSUS'),
  kind: field('u32', 'DECISION_ENTRY, DECISION_EXIT or DECISION_NONE'),
  reason: field('u32', 'place in DECISION_REASONS'),
  strategy: field('u32', 'place in STRATEGY_NAMES of the one that decided alone or wants out'),
  block: field('u32', 'place in BLOCK_KINDS: what a detector has against the side'),
  configHash: field('u32', 'of the settings of strategies and consensus in force'),
  modelRun: field('u32', '1 when the four words of the model below are of this vector'),
  blockConfidence: field('f64', '0 to 1'),
  votes: fields('f64', VOTES_MAX, 'signed confidence in the order of STRATEGY_NAMES, above 0 buy; 0 no opinion, NaN left out'),
  modelSell: field('f64', 'chance, 0 to 1'),
  modelHold: field('f64', 'chance, 0 to 1'),
  modelBuy: field('f64', 'chance, 0 to 1'),
  modelConfidence: field('f64', '0 to 1'),
})

/** Current tick of a symbol: the price everyone reads, through the registry and its freshness rule. */
export const CURRENT_TICK = defineLayout('currentTick', {
  bidTicks: field('f64', 'ticks'),
  bidLots: field('f64', 'lots'),
  askTicks: field('f64', 'ticks'),
  askLots: field('f64', 'lots'),
  lastTicks: field('f64', 'ticks, last trade; -1 before the first'),
  markTicks: field('f64', 'ticks, may be fractional; -1 before the first'),
  venueTimeMs: field('f64', 'ms since 1970, venue clock'),
  receiveNs: field('f64', 'ns of the run clock'),
  venueBaseMs: field('f64', 'venue clock minus the run clock, estimated'),
  updateId: field('f64', "venue's update id of the book"),
  tickSequence: field('f64', 'sequence of the tick record published with it'),
  source: field('u32', '0 none, 1 WebSocket, 2 REST'),
  bookValid: field('u32', '1 when bid and ask may be used'),
})

/** Market statistics of a symbol, whatever way they came; NaN until first seen. */
export const MARKET_STATS = defineLayout('marketStats', {
  lastPrice: field('f64', 'quote currency'),
  markPrice: field('f64', 'quote currency'),
  indexPrice: field('f64', 'quote currency'),
  bidPrice: field('f64', 'quote currency, of the ticker: for display, never to act on'),
  askPrice: field('f64', 'quote currency, of the ticker: for display, never to act on'),
  volume24h: field('f64', 'base coin: `volume` of the registry'),
  turnover24h: field('f64', 'quote currency: `volume_ccy` of the registry'),
  high24h: field('f64', 'quote currency'),
  low24h: field('f64', 'quote currency'),
  open24h: field('f64', 'quote currency'),
  openInterest: field('f64', 'base coin'),
  fundingRate: field('f64', 'fraction per interval'),
  nextFundingMs: field('f64', 'ms since 1970'),
  fundingIntervalMs: field('f64', 'ms'),
  highestBuyTicks: field('f64', 'ticks: the venue refuses, or moves, buys above it'),
  lowestSellTicks: field('f64', 'ticks: the venue refuses, or moves, sells below it'),
  limitsEnabled: field('f64', '1 while the venue applies the price limits, 0 while it does not'),
  limitsNs: field('f64', 'ns of the run clock when the price limits were last told'),
  liquidatedLongLots: field('f64', 'lots of longs that were liquidated since the writer began'),
  liquidatedShortLots: field('f64', 'lots of shorts that were liquidated since the writer began'),
  venueTimeMs: field('f64', 'ms since 1970, venue clock, of the newest ticker'),
  updatedMs: field('f64', 'ms since 1970, ours'),
  status: field('u32', 'INSTRUMENT_STATUSES of the market room, 0 not known'),
  source: field('u32', '0 none, 1 WebSocket, 2 REST: of the newest change'),
})

/** Best bid and ask by REST: what an exit may be judged by while the stream has no fresh price. */
export const REST_QUOTE = defineLayout('restQuote', {
  bidTicks: field('f64', 'ticks'),
  bidLots: field('f64', 'lots'),
  askTicks: field('f64', 'ticks'),
  askLots: field('f64', 'lots'),
  lastTicks: field('f64', 'ticks, last trade; -1 when not given'),
  markTicks: field('f64', 'ticks, may be fractional; -1 when not given'),
  venueTimeMs: field('f64', 'ms since 1970, venue clock'),
  askedNs: field('f64', 'ns of the run clock when the question left: the quote is not younger'),
  venueBaseMs: field('f64', 'venue clock minus the run clock, estimated'),
  source: field('u32', '0 none, 2 REST'),
})

/** How far the data of a symbol can be relied on, as its ingest actor knows it. */
export const FEED_HEALTH = defineLayout('feedHealth', {
  integrity: field('f64', '0 to 1, as of updatedNs'),
  rebuilds: field('f64', 'times that a valid book was lost'),
  auditsEqual: field('f64', 'audits in which the book equalled that of REST'),
  auditsMismatch: field('f64', 'audits that proved the book wrong'),
  auditsStale: field('f64', 'audits whose REST book was older than anything kept'),
  auditsInconclusive: field('f64', 'audits whose number never met one of ours'),
  auditsNoAnswer: field('f64', 'audits without an answer in time'),
  auditNs: field('f64', 'ns of the run clock of the last audit that met a number, 0 before'),
  clockOffsetMs: field('f64', 'venue clock minus ours, NaN before the first measurement'),
  clockRoundTripMs: field('f64', 'round trip over which it was measured'),
  reconnects: field('f64', 'reconnects that fallbacks forced'),
  updatedNs: field('f64', 'ns of the run clock'),
  entries: field('u32', 'ENTRIES_… of the market room: whether entries may be made on this data, or why not'),
  bookValid: field('u32', '1 while the book is valid'),
  written: field('u32', '1 from the first word of an ingest actor on'),
})

/** The venue's clock, as one thread has measured it for all. */
export const VENUE_CLOCK = defineLayout('venueClock', {
  offsetMs: field('f64', 'venue clock minus ours'),
  baseMs: field('f64', 'venue clock minus the run clock: no step of the wall clock moves it'),
  roundTripMs: field('f64', 'over which it was measured'),
  measuredNs: field('f64', 'ns of the run clock'),
  written: field('u32', '1 from the first measurement on'),
})

/** Indicators and features of a symbol as last computed, by `featureNames()`. */
export const INDICATORS = defineLayout('indicators', {
  sequence: field('f64', 'vectors of this symbol since the ring was made'),
  tickSequence: field('f64', 'tick that they were computed from'),
  venueTimeMs: field('f64', 'of that tick'),
  updatedNs: field('f64', 'ns of the run clock'),
  values: fields('f64', FEATURES_MAX, 'in the order of featureNames()'),
  count: field('u32', 'values in use, 0 before the first'),
  warm: field('u32', '1 when every value is warmed up and finite'),
})

/**
 * What the detectors of a symbol say. Manipulation blocks trading in the direction that it misleads: bids that are not meant block buying.
 * Numbers of detectors count from 1 in the order of DETECTORS of the detection room.
 */
export const DETECTION = defineLayout('detection', {
  updatedNs: field('f64', 'ns of the run clock, 0 before the first word'),
  venueTimeMs: field('f64', 'of the newest book message'),
  buyConfidence: field('f64', '0 to 1, 0 while buying is not blocked'),
  sellConfidence: field('f64', '0 to 1, 0 while selling is not blocked'),
  patterns: field('f64', 'manipulations found in this life of the detectors'),
  supportTicks: field('f64', 'nearest support below the mid, ticks, may be fractional; -1 for none'),
  supportStrength: field('f64', '0 to 1'),
  resistanceTicks: field('f64', 'nearest resistance above the mid, ticks, may be fractional; -1 for none'),
  resistanceStrength: field('f64', '0 to 1'),
  blocked: field('u32', 'bit 0: buying, bit 1: selling'),
  buyDetector: field('u32', 'number of the detector that blocks buying, 0 for none'),
  sellDetector: field('u32', 'number of the detector that blocks selling, 0 for none'),
  running: field('u32', 'a bit for each detector that is switched on'),
  missing: field('u32', 'a bit for each of those that failed: that protection is missing'),
})

/** Regime of a symbol's market, and the parameters that follow from it. */
export const REGIME = defineLayout('regime', {
  confidence: field('f64', '0 to 1'),
  sinceNs: field('f64', 'ns of the run clock when it began'),
  updatedNs: field('f64', 'ns of the run clock'),
  takeProfitPercent: field('f64', 'percent of the entry price'),
  stopLossPercent: field('f64', 'percent of the entry price'),
  entryOffsetPercent: field('f64', 'percent of the price'),
  regime: field('u32', 'REGIME_NAMES of the market room, 0 not known'),
  source: field('u32', '0 none, 1 fixed by the settings, 2 a detector'),
})

/** Full book as an immutable picture for other threads, best level first. */
export const BOOK_PICTURE = defineLayout('bookPicture', {
  updateId: field('f64', "venue's update id"),
  venueTimeMs: field('f64', 'ms since 1970'),
  receiveNs: field('f64', 'ns of the run clock'),
  bidTicks: fields('f64', 200, 'ticks'),
  bidLots: fields('f64', 200, 'lots'),
  askTicks: fields('f64', 200, 'ticks'),
  askLots: fields('f64', 200, 'lots'),
  bidLevels: field('u32', 'levels present'),
  askLevels: field('u32', 'levels present'),
  valid: field('u32', '1 when the book may be used'),
})

/** Words for `POSITION_VIEW.venueStop` and `ACCOUNT_VIEW.deadMan`. */
export const VENUE_STOP_STATES = ['none', 'promised', 'resting', 'unsure', 'triggered', 'leftover'] as const
export const DEAD_MAN_STATES = ['off', 'armed', 'unavailable', 'failing'] as const

/** Position of a symbol as the execution actor sees it. */
export const POSITION_VIEW = defineLayout('positionView', {
  signedLots: field('f64', 'lots, negative for a short'),
  entryPrice: field('f64', 'quote currency'),
  takeProfitTicks: field('f64', 'ticks, 0 for none'),
  stopLossTicks: field('f64', 'ticks, 0 for none'),
  openOrders: field('f64', 'live orders of the symbol'),
  unknownOrders: field('f64', 'orders whose outcome is not known'),
  realisedPnl: field('f64', 'quote currency, for display'),
  updatedNs: field('f64', 'ns of the run clock'),
  venueStopTicks: field('f64', 'trigger price of the stop at the venue, 0 for none'),
  state: field('u32', '0 flat, 1 opening, 2 open, 3 closing'),
  conservative: field('u32', '1 while it is left by a conservative plan, because it has none of an entry'),
  venueStop: field('u32', 'VENUE_STOP_STATES: what is known of the stop at the venue'),
  venueStopAlarm: field('u32', '1 while the position has been bare for too long'),
  voters: field('u32', 'bit i: strategy i of STRATEGY_NAMES voted for the entry of the position'),
})

/** Account as the execution actor sees it (quote currency, for display and sizing). */
export const ACCOUNT_VIEW = defineLayout('accountView', {
  balance: field('f64', 'quote currency'),
  marginUsed: field('f64', 'quote currency'),
  marginAvailable: field('f64', 'quote currency, balance − used'),
  marginTotal: field('f64', 'quote currency, = balance'),
  updatedNs: field('f64', 'ns of the run clock'),
  deadMan: field('u32', "DEAD_MAN_STATES: the venue's dead-man switch"),
})

/** Parts of a venue that have a breaker each. */
export const RESILIENCE_GROUPS = 5

/** The way to the venue as the execution actor sees it: breakers and limits of each endpoint group. */
export const RESILIENCE_VIEW = defineLayout('resilienceView', {
  banMs: field('f64', 'ms left of a ban of this address, 0 for none'),
  updatedNs: field('f64', 'ns of the run clock'),
  state: fields('f64', RESILIENCE_GROUPS, '0 closed, 1 half-open, 2 open'),
  failures: fields('f64', RESILIENCE_GROUPS, 'failures in a row'),
  openings: fields('f64', RESILIENCE_GROUPS, 'times that the breaker opened in this life of the actor'),
  opensInMs: fields('f64', RESILIENCE_GROUPS, 'ms until a probe may leave, 0 when it is not open'),
  utilisation: fields('f64', RESILIENCE_GROUPS, '0 to 1, of the fullest limit of the group'),
  waiting: fields('f64', RESILIENCE_GROUPS, 'requests that wait for a place'),
})
