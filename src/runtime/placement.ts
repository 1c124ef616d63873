import { type ActorId, actorId, fail } from '../core/index.ts'

/**
 * `shared`: as many shard threads as there are free cores, symbols dealt round.
 * `symbol`: a thread for each symbol, so that no hang of one reaches another.
 * `isolated`: a thread for each actor.
 */
export type PlacementPolicy = 'shared' | 'symbol' | 'isolated'

export interface ThreadPlan {
  readonly name: string
  readonly actors: readonly ActorId[]
}

/** Threads of the engine process; the last one is always the execution thread. */
export type PlacementPlan = readonly ThreadPlan[]

const PER_SYMBOL = ['ingest', 'features', 'inference'] as const

/**
 * Which actor runs on which thread: a pure function of symbols, cores and policy.
 * @param shards shard threads for `shared`; null computes one per free core (execution and the event loops of the
 * other processes count as one core).
 * @throws RM_PLACEMENT for no symbols, repeated symbols or a shard count that is not a positive integer.
 */
export function placementPlan(symbols: readonly string[], cores: number, policy: PlacementPolicy, shards: number | null): PlacementPlan {
  if (symbols.length === 0) fail('RM_PLACEMENT', { problem: 'there are no symbols' })
  if (new Set(symbols).size !== symbols.length) fail('RM_PLACEMENT', { problem: `a symbol is named twice in ${symbols.join(', ')}` })
  if (shards !== null && !(Number.isSafeInteger(shards) && shards > 0)) fail('RM_PLACEMENT', { problem: `${shards} shards` })
  return [...shardPlans(symbols, cores, policy, shards), { name: 'execution', actors: [actorId('execution', null)] }]
}

function shardPlans(symbols: readonly string[], cores: number, policy: PlacementPolicy, shards: number | null): ThreadPlan[] {
  if (policy === 'isolated') return symbols.flatMap((symbol) => PER_SYMBOL.map((kind) => ({ name: actorId(kind, symbol), actors: [actorId(kind, symbol)] })))
  const count = policy === 'symbol' ? symbols.length : Math.min(symbols.length, shards ?? Math.max(1, cores - 1))
  const dealt: ActorId[][] = Array.from({ length: count }, () => [])
  symbols.forEach((symbol, i) => dealt[i % count]!.push(...PER_SYMBOL.map((kind) => actorId(kind, symbol))))
  return dealt.map((actors, i) => ({ name: policy === 'symbol' ? `shard-${symbols[i]}` : `shard-${i + 1}`, actors }))
}

/** One line per thread, for the console. */
export function describePlan(plan: PlacementPlan): string {
  return plan.map((thread) => `${thread.name}: ${thread.actors.join(' ')}`).join('\n')
}
