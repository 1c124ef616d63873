import type { BotConfig, Candle, Faults, MlStatus, ModelRow } from '../contract/index.ts'
import type { Gate } from '../auth/index.ts'
import type { JournalBooks, OrderQueries } from '../books/index.ts'
import type { RootCache, RootLine } from '../command/index.ts'
import type { AlertLog, DecisionLog, LiveSymbol, MarketView } from '../live/index.ts'
import type { AuditLog } from './audit-log.ts'

/** What stays as it is while the gateway runs. */
export interface DeskFacts {
  readonly version: string
  readonly mode: string
  readonly venue: string
  readonly symbols: readonly string[]
  readonly settings: BotConfig['settings']
  readonly modelFolder: string
  readonly modelRole: MlStatus['role']
}

/** Candles of the venue. */
export interface KlineSource {
  /** Oldest first. @throws RM_API_VENUE */
  klines(live: LiveSymbol, interval: string, limit: number): Promise<readonly Candle[]>
}

/** The folder of the models. */
export interface ModelShelf {
  list(): { readonly items: ModelRow[]; readonly active: string | null }
  /** @throws RM_API_NOT_FOUND, RM_API_REFUSED */
  activate(version: string): 'now' | 'restart'
}

/** The control page of the built-in exchange. */
export interface FaultPanel {
  /** @throws RM_API_VENUE */
  list(): Promise<Faults>
  /** @throws RM_API_NOT_FOUND, RM_API_REFUSED, RM_API_VENUE */
  arm(action: string, fields: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>
}

/** Which symbols somebody looks at more closely: the feed tells their books and features. */
export interface Interest {
  book(live: LiveSymbol): void
  features(live: LiveSymbol): void
}

/** Everything that the routes and the socket answer from. */
export interface Desk {
  readonly facts: DeskFacts
  readonly books: JournalBooks
  readonly orders: OrderQueries
  readonly market: MarketView
  readonly decisions: DecisionLog
  readonly alerts: AlertLog
  readonly audit: AuditLog
  readonly root: RootCache
  readonly line: RootLine
  readonly gate: Gate
  readonly klines: KlineSource
  readonly models: ModelShelf
  /** null but in paper mode. */
  readonly faults: FaultPanel | null
  readonly interest: Interest
  /** Monotonic. */
  readonly nowMs: () => number
  readonly wallMs: () => number
}
