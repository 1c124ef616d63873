import type { Timer, Timers } from '../core/index.ts'
import type { HealthSnapshot, SymbolHealth } from '../runtime/health/index.ts'
import { formatNs, formatUptime } from './table.ts'

const SEPARATOR = ' | '

/**
 * The state of the engine in one line that is never longer than `width` columns. What matters most comes first;
 * what does not fit is left out, and the first part is cut only when nothing else is left.
 */
export function renderStatusLine(snapshot: HealthSnapshot, width: number): string {
  let line = ''
  for (const part of parts(snapshot)) {
    const text = printable(part)
    if (line === '') line = text
    else if (line.length + SEPARATOR.length + text.length <= width) line += SEPARATOR + text
  }
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}${width > 0 ? '~' : ''}`
}

function parts(snapshot: HealthSnapshot): string[] {
  const { status, reasons, mode, uptimeMs, actors, symbols, latencyNs } = snapshot
  const restarts = actors.reduce((sum, actor) => sum + actor.restarts, 0)
  const fresh = symbols.filter((symbol) => symbol.bookValid && symbol.priceAgeMs !== null).length
  const slowest = Object.entries(latencyNs).toSorted(([, a], [, b]) => b.p99 - a.p99)[0]
  const out = [status.toUpperCase()]
  if (snapshot.kill.engaged) out.push(`KILL SWITCH (${snapshot.kill.code})`)
  if (reasons.length > 0) out.push(reasons.length === 1 ? reasons[0]! : `${reasons[0]} (+${reasons.length - 1} more)`)
  out.push(`actors ${actors.filter((actor) => actor.state === 'ready').length}/${actors.length}`, `books ${fresh}/${symbols.length}`, positions(symbols), mode, `up ${formatUptime(uptimeMs)}`)
  if (restarts > 0) out.push(`restarts ${restarts}`)
  if (slowest !== undefined) out.push(`${slowest[0]} p50 ${formatNs(slowest[1].p50)} p99 ${formatNs(slowest[1].p99)}`)
  for (const symbol of symbols) if (symbol.lastPrice !== null) out.push(`${symbol.symbol} ${symbol.lastPrice}`)
  return out
}

function positions(symbols: readonly SymbolHealth[]): string {
  const open = symbols.flatMap(({ symbol, position }) => (position === null ? [] : [`${symbol} ${position.side} ${position.size}`]))
  return open.length === 0 ? 'flat' : open.length <= 3 ? open.join(', ') : `${open.length} positions`
}

// One column each and no way to move the cursor, whatever an error message contains.
const printable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, '?')

const CLEAR_LINE = '\r\x1b[2K'
const PERIOD_MS = 500

export interface StatusLineSettings {
  /** Writes to the terminal. */
  readonly write: (text: string) => void
  /** Columns of the terminal at this moment. */
  readonly columns: () => number
  readonly snapshot: () => HealthSnapshot
  readonly timers: Timers
}

/** Keeps the status in the last line of a terminal, with log lines scrolling above it. */
export class StatusLine {
  readonly #settings: StatusLineSettings
  #timer: Timer | null = null
  #drawn = false

  constructor(settings: StatusLineSettings) {
    this.#settings = settings
  }

  start(): void {
    if (this.#timer !== null) return
    this.#timer = this.#settings.timers.every(PERIOD_MS, () => this.#draw())
    this.#draw()
  }

  /** Puts text above the line; whole lines, newline included. */
  print(text: string): void {
    const { write } = this.#settings
    if (!this.#drawn) return write(text)
    this.#drawn = false
    write(CLEAR_LINE + text)
    this.#draw()
  }

  /** Takes the line away; text goes straight through from here on. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (this.#drawn) this.#settings.write(CLEAR_LINE)
    this.#drawn = false
  }

  #draw(): void {
    const { write, columns, snapshot } = this.#settings
    if (this.#timer === null) return
    // The last column stays empty: a character in it makes some terminals wrap.
    write(CLEAR_LINE + renderStatusLine(snapshot(), Math.max(0, columns() - 1)))
    this.#drawn = true
  }
}
