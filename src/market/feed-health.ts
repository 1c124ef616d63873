import type { Nanos, SymbolIndex } from '../core/index.ts'
import type { View } from '../memory/index.ts'
import { FEED_HEALTH } from '../memory/index.ts'
import type { InstrumentStatus } from '../venues/index.ts'
import type { AuditOutcome } from './book-audit.ts'
import type { CellWriter } from './cell-ends.ts'
import { EntriesGate } from './entries-gate.ts'
import { BookIntegrity } from './integrity.ts'
import type { MarketContext } from './market-context.ts'
import type { RegistryMemory } from './registry.ts'
import { ENTRIES_CHANGED, ENTRIES_INTEGRITY, ENTRIES_NOT_TRADING, ENTRIES_OPEN, ENTRIES_UNKNOWN, ENTRIES_WORDS } from './registry-words.ts'

export interface IntegrityLimits {
  /** Below this score no entries are made on the symbol. */
  readonly closeBelow: number
  /** From this score on they are made again. */
  readonly openFrom: number
}

const AUDIT_FIELDS = { equal: 'auditsEqual', mismatch: 'auditsMismatch', stale: 'auditsStale', inconclusive: 'auditsInconclusive', 'no-answer': 'auditsNoAnswer' } as const

/**
 * How far the data of one symbol can be relied on, and whether entries may be made on it: the one writer of its cell.
 * A new life goes on with the score and the counts that the last one left there.
 */
export class FeedHealth {
  readonly integrity: BookIntegrity
  readonly #context: Pick<MarketContext, 'clock' | 'log' | 'count'>
  readonly #cell: CellWriter<typeof FEED_HEALTH.fields>
  readonly #copy = new Float64Array(FEED_HEALTH.byteLength / 8)
  readonly #now: View<typeof FEED_HEALTH.fields>
  readonly #gate: EntriesGate
  #everValid = false
  #status: InstrumentStatus = 'trading'
  #changed = false

  /** @throws RM_REGISTRY_SYMBOL, RM_GATE_LIMITS */
  constructor(context: Pick<MarketContext, 'clock' | 'log' | 'count'>, registry: RegistryMemory, symbol: SymbolIndex, limits: IntegrityLimits) {
    this.#context = context
    this.#cell = registry.writeFeedHealth(symbol)
    this.#now = FEED_HEALTH.view(this.#copy.buffer)
    this.#gate = new EntriesGate(limits.closeBelow, limits.openFrom)
    this.integrity = new BookIntegrity(context.clock.nowNs())
    this.#now.written = 1
    this.#now.clockOffsetMs = this.#now.clockRoundTripMs = Number.NaN
    this.#resume(registry, symbol)
  }

  /** The book is, or is not, to be used from now on. */
  turn(valid: boolean): void {
    this.integrity.turn(valid, this.#context.clock.nowNs())
    if (valid) this.#everValid = true
    this.#now.bookValid = valid ? 1 : 0
    this.refresh()
  }

  /** The book is lost and must be built anew. */
  lose(): void {
    this.integrity.lose(this.#context.clock.nowNs())
    this.#now.bookValid = 0
    this.refresh()
  }

  /** An audit has ended. */
  audited(outcome: AuditOutcome): void {
    const nowNs = this.#context.clock.nowNs()
    this.#now[AUDIT_FIELDS[outcome]] += 1
    if (outcome === 'equal' || outcome === 'mismatch') this.#now.auditNs = nowNs
    if (outcome === 'mismatch') this.integrity.disprove(nowNs)
    this.#context.count('book_audits', outcome)
    this.refresh()
  }

  showClock(offsetMs: number, roundTripMs: number): void {
    this.#now.clockOffsetMs = offsetMs
    this.#now.clockRoundTripMs = roundTripMs
    this.refresh()
  }

  countReconnect(): void {
    this.#now.reconnects += 1
    this.refresh()
  }

  /** @param changed whether the venue's grid or limits are no longer those that the engine runs on */
  showInstrument(status: InstrumentStatus, changed: boolean): void {
    this.#status = status
    if (changed) this.#changed = true
    this.refresh()
  }

  /** Writes the cell with the score of this moment: it moves with time alone. */
  refresh(): void {
    const nowNs = this.#context.clock.nowNs()
    const now = this.#now
    now.integrity = this.integrity.score(nowNs)
    now.rebuilds = this.integrity.rebuilds
    const entries = this.#entries(now.integrity)
    if (entries !== now.entries) this.#tell(entries)
    now.entries = entries
    now.updatedNs = nowNs
    this.#cell.put(this.#copy)
  }

  #entries(score: number): number {
    if (!this.#everValid) return ENTRIES_UNKNOWN
    const open = this.#gate.look(score)
    if (this.#changed) return ENTRIES_CHANGED
    if (this.#status !== 'trading') return ENTRIES_NOT_TRADING
    return open ? ENTRIES_OPEN : ENTRIES_INTEGRITY
  }

  #tell(entries: number): void {
    const word = ENTRIES_WORDS[entries]!
    this.#context.count('entries_gate', word)
    const data = { integrity: this.#now.integrity, closeBelow: this.#gate.closeBelow, openFrom: this.#gate.openFrom, status: this.#status }
    if (entries === ENTRIES_OPEN) this.#context.log('info', 'entries may be made on this book', data)
    else this.#context.log('warn', `no entries on this symbol: ${word}`, data)
  }

  #resume(registry: RegistryMemory, symbol: SymbolIndex): void {
    const reader = registry.readFeedHealth(symbol)
    if (!reader.read() || reader.value.written !== 1) return
    const left = reader.value
    const now = this.#now
    for (const name of Object.values(AUDIT_FIELDS)) now[name] = left[name]
    now.auditNs = left.auditNs
    now.reconnects = left.reconnects
    now.entries = left.entries
    this.#changed = left.entries === ENTRIES_CHANGED
    if (left.entries === ENTRIES_UNKNOWN) return
    this.#everValid = true
    // Hysteresis goes on from the side on which the last life stood.
    if (left.entries === ENTRIES_INTEGRITY) this.#gate.look(0)
    this.integrity.resume(left.integrity, left.rebuilds, left.updatedNs as Nanos)
  }
}
