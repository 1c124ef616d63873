import type { MetricSample, MetricsSnapshot } from '../../telemetry/root/index.ts'
import type { AccountHealth, ReadsHealth, SymbolHealth } from './snapshot.ts'

type Samples = Pick<MetricsSnapshot, 'counters' | 'gauges'>

const sample = (name: string, help: string, value: number | null, labels: Readonly<Record<string, string>> = {}): MetricSample[] => (value === null ? [] : [{ name, help, value, labels }])

/** How every symbol's data is, as metrics: freshness, clock, integrity, audits, sources of prices. */
export function symbolMetrics(symbols: readonly SymbolHealth[]): Samples {
  return { counters: symbols.flatMap(countersOf), gauges: symbols.flatMap(gaugesOf) }
}

/** The account's margin as metrics. */
export function accountMetrics(account: AccountHealth | null): MetricSample[] {
  if (account === null) return []
  return (['balance', 'used', 'available', 'total'] as const).flatMap((part) => sample('account_margin', 'Balance and margin of the account, quote currency', account[part], { part }))
}

function gaugesOf(health: SymbolHealth): MetricSample[] {
  const { symbol, book, market } = health
  const labels = { symbol }
  return [
    ...sample('price_age_seconds', 'Age of the current price', seconds(health.priceAgeMs), labels),
    ...sample('clock_offset_seconds', "The venue's clock minus ours", seconds(health.clockOffsetMs), labels),
    ...sample('clock_round_trip_seconds', "Round trip over which the venue's clock was measured", seconds(health.clockRoundTripMs), labels),
    ...sample('book_valid', '1 while the book may be used', health.bookValid ? 1 : 0, labels),
    ...sample('book_integrity', 'Integrity score of the book, 0 to 1', book.integrity, labels),
    ...sample('entries_open', '1 while entries may be made on the data of the symbol', book.entries === 'open' ? 1 : 0, labels),
    ...sample('book_audit_age_seconds', 'Since the last audit that could compare the book', seconds(book.auditAgeMs), labels),
    ...sample('funding_rate', 'Funding rate as last announced, fraction per interval', market?.fundingRate ?? null, labels),
    ...detectionOf(health),
    ...sample('open_interest', 'Open interest, base coin', market?.openInterest ?? null, labels),
  ]
}

function detectionOf({ symbol, detection }: SymbolHealth): MetricSample[] {
  if (detection === null) return []
  return [
    ...sample('manipulation_block', 'Confidence of a detector that blocks a direction, 0 while none does', detection.buying?.confidence ?? 0, { symbol, direction: 'buy' }),
    ...sample('manipulation_block', 'Confidence of a detector that blocks a direction, 0 while none does', detection.selling?.confidence ?? 0, { symbol, direction: 'sell' }),
    ...detection.running.flatMap((detector) => sample('detector_missing', '1 while a detector has failed and its protection is missing', detection.missing.includes(detector) ? 1 : 0, { symbol, detector })),
  ]
}

function countersOf({ symbol, book, reads }: SymbolHealth): MetricSample[] {
  const { audits } = book
  const byOutcome = { equal: audits.equal, mismatch: audits.mismatch, stale: audits.stale, inconclusive: audits.inconclusive, 'no-answer': audits.noAnswer }
  return [
    ...Object.entries(byOutcome).flatMap(([outcome, value]) => sample('book_audit_outcomes', 'Audits of the book by REST', value, { symbol, outcome })),
    ...sample('book_losses', 'Times that a valid book was lost', book.rebuilds, { symbol }),
    ...sample('feed_reconnects_forced', 'New connections forced because the fallback served exits for too long', book.reconnects, { symbol }),
    ...Object.entries(reads).flatMap(([purpose, counts]) => sources(counts).flatMap(([source, value]) => sample('price_reads', 'Reads of prices by purpose and the source that served them', value, { symbol, purpose, source }))),
  ]
}

const sources = (counts: ReadsHealth): [string, number][] => [['stream', counts.stream], ['rest', counts.rest], ['refused', counts.refused]]

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000)
