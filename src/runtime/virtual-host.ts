import type { ActorId, Clock, Timers } from '../core/index.ts'
import type { LogLevel } from './actor.ts'
import type { ActorSpec } from './actor-slot.ts'
import { ActorTable } from './actor-table.ts'
import { Host } from './host.ts'
import type { DeadLetter } from './lives.ts'
import type { RestartLimits } from './restart-policy.ts'

export interface VirtualRunLog {
  readonly atNs: number
  readonly actor: ActorId
  readonly level: LogLevel
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface VirtualHostSettings {
  readonly time: Clock & Timers
  readonly seed: number
  readonly restartLimits: RestartLimits
  readonly specs: readonly ActorSpec[]
  readonly onLog: (line: VirtualRunLog) => void
}

/** What a virtual run leaves behind, for reports and assertions. */
export interface VirtualHostRecord {
  readonly host: Host
  readonly table: ActorTable
  readonly counts: ReadonlyMap<string, number>
  readonly deadLetters: readonly DeadLetter[]
  readonly escalations: readonly { readonly id: ActorId; readonly error: string }[]
}

/** All actors on one queue of virtual time: the scheduler of backtests and simulations. */
export function createVirtualHost(settings: VirtualHostSettings): VirtualHostRecord {
  const { time, specs } = settings
  const table = ActorTable.create(1, specs.length)
  const counts = new Map<string, number>()
  const deadLetters: DeadLetter[] = []
  const escalations: { id: ActorId; error: string }[] = []
  const host = new Host({
    clock: time,
    timers: time,
    seed: settings.seed,
    table,
    restartLimits: settings.restartLimits,
    defer: (callback) => void time.after(0, callback),
    log: (actor, level, message, data = {}) => settings.onLog({ atNs: time.nowNs(), actor, level, message, data }),
    count: (actor, name, label, by) => {
      const key = label === '' ? `${actor} ${name}` : `${actor} ${name} ${label}`
      counts.set(key, (counts.get(key) ?? 0) + by)
    },
    observe: () => {},
    status: () => {},
    deadLetter: (letter) => void deadLetters.push(letter),
    saveCheckpoint: () => {},
    escalate: (id, error) => void escalations.push({ id, error: error.message }),
  })
  for (const spec of specs) host.add(spec, undefined)
  return { host, table, counts, deadLetters, escalations }
}
