import { fail } from '../core/index.ts'
import type { CapturedAt, CaptureSink, ControlWhat } from './events.ts'
import type { Stamp } from './stamp.ts'

export type Json = Readonly<Record<string, unknown>>
export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where a line stands, what is wrong with it, and where its events go: shared by framing and dialect of one file. */
export class LineReader {
  readonly file: string
  readonly sink: CaptureSink
  line = 0
  stamp: Stamp

  constructor(file: string, sink: CaptureSink, stamp: Stamp) {
    this.file = file
    this.sink = sink
    this.stamp = stamp
  }

  /** Place and time of an event of this line. */
  at(symbol: string, venueMs: number): CapturedAt {
    return { symbol, receiveS: this.stamp.seconds, receiveNs: this.stamp.nanos, venueMs, line: this.line }
  }

  control(what: ControlWhat, text: string, symbol = ''): void {
    this.sink({ kind: 'control', what, text, ...this.at(symbol, Number.NaN) })
  }

  /** @throws RM_CAPTURE_LINE */
  bad(problem: string, cause?: unknown): never {
    return fail('RM_CAPTURE_LINE', { file: this.file, line: this.line, problem }, cause)
  }

  /** @throws RM_CAPTURE_LINE for a text that is no JSON object */
  object(json: string): Json {
    let value: unknown
    try {
      value = JSON.parse(json)
    } catch (error) {
      this.bad('no JSON after the receive time', error)
    }
    return isObject(value) ? value : this.bad('no message')
  }

  text(row: Json, field: string): string {
    const value = row[field]
    return typeof value === 'string' && value !== '' ? value : this.bad(`${field} is ${show(value)} and should be text`)
  }

  /** As `text`, but '' where the field is not there. */
  textOrNone(row: Json, field: string): string {
    const value = row[field] ?? ''
    return typeof value === 'string' ? value : this.bad(`${field} is ${show(value)} and should be text`)
  }

  /** A number, or decimal text of one. */
  number(row: Json, field: string): number {
    const value = row[field]
    const number = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN
    return Number.isFinite(number) ? number : this.bad(`${field} is ${show(value)} and should be a number`)
  }

  /** As `number`, but `absent` where the field is not there. */
  numberOr(row: Json, field: string, absent: number): number {
    return row[field] === undefined || row[field] === '' ? absent : this.number(row, field)
  }

  list(row: Json, field: string): readonly unknown[] {
    const value = row[field]
    return Array.isArray(value) ? (value as readonly unknown[]) : this.bad(`${field} is ${show(value)} and should be a list`)
  }

  objects(row: Json, field: string): readonly Json[] {
    const list = this.list(row, field)
    for (const one of list) if (!isObject(one)) this.bad(`${field} holds ${show(one)} and should hold objects`)
    return list as readonly Json[]
  }

  inner(row: Json, field: string): Json {
    const value = row[field]
    return isObject(value) ? value : this.bad(`${field} is ${show(value)} and should be an object`)
  }

  /** Levels of a book side: lists that begin with two texts. */
  levels(row: Json, field: string): readonly (readonly [string, string, ...string[]])[] {
    const list = this.list(row, field)
    for (const one of list) if (!Array.isArray(one) || typeof one[0] !== 'string' || typeof one[1] !== 'string') this.bad(`${field} holds ${show(one)} and should hold price and size as text`)
    return list as readonly (readonly [string, string, ...string[]])[]
  }

  side(text: unknown): 'buy' | 'sell' {
    const side = typeof text === 'string' ? text.toLowerCase() : ''
    return side === 'buy' || side === 'sell' ? side : this.bad(`side is ${show(text)} and should be buy or sell`)
  }
}

export const show = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text === undefined ? 'absent' : text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** What the messages of one venue mean. Keeps what they leave out (prices of ids, symbols of snapshots). */
export interface Dialect {
  message(message: Json): void
  /** The answer to a REST request. */
  rest?(url: string, answer: Json): void
}
