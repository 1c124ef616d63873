import type { LatencySummary } from '../../telemetry/index.ts'

export type HealthStatus = 'ok' | 'degraded' | 'down'

/** A process as the root supervisor sees it. */
export interface ProcessHealth {
  readonly name: string
  readonly pid: number | null
  readonly state: string
  readonly restarts: number
  /** Since its last sign of life; null before the first. */
  readonly heartbeatAgeMs: number | null
  readonly rssBytes: number | null
  /** Seconds of processor time since it started; null before the first word. */
  readonly cpuSeconds: number | null
  readonly lastError: string | null
}

export interface ActorHealth {
  readonly id: string
  readonly kind: string
  readonly symbol: string | null
  /** Name of the thread it runs on. */
  readonly thread: string
  readonly state: string
  /** What the actor itself says of its state. */
  readonly note: string
  readonly restarts: number
  readonly heartbeatAgeMs: number | null
  /** Records handled over all lives. */
  readonly handled: number
  /** Sequence of the last record published or handled; null for an actor without a ring. */
  readonly sequence: number | null
  /** Records waiting in its input ring. */
  readonly ringDepth: number | null
  /** Age of the oldest record that waits, in ms; 0 when none does. */
  readonly ringLagMs: number | null
  readonly lastError: string | null
}

export interface PositionHealth {
  readonly side: 'long' | 'short'
  /** Decimal text in base coin. */
  readonly size: string
  /** Decimal text in quote currency. */
  readonly entryPrice: string
}

/** How many reads of prices each source has served, and how many were refused. */
export interface ReadsHealth {
  readonly stream: number
  readonly rest: number
  readonly refused: number
}

/** The latest of a symbol's market that everybody may know; null for what the venue has not said. */
export interface MarketHealth {
  readonly price: number | null
  readonly markPrice: number | null
  readonly indexPrice: number | null
  /** Base coin and quote currency, 24 h. */
  readonly volume: number | null
  readonly volumeCcy: number | null
  readonly high24h: number | null
  readonly low24h: number | null
  readonly open24h: number | null
  /** Base coin. */
  readonly openInterest: number | null
  readonly fundingRate: number | null
  readonly nextFundingMs: number | null
  readonly fundingIntervalMs: number | null
  /** Bounds of limit orders; null also while the venue does not apply them. */
  readonly highestBuy: number | null
  readonly lowestSell: number | null
  readonly status: string
  readonly source: string
  readonly updatedMs: number
}

/** How far a book can be relied on. */
export interface BookHealth {
  /** 0 to 1; null before the first book. */
  readonly integrity: number | null
  /** Whether entries may be made on it: `open`, or why not. */
  readonly entries: string
  readonly rebuilds: number
  readonly audits: { readonly equal: number; readonly mismatch: number; readonly stale: number; readonly inconclusive: number; readonly noAnswer: number }
  /** Since the last audit that could compare; null before the first. */
  readonly auditAgeMs: number | null
  /** New connections that were forced because the fallback served exits for too long. */
  readonly reconnects: number
}

/** Margin as the registry has it, quote currency. */
export interface AccountHealth {
  readonly balance: number
  readonly used: number
  readonly available: number
  readonly total: number
  readonly ageMs: number
}

export interface SymbolHealth {
  readonly symbol: string
  readonly lastPrice: number | null
  /** Age of the price in ms by exchange or receive time, whichever is older; null before the first price. */
  readonly priceAgeMs: number | null
  /** Who serves the price now: `stream`, `rest` or `none`. */
  readonly priceSource: string
  readonly bookValid: boolean
  /** The venue's clock minus ours in ms, as ingest estimates it; null until measured. */
  readonly clockOffsetMs: number | null
  /** The round trip over which that was measured, ms. */
  readonly clockRoundTripMs: number | null
  readonly regime: string | null
  /** Who says so: `fixed` by the settings, or a `detector`. */
  readonly regimeSource: string | null
  readonly book: BookHealth
  /** By purpose. */
  readonly reads: Readonly<Record<'order' | 'exit' | 'signal' | 'other', ReadsHealth>>
  readonly market: MarketHealth | null
  readonly position: PositionHealth | null
}

/** The last entry of a symbol that a limit kept out. */
export interface RefusalHealth {
  readonly symbol: string
  readonly limit: string
  /** Both sides of the comparison, in words. */
  readonly found: string
  readonly allowed: string
  readonly atMs: number
  /** In a row by the same limit. */
  readonly times: number
}

