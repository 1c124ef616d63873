import { defineErrors } from './define.ts'

export const marketErrors = defineErrors({
  RM_BOOK_CONFIG: { action: 'halt', message: 'order book: {what} is {actual}, needed: {needed}' },
  RM_BOOK_LEVELS: { action: 'reject', message: 'order book: {asked} levels were asked for, from index {at} of arrays of {ticksLength} and {lotsLength}' },
  RM_REGISTRY_BUFFER: { action: 'halt', message: 'the buffer holds {actual} where a registry of {expected} was expected' },
  RM_REGISTRY_SYMBOL: { action: 'reject', message: 'symbol index {symbol} is outside 0..{last} of the registry' },
  RM_FRESHNESS_LIMIT: { action: 'reject', message: 'freshness limit of {purpose} is {limitMs} ms: it may only be tightened, to 1..{ceilingMs} ms' },
  RM_GATE_LIMITS: { action: 'halt', message: 'entries are refused below a score of {closeBelow} and made again from {openFrom}: two numbers from 0 to 1 in rising order are needed' },
  RM_REST_BUDGET: { action: 'halt', message: 'REST budget: {what} is {actual}, needed: {needed}' },
  RM_CANDLE_CONFIG: { action: 'halt', message: 'candles: {what} is {actual}, needed: {needed}' },
  RM_CANDLE_INPUT: { action: 'reject', message: 'candles of {intervalMs} ms: {what} is {actual}' },
  RM_CANDLE_CHECKPOINT: { action: 'reject', message: 'candle checkpoint cannot be used: {problem}' },
  RM_CLUSTER_VOLUME: { action: 'reject', message: 'smallest cluster volume is {actual} lots: a positive number is needed' },
  RM_FEATURE_RING_FULL: { action: 'retry', message: 'vector of tick {tickSequence} has no slot: a consumer of the feature ring is {depth} records behind in {slots} slots' },
  RM_FEATURE_WIRING: { action: 'halt', message: 'features of {symbol}: {what} is {actual}, needed: {needed}' },
})
