import type { FeedAddress } from '../src/api/link/index.ts'
import type { Config } from '../src/config/index.ts'
import type { Fault } from '../src/runtime/index.ts'
import type { AccountHealth, ActorHealth, RiskHealth, SymbolHealth, WayHealth } from '../src/runtime/health/index.ts'
import type { StrategyChange } from '../src/strategies/index.ts'
import type { LatencySummary, LogRecord } from '../src/telemetry/index.ts'
import type { CountGrowth } from '../src/telemetry/root/index.ts'
import type { KillStatus, KillWay, RecoveryReport, TradingSettings } from '../src/trading/index.ts'
import type { Usage } from './usage.ts'
import type { VenueChoice } from './venue.ts'

/** Environment variable that carries `EngineSettings` to the engine process. */
export const ENGINE_ENV = 'RINGMASTER_INTERNAL_ENGINE'

/** What the engine process is started with. */
export interface EngineSettings {
  readonly config: Config
  /** The part of it that execution needs, computed by the supervisor: the engine does not load the schema. */
  readonly trading: TradingSettings
  readonly venue: VenueChoice
  /** Origin of the run clock, decimal text of nanoseconds: the same in all processes of a run. */
  readonly originNs: string
  /** Token of the feed of the gateway; null: there is no gateway. */
  readonly feedToken: string | null
}

/** Everything the engine tells about itself ten times a second. */
export interface EngineState {
  readonly ready: boolean
  readonly usage: Usage
  readonly actors: readonly ActorHealth[]
  readonly symbols: readonly SymbolHealth[]
  readonly account: AccountHealth | null
  /** null before execution has said anything. */
  readonly kill: KillStatus | null
  readonly risk: RiskHealth | null
  readonly restInFlight: number
  /** null before execution has shown it. */
  readonly way: WayHealth | null
  readonly latencyNs: Readonly<Record<string, LatencySummary>>
}

/** What a clean stop has to say. */
export interface StopReport {
  readonly reason: string
  readonly execution: unknown
  readonly tookMs: number
}

/** Engine process → root supervisor. */
export type FromEngine =
  | { readonly type: 'beat'; readonly state: EngineState }
  | { readonly type: 'plan'; readonly plan: string }
  | { readonly type: 'log'; readonly record: LogRecord }
  | { readonly type: 'counts'; readonly counts: readonly CountGrowth[] }
  /** Where the feed of the gateway listens. */
  | { readonly type: 'feed'; readonly address: FeedAddress }
  | { readonly type: 'fatal'; readonly error: string }
  | { readonly type: 'recovery'; readonly report: RecoveryReport }
  | { readonly type: 'stopped'; readonly report: StopReport }

/** Root supervisor → engine process. */
export type ToEngine =
  | { readonly type: 'restart-actor'; readonly id: string }
  | { readonly type: 'reset-breaker'; readonly group: string }
  /** A person asks execution to reconcile; the report will carry the id. */
  | { readonly type: 'recover'; readonly request: string; readonly why: string }
  | { readonly type: 'set-limit'; readonly limit: string; readonly value: string; readonly why: string }
  /** All that is changed about the strategies: kept already. */
  | { readonly type: 'strategies'; readonly changes: readonly StrategyChange[] }
  | { readonly type: 'stop'; readonly reason: string }
  /** A person closes what a symbol holds, or calls back an order that has not filled. */
  | { readonly type: 'close-position'; readonly symbol: string; readonly why: string }
  | { readonly type: 'cancel-order'; readonly clientId: string; readonly why: string }
  | { readonly type: 'kill'; readonly id: string; readonly by: KillWay; readonly why: string; readonly flatten: boolean }
  | { readonly type: 'release'; readonly request: string; readonly by: KillWay; readonly why: string; readonly force: boolean }
  /** Chaos tests only. */
  | { readonly type: 'fault'; readonly id: string; readonly fault: Fault | 'abort' | 'hang-main' }
