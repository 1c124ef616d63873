import { availableParallelism } from 'node:os'
import { type PlacementPlan, placementPlan } from '../src/runtime/index.ts'
import type { EngineSettings } from './engine-messages.ts'

/** Under the `symbol` policy more symbols than this share threads. */
const SYMBOL_THREADS_MAX = 16

/** Threads of an engine with these settings on this machine. @throws RM_PLACEMENT */
export function planFor({ config }: EngineSettings): PlacementPlan {
  const { policy, shards } = config.placement
  const symbols = config.trading_pairs
  const count = shards === 'auto' ? null : shards
  if (policy === 'symbol' && symbols.length > SYMBOL_THREADS_MAX) return placementPlan(symbols, availableParallelism(), 'shared', count ?? SYMBOL_THREADS_MAX)
  return placementPlan(symbols, availableParallelism(), policy, count)
}
