import { z } from 'zod'
import { strategyName, timeMs } from './scalars.ts'

const number = z.number()
const maybe = z.number().nullable()
const text = z.string()

export const processState = z.object({ name: text, pid: maybe, state: text, restarts: number, heartbeatAgeMs: maybe, rssBytes: maybe, cpuSeconds: maybe, lastError: text.nullable() })

/** An actor; `restarts` nobody asked for, `lives` all of them; `sequence` of what it published last, `ringDepth` records waiting, `ringLagMs` age of the oldest of them. */
export const actorState = z.object({
  id: text,
  kind: text,
  symbol: text.nullable(),
  thread: text,
  state: text,
  note: text,
  restarts: number,
  lives: number,
  heartbeatAgeMs: maybe,
  handled: number,
  sequence: maybe,
  ringDepth: maybe,
  ringLagMs: maybe,
  lastError: text.nullable(),
})
export type ActorState = z.output<typeof actorState>

/** Percentiles of one hop, ns. */
export const latency = z.object({ count: number, p50: number, p90: number, p99: number, max: number })

/** How many reads of prices each source has served. */
export const priceReads = z.object({ stream: number, rest: number, refused: number })
export const priceShares = z.object({ symbol: text, order: priceReads, exit: priceReads, signal: priceReads, other: priceReads })

/** Breaker and limits of one group of endpoints of the venue. */
export const breaker = z.object({ group: text, breaker: z.enum(['closed', 'half-open', 'open']), failures: number, openings: number, opensInMs: number, utilisation: number, waiting: number })
export type Breaker = z.output<typeof breaker>

export const healthStatus = z.enum(['ok', 'degraded', 'down'])

/** `/health`: open, so nothing about money is in it. */
export const health = z.object({
  status: healthStatus,
  reasons: z.array(text),
  ready: z.boolean(),
  live: z.literal(true),
  version: text,
  mode: text,
  startedAt: text,
  uptimeMs: number,
  /** Age of what the supervisor told, ms; null: it has told nothing yet. */
  ageMs: maybe,
  processes: z.array(processState),
  actors: z.array(actorState),
  prices: z.array(priceShares.extend({ priceAgeMs: maybe, priceSource: text, bookValid: z.boolean() })),
  latencyNs: z.record(text, latency),
})
export type Health = z.output<typeof health>

export const live = z.object({ live: z.literal(true) })
export const readiness = z.object({ ready: z.boolean(), status: healthStatus, reasons: z.array(text) })

/** The tree of supervision: processes, and the threads of the engine with their actors. */
export const actorTree = z.object({
  processes: z.array(processState),
  threads: z.array(z.object({ name: text, actors: z.array(actorState) })),
  latencyNs: z.record(text, latency),
})
export type ActorTree = z.output<typeof actorTree>

export const breakers = z.object({ banMs: number, ageMs: number, groups: z.array(breaker) })
export type Breakers = z.output<typeof breakers>

/** The last run of recovery; null before there was one. `report` as docs/reliability.md tells it. */
export const recoveryStatus = z.object({
  running: z.boolean(),
  ready: z.boolean(),
  last: z
    .object({ reason: text, outcome: text, epoch: number, requests: z.array(text), hanging: z.array(z.record(text, z.unknown())), frozen: z.array(z.record(text, z.unknown())), report: z.record(text, z.unknown()) })
    .nullable(),
})
export type RecoveryStatus = z.output<typeof recoveryStatus>

/**
 * What a person should hear of, as it goes to every channel of alerts; where those are switched off, a warning or an error of the log.
 * `source`: what it is about, such as `kill` or `strategy:momentum`. `resolved`: it is over.
 */
export const alertSeverity = z.enum(['info', 'warning', 'critical'])
export const alert = z.object({ id: text, atMs: timeMs, severity: alertSeverity, source: text, code: text.nullable(), title: text, text, resolved: z.boolean() })
export type Alert = z.output<typeof alert>

export const strategyState = z.object({
  name: strategyName,
  enabled: z.boolean(),
  weight: number,
  /** Every setting that can be changed while it runs, as the configuration writes it. */
  parameters: z.array(z.object({ name: text, value: z.union([number, z.boolean()]), configured: z.union([number, z.boolean()]), changed: z.boolean() })),
  /** Positions that it voted for and that have closed; `net` in quote currency. */
  outcome: z.object({ trades: number, wins: number, net: text }).nullable(),
  /** Since this gateway began to listen. */
  votes: z.object({ buy: number, sell: number, none: number, leftOut: number }),
})
export type StrategyState = z.output<typeof strategyState>

/** Votes of all, since this gateway began to listen; shares are null before the first decision. */
export const strategiesStatus = z.object({
  strategies: z.array(strategyState),
  consensus: z.object({ decisions: number, consensus: number, single: number, model: number, conflicts: number, blocked: number, consensusRate: maybe, sinceMs: timeMs }),
})
export type StrategiesStatus = z.output<typeof strategiesStatus>
