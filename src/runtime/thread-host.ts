import { parentPort } from 'node:worker_threads'
import { type ActorId, type Clock, type Timers, errorLine, limits } from '../core/index.ts'
import type { Door } from '../memory/index.ts'
import type { LogLevel } from './actor.ts'
import type { ActorSpec } from './actor-slot.ts'
import type { ActorTable } from './actor-table.ts'
import { Host } from './host.ts'
import type { HostEnvironment } from './lives.ts'
import type { CountDelta, FromThread, ToThread } from './protocol.ts'
import type { RestartLimits } from './restart-policy.ts'

export interface ThreadSettings {
  readonly thread: number
  readonly clock: Clock
  readonly timers: Timers
  readonly seed: number
  readonly table: ActorTable
  readonly door: Door
  readonly restartLimits: RestartLimits
  readonly observe: (hop: string, durationNs: number) => void
  readonly specs: readonly ActorSpec[]
  readonly checkpoints: ReadonlyMap<ActorId, unknown>
}

const COUNT_FLUSH_MS = 500
const CHECKPOINT_MS = 1000

/**
 * Runs a host on a worker thread: the event loop for sockets and timers, the door for rings, the pulse for the
 * supervisor. Call once, at the entry of the worker; it ends with the process or with a `stop` message.
 */
export function runThread(settings: ThreadSettings): void {
  const { table, thread, clock, timers, door } = settings
  const tell = (message: FromThread): void => parentPort!.postMessage(message)
  const counts = new Map<string, { actor: ActorId; name: string; label: string; by: number }>()
  const log = (id: ActorId, level: LogLevel, message: string, data: Readonly<Record<string, unknown>> = {}): void =>
    tell({ type: 'log', id, level, message, data: plain(data) })

  const env: HostEnvironment = {
    clock,
    timers,
    seed: settings.seed,
    table,
    restartLimits: settings.restartLimits,
    defer: (callback) => void setImmediate(callback),
    log,
    count: (actor, name, label, by) => {
      const key = `${actor} ${name} ${label}`
      const entry = counts.get(key)
      if (entry === undefined) counts.set(key, { actor, name, label, by })
      else entry.by += by
    },
    observe: settings.observe,
    status: (id, state, note) => tell({ type: 'status', id, state, note }),
    deadLetter: (letter) => tell({ type: 'dead-letter', letter }),
    saveCheckpoint: (id, checkpoint) => tell({ type: 'checkpoint', id, checkpoint }),
    escalate: (id, error) => tell({ type: 'escalate', id, error: errorLine(error) }),
  }
  const host = new Host(env)
  for (const spec of settings.specs) host.add(spec, settings.checkpoints.get(spec.id))

  const flush = (): void => {
    if (counts.size === 0) return
    const deltas: CountDelta[] = [...counts.values()].filter((entry) => entry.by !== 0)
    counts.clear()
    if (deltas.length > 0) tell({ type: 'counts', counts: deltas })
  }
  const beat = (): void => {
    const nowNs = clock.nowNs()
    table.beat(thread, nowNs)
    host.beat(nowNs)
  }
  beat()
  timers.every(limits.heartbeatMs, beat)
  timers.every(COUNT_FLUSH_MS, flush)
  timers.every(CHECKPOINT_MS, () => host.checkpoint())

  parentPort!.on('message', (message: ToThread) => {
    switch (message.type) {
      case 'restart':
        return host.restart(message.id, message.reason, () => tell({ type: 'restarted', id: message.id }))
      case 'suspend':
        return host.suspend(message.id)
      case 'send':
        return host.send(message.id, message.message)
      case 'plant':
        return host.plant(message.id, message.fault)
      case 'stop':
        return host.stop(() => {
          flush()
          tell({ type: 'stopped' })
        })
    }
  })
  tell({ type: 'up' })
  host.start()
  void listenAtDoor(host, door)
}

/** Sleeps at the door while there is nothing to do; sockets, timers and messages go on meanwhile. */
async function listenAtDoor(host: Host, door: Door): Promise<never> {
  for (;;) {
    host.pump()
    door.arm()
    if (host.pending) {
      door.disarm()
      await new Promise((resolve) => setImmediate(resolve))
      continue
    }
    const rung = door.waitAsync()
    if (rung !== null) await rung
  }
}

/** Log data crosses threads by structured clone: anything that could not is put into words. */
function plain(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(data)) {
    if (value instanceof Error) out[key] = errorLine(value)
    else if (typeof value === 'function' || typeof value === 'symbol') out[key] = String(value)
    else if (typeof value === 'object' && value !== null) out[key] = JSON.parse(JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner))) as unknown
    else out[key] = value
  }
  return out
}
