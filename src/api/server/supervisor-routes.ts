import { fail } from '../../core/index.ts'
import type { ActorTree, Health } from '../contract/index.ts'
import type { RootPicture } from '../command/index.ts'
import type { Desk } from '../desk/index.ts'
import { audited, type Handlers, newestFirst, taken } from './handler.ts'

/** The tree of supervision, by thread. */
export function actorTree({ snapshot }: RootPicture): ActorTree {
  const byThread = Map.groupBy(snapshot.actors, (actor) => actor.thread)
  return { processes: [...snapshot.processes], threads: [...byThread].map(([name, actors]) => ({ name, actors })), latencyNs: { ...snapshot.latencyNs } }
}

/** What anybody may know. */
function healthOf(picture: RootPicture | null, ageMs: number | null, facts: Desk['facts']): Health {
  if (picture === null) return { status: 'down', reasons: ['the supervisor has not answered yet'], ready: false, live: true, version: facts.version, mode: facts.mode, startedAt: '', uptimeMs: 0, ageMs: null, processes: [], actors: [], prices: [], latencyNs: {} }
  const { status, reasons, ready, version, mode, startedAt, uptimeMs, processes, actors, symbols, latencyNs } = picture.snapshot
  return {
    status,
    reasons: [...reasons],
    ready,
    live: true,
    version,
    mode,
    startedAt,
    uptimeMs,
    ageMs,
    processes: [...processes],
    actors: [...actors],
    prices: symbols.map(({ symbol, reads, priceAgeMs, priceSource, bookValid }) => ({ symbol, ...reads, priceAgeMs, priceSource, bookValid })),
    latencyNs: { ...latencyNs },
  }
}

/** How everything is, and what was said and done. */
export function supervisorRoutes(desk: Desk): Handlers<'health' | 'live' | 'ready' | 'actors' | 'restartActor' | 'alerts' | 'audit'> {
  const { root, line, facts } = desk
  return {
    async health() {
      // True also while the supervisor is away: then it says how old it is.
      const picture = await root.get().catch(() => root.last)
      return healthOf(picture, root.ageMs, facts)
    },
    live: () => ({ live: true }),
    async ready() {
      const { ready, status, reasons } = (await root.get()).snapshot
      return ready ? { ready, status, reasons: [...reasons] } : fail('RM_API_ENGINE_AWAY', { what: 'readiness', reason: reasons.join('; ') || 'the engine is not ready' })
    },
    actors: async () => actorTree(await root.get()),
    restartActor: ({ params, body }, call) => audited(desk, call, 'restart-actor', params.id, body.why, async () => taken(await line.ask('restart-actor', { user: call.user, why: body.why, id: params.id }), 'actor', params.id)),
    alerts: ({ query }) => newestFirst(query.severity === undefined ? desk.alerts.all : desk.alerts.all.filter((alert) => alert.severity === query.severity), query.cursor, query.limit),
    audit: ({ query }) => newestFirst(desk.audit.rows, query.cursor, query.limit),
  }
}
