import { modelComplaints, type ModelsHealth } from './models.ts'
import type { LatencySummary } from '../../telemetry/index.ts'
import type { AlertsHealth } from './alerts.ts'
import type { ArchiveHealth } from './archive.ts'
import { type WayHealth, wayComplaints } from './way.ts'

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
  /** Lives since the engine process began, asked-for restarts included. */
  readonly lives: number
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

/** The stop that the venue keeps for a position. */
export interface VenueStopHealth {
  /** Trigger price, decimal text; null where none is known. */
  readonly price: string | null
  /** `resting` is as it should be; `unsure`, `triggered`, `none` and the like are on the way there or back. */
  readonly state: string
  /** The position has been without stop and exit for too long. */
  readonly alarm: boolean
}

export interface PositionHealth {
  readonly side: 'long' | 'short'
  /** Decimal text in base coin. */
  readonly size: string
  /** Decimal text in quote currency. */
  readonly entryPrice: string
  /** How it is left: by the plan of its entry, or by a conservative one because that is missing or damaged. */
  readonly exitPlan: 'entry' | 'conservative'
  readonly stop: VenueStopHealth
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
  /** The venue's dead-man switch: `off`, `armed`, `unavailable` for this account, `failing`. */
  readonly deadMan: string
}

/** What a detector says against trading in a direction. */
export interface BlockHealth {
  readonly detector: string
  /** 0 to 1 */
  readonly confidence: number
}

/** What the detectors of a symbol see. */
export interface DetectionHealth {
  /** null while the direction is not blocked. */
  readonly buying: BlockHealth | null
  readonly selling: BlockHealth | null
  /** Manipulations found in this life of the detectors. */
  readonly patterns: number
  /** Nearest levels around the mid, quote currency; null for none. */
  readonly support: number | null
  readonly resistance: number | null
  /** Detectors that are switched on. */
  readonly running: readonly string[]
  /** Those of them that failed: that protection is missing. */
  readonly missing: readonly string[]
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
  /** null while detectors are off, or have said nothing yet. */
  readonly detection: DetectionHealth | null
  readonly book: BookHealth
  /** By purpose. */
  readonly reads: Readonly<Record<'order' | 'exit' | 'signal' | 'other', ReadsHealth>>
  readonly market: MarketHealth | null
  readonly position: PositionHealth | null
}

/** The kill switch. Engaged is no illness: positions are watched and closed as ever, only nothing new is opened. */
export interface KillHealth {
  readonly engaged: boolean
  /** Way by which it was engaged, cause, and words; '' while it is not. */
  readonly by: string
  readonly code: string
  readonly reason: string
  /** ISO time; null while it is not engaged, or the engine has not confirmed it yet. */
  readonly since: string | null
  readonly flatten: boolean
  /** What was measured, and the bound that it broke. */
  readonly values: Readonly<Record<string, string>>
  /** Loss of the day in quote currency, and percent below the highest equity; null while they are not known. */
  readonly dayLoss: number | null
  readonly drawdownPercent: number | null
}

/** `POST /kill`: what became of it. It is kept on the disk, told to the engine, or both. */
export interface KillAnswer {
  readonly id: string
  readonly kept: boolean
  readonly told: boolean
}

/** `POST /release`: what became of it. */
export type ReleaseAnswer = { readonly kind: 'released' } | { readonly kind: 'refused'; readonly reason: string }

/** The process that guards the account when the engine is silent. */
export interface WatchdogHealth {
  /** `waiting` for an earlier one to end, `watching`, `acting`, or `done` with it. */
  readonly state: string
  /** Since the last pulse of execution that it saw. */
  readonly silentMs: number
  /** Whether it closes positions too. */
  readonly flatten: boolean
  /** What it did last; '' for nothing. */
  readonly lastAction: string
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

/** What became of the positions that somebody brought; amounts in quote currency as decimal text, after fees and funding. */
export interface OutcomeHealth {
  /** A strategy that voted for them, or `model`, `consensus`, `single`. */
  readonly name: string
  readonly trades: number
  readonly wins: number
  readonly net: string
}

/** A strategy as a person set it, and what became of its votes. */
export interface StrategyHealth {
  readonly name: string
  readonly enabled: boolean
  readonly weight: number
  /** What differs from the configuration, since somebody changed it while the engine ran. */
  readonly changed: readonly { readonly setting: string; readonly value: string; readonly configured: string }[]
  /** null: no position that it voted for has closed. */
  readonly outcome: OutcomeHealth | null
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
  /** Absent while no position with votes behind it has closed. */
  readonly outcomes?: readonly OutcomeHealth[]
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
  readonly kill: KillHealth
  /** null before its first word, or where there is none. */
  readonly watchdog: WatchdogHealth | null
  /** null before its first word, or where there is none. */
  readonly archive: ArchiveHealth | null
  /** Absent where alerts are switched off. */
  readonly alerts?: AlertsHealth
  /** null before the first word of the execution actor. */
  readonly risk: RiskHealth | null
  /** null before a thread with inference has said anything. */
  readonly models: ModelsHealth | null
  /** Market data by REST that is in flight now, over all threads. */
  readonly restInFlight: number
  /** null before execution has shown it. */
  readonly way: WayHealth | null
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
export function judgeHealth(parts: Pick<HealthSnapshot, 'ready' | 'processes' | 'actors' | 'symbols' | 'way' | 'risk' | 'models'>, required: readonly string[], limits: HealthLimits): Judged {
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
    if (symbol.position?.exitPlan === 'conservative') degraded.push(`${symbol.symbol} holds a position without the exit plan of an entry: it is protected conservatively`)
    if (symbol.position?.stop.alarm === true) degraded.push(`${symbol.symbol} is held without a stop at the venue: no entries`)
  }
  for (const { symbol, why } of parts.risk?.blocked ?? []) degraded.push(`${symbol} is not traded: ${why}`)
  degraded.push(...wayComplaints(parts.way), ...modelComplaints(parts.models))
  if (!parts.ready) degraded.push('not reconciled with the venue yet')
  const reasons = [...down, ...degraded]
  return { status: down.length > 0 ? 'down' : degraded.length > 0 ? 'degraded' : 'ok', reasons }
}

const late = (ageMs: number | null, limitMs: number): string | null =>
  ageMs === null ? 'has not been heard of' : ageMs > limitMs ? `has been silent for ${Math.round(ageMs)} ms` : null
