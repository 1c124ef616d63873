import { alertOf } from './alert.ts'
import { LEVEL_RANK, type LogLevel } from './log-level.ts'

/** One log line on its way to the root process: plain data that survives any message channel. */
export interface LogRecord {
  readonly level: LogLevel
  /** ms since 1970, of the process or thread that said it. */
  readonly wallMs: number
  /** Actor id, or name of a process or thread. */
  readonly from: string
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Structured log: words first, data after. */
export interface Log {
  (level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): void
  /** The same log, speaking for another actor. */
  child(from: string): Log
}

/** Where a process or thread without log files of its own hands its lines over. */
export interface Relay {
  readonly log: Log
  setLevel(level: LogLevel): void
}

/**
 * A log that sends plain records to the parent instead of writing them.
 * @param send for example `postMessage` or `process.send`; when it throws, the line is lost and the caller goes on
 */
export function relayLog(send: (record: LogRecord) => void, settings: { readonly from: string; readonly level: LogLevel; readonly wallMs: () => number }): Relay {
  let least = LEVEL_RANK[settings.level]
  const log = makeLog(settings.from, (level, from, message, data) => {
    // The level is for those who read the log; an alert has thresholds of its own.
    if (LEVEL_RANK[level] < least && alertOf(data) === null) return
    try {
      send({ level, wallMs: settings.wallMs(), from, message, data: plainData(data) })
    } catch {
      // The parent is gone; it is the one who would have to be told.
    }
  })
  return { log, setLevel: (level) => void (least = LEVEL_RANK[level]) }
}

/** A `Log` over one function that takes every line. */
export function makeLog(from: string, sink: (level: LogLevel, from: string, message: string, data: Readonly<Record<string, unknown>>) => void): Log {
  const log = (level: LogLevel, message: string, data: Readonly<Record<string, unknown>> = {}): void => sink(level, from, message, data)
  return Object.assign(log, { child: (name: string) => makeLog(name, sink) })
}

const SECRET_KEY = /(secret|password|passphrase|token|signature|authorization|cookie|api_?key|private_?key)$/i
const DEPTH_MAX = 6
const ITEMS_MAX = 100
const TEXT_MAX = 4096

/** Data of a log line as plain JSON values: errors by code and message, secrets by key name masked, size bounded. */
export function plainData(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return plainObject(data, 0, [])
}

function plainObject(value: object, depth: number, around: readonly object[]): Record<string, unknown> {
  const entries = Object.entries(value).slice(0, ITEMS_MAX)
  // fromEntries defines: an assignment to a key named "__proto__" would be lost.
  return Object.fromEntries(entries.map(([key, child]) => [key, SECRET_KEY.test(key) && isSomething(child) ? '***' : plain(child, depth + 1, [...around, value])]))
}

const isSomething = (value: unknown): boolean => value !== null && value !== undefined && value !== ''

function plain(value: unknown, depth: number, around: readonly object[]): unknown {
  switch (typeof value) {
    case 'string':
      return value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}… (${value.length} characters)` : value
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
    case 'symbol':
      return String(value)
    case 'function':
      return '[function]'
    case 'object':
      return value === null ? null : plainOrNot(value, depth, around)
    default:
      return value
  }
}

/** A getter or `toJSON` that throws must not stop whoever only wanted to log. */
function plainOrNot(value: object, depth: number, around: readonly object[]): unknown {
  try {
    return plainByClass(value, depth, around)
  } catch {
    return '[unreadable]'
  }
}

function plainByClass(value: object, depth: number, around: readonly object[]): unknown {
  if (around.includes(value)) return '[circular]'
  if (depth > DEPTH_MAX) return '[deeper]'
  if (value instanceof Error) return plainError(value, depth, around)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return `[${value.constructor.name} of ${value.byteLength} bytes]`
  if (value instanceof Map && [...value.keys()].every((key) => typeof key === 'string')) return plainObject(Object.fromEntries(value as Map<string, unknown>), depth, [...around, value])
  if (Array.isArray(value) || value instanceof Set || value instanceof Map) return [...(value as Iterable<unknown>)].slice(0, ITEMS_MAX).map((item) => plain(item, depth + 1, [...around, value]))
  const json: unknown = 'toJSON' in value && typeof value.toJSON === 'function' ? (value.toJSON as () => unknown)() : value
  return typeof json === 'object' && json !== null ? plainObject(json, depth, around) : plain(json, depth, around)
}

function plainError(error: Error, depth: number, around: readonly object[]): Record<string, unknown> {
  const code = 'code' in error ? { code: String(error.code) } : {}
  const cause = error.cause === undefined ? {} : { cause: plain(error.cause, depth + 1, [...around, error]) }
  return { name: error.name, ...code, message: error.message, stack: error.stack ?? '', ...cause }
}
