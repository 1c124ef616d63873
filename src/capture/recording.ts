import type { ControlWhat } from './events.ts'
import { isObject, type Dialect, type Json, type LineReader, show } from './line-reader.ts'

/** Version of the form below, in the first line of every file. */
export const RECORDING_VERSION = 1

/**
 * Lines of our own recordings beside the venue's frames: `<19 digits> {"recorder": what, …}`. A file begins with `begin`
 * and the venue's word on the instruments, so that it can be read without the one before it.
 */
export type RecorderLine =
  | { readonly recorder: 'begin'; readonly version: number; readonly venue: 'bybit' | 'okx'; readonly symbols: readonly string[]; readonly part: number }
  | { readonly recorder: 'rest'; readonly url: string; readonly body: unknown }
  | { readonly recorder: 'opened' | 'lost'; readonly symbol: string; readonly connection: number; readonly url: string; readonly reason: string }
  | { readonly recorder: 'sent'; readonly symbol: string; readonly connection: number; readonly text: string }
  /** A frame that holds a line break, or that is no text. */
  | { readonly recorder: 'frame'; readonly text: string }
  | { readonly recorder: 'end'; readonly reason: string }

/** Reads recorder lines; everything else is the venue's. */
export function readRecorderLine(at: LineReader, dialect: Dialect, message: Json): void {
  const symbol = at.textOrNone(message, 'symbol')
  const control = (what: ControlWhat, text: string): void => at.control(what, text, symbol)
  switch (message['recorder']) {
    case 'begin':
      if (message['version'] !== RECORDING_VERSION) at.bad(`version ${show(message['version'])} of the recording is not ${RECORDING_VERSION}`)
      control('note', `part ${show(message['part'])} of a recording of ${at.text(message, 'venue')}`)
      break
    case 'rest':
      if (isObject(message['body'])) dialect.rest?.(at.text(message, 'url'), message['body'])
      else at.bad('an answer without a body')
      break
    case 'opened':
      control('opened', at.text(message, 'url'))
      break
    case 'lost':
      // OKX serves candles on a connection of their own: no book is torn when it goes.
      control(at.text(message, 'url').endsWith('/business') ? 'note' : 'lost', at.textOrNone(message, 'reason'))
      break
    case 'sent':
      control('sent', at.text(message, 'text'))
      break
    case 'frame':
      dialect.message(at.object(at.text(message, 'text')))
      break
    case 'end':
      control('note', `end: ${at.textOrNone(message, 'reason')}`)
      break
    default:
      at.bad(`recorder line ${show(message['recorder'])} is not known`)
  }
}
