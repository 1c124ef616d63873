import { defineErrors } from './define.ts'

export const venueErrors = defineErrors({
  RM_VENUE_FRAME_SIZE: { action: 'reject', message: 'frame of {bytes} bytes is larger than {limit}' },
  RM_VENUE_FRAME_JSON: { action: 'reject', message: 'frame of {bytes} bytes is no JSON object: {problem}' },
  RM_VENUE_FRAME_TOPIC: { action: 'reject', message: 'frame of topic "{topic}" where only {expected} were asked for' },
  RM_VENUE_FRAME_SYMBOL: { action: 'reject', message: 'frame of topic {topic} carries symbol "{actual}" instead of "{expected}"' },
  RM_VENUE_FRAME_FIELD: { action: 'reject', message: 'frame of topic {topic}: {field} is {actual}, not {expected}' },
  RM_VENUE_FRAME_COUNT: { action: 'reject', message: 'frame of topic {topic}: {count} {what} are more than {limit}' },
  RM_VENUE_SUBSCRIBE: { action: 'halt', message: 'venue refused to {op} {topics}: "{text}"' },
  RM_VENUE_REQUEST: { action: 'retry', message: '{method} {path} got no usable answer: {reason}' },
  RM_VENUE_REFUSED: { action: 'reject', message: '{method} {path} was refused with {code} ({class}): "{text}"' },
  RM_VENUE_ROW: { action: 'resync', message: '{what} row of {symbol}: {field} is {actual}, not {expected}' },
  RM_VENUE_POSITION_MODE: { action: 'halt', message: 'position of {symbol} has index {index}: the account is in hedge mode, one-way mode is needed' },
  RM_VENUE_SNAPSHOT: { action: 'retry', message: 'account snapshot is incomplete: {what}' },
  RM_VENUE_PAGES: { action: 'retry', message: 'GET {path} did not end after {pages} pages ({rows} rows)' },
  RM_VENUE_SYMBOL_UNKNOWN: { action: 'halt', message: 'symbol {symbol} is not among the {count} linear instruments of the venue' },
  RM_VENUE_SYMBOL_NOT_TRADING: { action: 'halt', message: 'symbol {symbol} has status "{status}", not "Trading"' },
  RM_VENUE_INSTRUMENT: { action: 'halt', message: 'instrument {symbol}: {field} is {actual}, not {expected}' },
  RM_VENUE_INTERVAL: { action: 'reject', message: 'the venue has no candles of {intervalMs} ms' },
  RM_VENUE_CLOCK: { action: 'retry', message: 'only {answered} of {asked} time questions were answered: {reason}' },
  RM_VENUE_CREDENTIALS: { action: 'halt', message: 'trading needs an API key and secret, {missing} is missing' },
  RM_VENUE_SETTING: { action: 'halt', message: 'venue setting {name} is {actual}, not {expected}' },
})
