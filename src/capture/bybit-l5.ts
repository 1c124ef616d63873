import type { TextLevel } from './events.ts'
import type { LineReader } from './line-reader.ts'
import { stampOfMs } from './stamp.ts'

const ROW = /^(both|bid|ask),([A-Z0-9]+),(\d{13}(?:\.\d+)?),(\d{13}),"(\[\[.*\]\])"$/

/**
 * A table of five-level Bybit books: `side changed,symbol,receive ms,venue ms,"[[bids], [asks]]"`. The books are Python literals
 * with single quotes; bids stand best first, asks WORST first. Every row is a whole book.
 */
export function readBybitL5Row(at: LineReader, text: string): void {
  const row = ROW.exec(text)
  if (row === null) at.bad('not a row of side, symbol, receive time, venue time and book')
  const [, , symbol, receiveMs, venueMs, literal] = row as unknown as [string, string, string, string, string, string]
  let sides: unknown
  try {
    sides = JSON.parse(literal.replaceAll("'", '"'))
  } catch (error) {
    at.bad('the book is no literal of lists', error)
  }
  if (!Array.isArray(sides) || sides.length !== 2) at.bad('the book has not two sides')
  const pair = { bids: sides[0] as unknown, asks: sides[1] as unknown }
  at.stamp = stampOfMs(Number(receiveMs))
  const bids: readonly TextLevel[] = at.levels(pair, 'bids')
  const asks: readonly TextLevel[] = at.levels(pair, 'asks').toReversed()
  at.sink({ kind: 'book', stream: 'l5', snapshot: true, sync: 'stream', rule: 'none', previousId: -1, firstId: -1, lastId: -1, bids, asks, checksum: null, ...at.at(symbol, Number(venueMs)) })
}

export const isBybitL5Row = (text: string): boolean => ROW.test(text)