/** Limits, what of them is used, and what they kept out. Amounts are decimal text in quote currency. */
export interface RiskHealth {
  /** In effect, and as the configuration has it. */
  readonly limits: readonly { readonly name: string; readonly value: string; readonly configured: string }[]
  readonly exposure: { readonly long: string; readonly short: string; readonly total: string; readonly positions: number }
  readonly refusals: readonly RefusalHealth[]
  /** Symbols that may not be traded, with why. */
  readonly blocked: readonly { readonly symbol: string; readonly why: string }[]
  /** Symbols whose position is below the smallest order of the venue. */
  readonly dust: readonly string[]
}

/** What `/health` answers; filled by the supervisor at the moment of asking. */
export interface HealthSnapshot {
  readonly status: HealthStatus
  /** Why the status is not ok; empty when it is. */
  readonly reasons: readonly string[]
  /** True once reconciled with the venue and able to trade. */
  readonly ready: boolean
  readonly version: string
  readonly mode: string
  readonly startedAt: string
  readonly uptimeMs: number
  readonly processes: readonly ProcessHealth[]
  readonly actors: readonly ActorHealth[]
  readonly symbols: readonly SymbolHealth[]
  /** null before the first word of the venue. */
  readonly account: AccountHealth | null
  /** null before the first word of the execution actor. */
  readonly risk: RiskHealth | null
  /** Market data by REST that is in flight now, over all threads. */
  readonly restInFlight: number
  /** ns, by hop. */
  readonly latencyNs: Readonly<Record<string, LatencySummary>>
}

/** `POST /actors/{id}/restart`: what became of it. */
export type RestartAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'unknown' }
  /** The actor is known and cannot be restarted now. */
  | { readonly kind: 'refused'; readonly reason: string }

export interface Judged {
  readonly status: HealthStatus
  readonly reasons: readonly string[]
}

/** Limits beyond which a part counts as unwell. */
export interface HealthLimits {
  /** Silence of a process or actor that counts as a hang. */
  readonly hangMs: number
  /** Age of a price that nobody may use any more. */
  readonly priceAgeMs: number
}

/**
 * The status that the parts add up to. `down`: nothing can be traded, because a process that trading needs or the
 * execution actor is not there. `degraded`: some part is unwell, the others go on.
 */
export function judgeHealth(parts: Pick<HealthSnapshot, 'ready' | 'processes' | 'actors' | 'symbols'> & { readonly risk?: RiskHealth | null }, required: readonly string[], limits: HealthLimits): Judged {
  const down: string[] = []
  const degraded: string[] = []
  for (const process of parts.processes) {
    const complaint = process.state !== 'running' ? `is ${process.state}` : late(process.heartbeatAgeMs, limits.hangMs)
    if (complaint !== null) (required.includes(process.name) ? down : degraded).push(`process ${process.name} ${complaint}`)
  }
  for (const name of required) if (!parts.processes.some((process) => process.name === name)) down.push(`process ${name} is not there`)
  for (const actor of parts.actors) {
    const complaint = actor.state !== 'ready' ? `is ${actor.state}${actor.note === '' ? '' : ` (${actor.note})`}` : late(actor.heartbeatAgeMs, limits.hangMs)
    if (complaint !== null) (actor.kind === 'execution' ? down : degraded).push(`actor ${actor.id} ${complaint}`)
  }
  for (const symbol of parts.symbols) {
    if (symbol.priceAgeMs === null || symbol.priceAgeMs > limits.priceAgeMs) degraded.push(`${symbol.symbol} has no fresh price`)
    else if (!symbol.bookValid) degraded.push(`${symbol.symbol} has no valid book`)
    else if (symbol.book.entries !== 'open') degraded.push(`${symbol.symbol} takes no entries: ${symbol.book.entries}`)
  }
  for (const { symbol, why } of parts.risk?.blocked ?? []) degraded.push(`${symbol} is not traded: ${why}`)
  if (!parts.ready) degraded.push('not reconciled with the venue yet')
  const reasons = [...down, ...degraded]
  return { status: down.length > 0 ? 'down' : degraded.length > 0 ? 'degraded' : 'ok', reasons }
}

const late = (ageMs: number | null, limitMs: number): string | null =>
  ageMs === null ? 'has not been heard of' : ageMs > limitMs ? `has been silent for ${Math.round(ageMs)} ms` : null
