import { pino, symbols, type DestinationStream, type Logger } from 'pino'
import { prettyFactory } from 'pino-pretty'
import { type Alert, alertOf } from '../alert.ts'
import { DailyFile } from './daily-file.ts'
import { LEVEL_RANK, type LogLevel } from '../log-level.ts'
import { makeLog, plainData, type Log, type LogRecord } from '../log-record.ts'

export interface RootLogSettings {
  readonly level: LogLevel
  /** Folder of the daily files; null writes none. */
  readonly dir: string | null
  /** Console lines for people instead of JSON. */
  readonly readable: boolean
  readonly color: boolean
  /** Values that must not appear in any line. */
  readonly secrets: readonly string[]
  /** Takes console text, newline included. */
  readonly out: (text: string) => void
  readonly wallMs: () => number
  /** Takes an alert that a line carries; the line is not written when it has. */
  readonly onAlert?: (alert: Alert) => boolean
}

/** The log of the root process: the only one that writes the console and the files. */
export interface RootLog {
  readonly log: Log
  /** Writes what another process or thread relayed. */
  accept(record: LogRecord): void
  setLevel(level: LogLevel): void
  /** Masks one more value from now on. */
  addSecret(value: string): void
  /** Lines that the files did not take. */
  readonly lostLines: number
  close(): void
}

// Shorter values would mask ordinary words.
const SECRET_CHARS_MIN = 6

export function createRootLog(settings: RootLogSettings): RootLog {
  const masks = new Set<string>()
  const addSecret = (value: string): void => {
    if (value.length >= SECRET_CHARS_MIN) masks.add(JSON.stringify(value).slice(1, -1))
  }
  for (const value of settings.secrets) addSecret(value)
  const sink = new Sink(settings, masks)
  // pino adds neither pid nor its own time: a relayed line keeps the time at which it was said.
  const logger = pino({ level: settings.level, base: null, timestamp: false, formatters: { level: (label) => ({ level: label }) } }, sink)
  const accept = (record: LogRecord): void => {
    const alert = settings.onAlert === undefined ? null : alertOf(record.data)
    if (alert === null || !settings.onAlert!(alert)) write(logger, record)
  }
  return {
    log: makeLog('ringmaster', (level, from, message, data) => accept({ level, wallMs: settings.wallMs(), from, message, data })),
    accept,
    setLevel: (level) => void (logger.level = level),
    addSecret,
    get lostLines() {
      return sink.lostLines
    },
    close: () => sink.close(),
  }
}

function write(logger: Logger, record: LogRecord): void {
  if (!logger.isLevelEnabled(record.level)) return
  const { level, wallMs, from, message, data } = record
  logger[level]({ time: new Date(wallMs).toISOString(), from, ...inData(plainData(data)) }, message)
}

/** Keys that the line itself uses are kept apart, so that data cannot replace its time, level or words. */
function inData(data: Record<string, unknown>): Record<string, unknown> {
  const own = ['time', 'from', 'level', 'msg'].filter((key) => Object.hasOwn(data, key))
  if (own.length === 0) return data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [own.includes(key) ? `${key}_` : key, value]))
}

/** A text with a line break in it, as JSON writes it. */
const SEVERAL_LINES = /"msg":"(?:[^"\\]|\\[^n])*\\n/

/** Where pino's lines go: masked once, then to the console, the general file and, from `error` on, the error file. */
class Sink implements DestinationStream {
  /** pino sets it before each write, when it finds the metadata mark. */
  lastLevel = 0
  readonly [symbols.needsMetadataGsym] = true
  readonly #settings: RootLogSettings
  readonly #masks: ReadonlySet<string>
  /** What goes as it should is said in its words alone; what does not is shown with all its data. */
  readonly #plainWords: (line: string) => string | undefined
  readonly #withData: (line: string) => string | undefined
  readonly #general: DailyFile | null
  readonly #errors: DailyFile | null

  constructor(settings: RootLogSettings, masks: ReadonlySet<string>) {
    this.#settings = settings
    this.#masks = masks
    const style = { colorize: settings.color, translateTime: 'SYS:HH:MM:ss.l', ignore: 'from', messageFormat: '{from}: {msg}', singleLine: true }
    this.#plainWords = prettyFactory({ ...style, hideObject: true })
    this.#withData = prettyFactory(style)
    const onProblem = (problem: string): void => settings.out(`${problem}\n`)
    this.#general = settings.dir === null ? null : new DailyFile(settings.dir, 'ringmaster', onProblem)
    this.#errors = settings.dir === null ? null : new DailyFile(settings.dir, 'error', onProblem)
  }

  get lostLines(): number {
    return (this.#general?.lost ?? 0) + (this.#errors?.lost ?? 0)
  }

  write(raw: string): void {
    let line = raw
    for (const mask of this.#masks) if (line.includes(mask)) line = line.replaceAll(mask, '***')
    const wallMs = this.#settings.wallMs()
    this.#general?.write(line, wallMs)
    if (this.lastLevel >= LEVEL_RANK.error) this.#errors?.write(line, wallMs)
    // A text of several lines has said it all; its data are in the file.
    const pretty = this.lastLevel > LEVEL_RANK.info && !SEVERAL_LINES.test(line) ? this.#withData : this.#plainWords
    const shown = this.#settings.readable ? (pretty(line) ?? line) : line
    this.#settings.out(shown.endsWith('\n') ? shown : `${shown}\n`)
  }

  close(): void {
    this.#general?.close()
    this.#errors?.close()
  }
}
