/** What an actor does; the first half of its id. */
export type ActorKind = 'ingest' | 'features' | 'inference' | 'execution'
export const ACTOR_KINDS: readonly ActorKind[] = ['ingest', 'features', 'inference', 'execution']

/** `features:BTCUSDT`, or `execution` for the one without a symbol. */
export type ActorId = string

export const actorId = (kind: ActorKind, symbol: string | null): ActorId => (symbol === null ? kind : `${kind}:${symbol}`)
