import type { HealthSnapshot, KillAnswer, ReleaseAnswer, RestartAnswer, StrategyHealth } from '../../runtime/health/index.ts'
import type { RecoveryReport } from '../../trading/index.ts'

/** A strategy with everything that can be changed about it. */
export interface StrategyPicture extends StrategyHealth {
  readonly parameters: readonly { readonly name: string; readonly value: number | boolean; readonly configured: number | boolean }[]
}

/** All that the root supervisor knows at a moment. */
export interface RootPicture {
  readonly snapshot: HealthSnapshot
  readonly recovery: RecoveryReport | null
  readonly strategies: readonly StrategyPicture[]
}

/** Who asks for a change, and why: written down by everybody on the way. */
export interface Asker {
  readonly user: string
  readonly why: string
}

/** What a fault planted by hand may be. */
export type PlantedFault = 'throw' | 'loop' | 'abort'
export type AcceptedOr = { readonly kind: 'accepted'; readonly request: string } | { readonly kind: 'refused'; readonly reason: string }

/** What the gateway asks of the root supervisor, and what it is answered; errors cross as refusals. */
export interface RootAsks {
  readonly picture: { readonly give: Record<string, never>; readonly get: RootPicture }
  readonly metrics: { readonly give: Record<string, never>; readonly get: { readonly contentType: string; readonly text: string } }
  readonly kill: { readonly give: Asker & { readonly flatten: boolean }; readonly get: KillAnswer }
  readonly release: { readonly give: Asker & { readonly force: boolean }; readonly get: ReleaseAnswer }
  readonly 'restart-actor': { readonly give: Asker & { readonly id: string }; readonly get: RestartAnswer }
  readonly 'reset-breaker': { readonly give: Asker & { readonly group: string }; readonly get: RestartAnswer }
  readonly recover: { readonly give: Asker; readonly get: AcceptedOr }
  /** null: passed on; else why not. */
  readonly 'set-limit': { readonly give: Asker & { readonly limit: string; readonly value: string }; readonly get: string | null }
  readonly 'set-strategy': { readonly give: Asker & { readonly strategy: string; readonly setting: string; readonly value: string }; readonly get: string | null }
  readonly 'close-position': { readonly give: Asker & { readonly symbol: string }; readonly get: RestartAnswer }
  readonly 'cancel-order': { readonly give: Asker & { readonly clientId: string }; readonly get: RestartAnswer }
  readonly plant: { readonly give: Asker & { readonly id: string; readonly fault: PlantedFault }; readonly get: RestartAnswer }
}

export type AskKind = keyof RootAsks

/** The way from the gateway to the root supervisor. */
export interface RootLine {
  /** @throws RM_API_ENGINE_AWAY when nobody answers in time */
  ask<Kind extends AskKind>(kind: Kind, give: RootAsks[Kind]['give']): Promise<RootAsks[Kind]['get']>
}
