import { describe, expect, it } from 'vitest'
import { ArchiveActor, type ArchiveWay } from '../../actors/archive.ts'
import { RingmasterError } from '../../src/core/index.ts'
import { archiveMetrics } from '../../src/runtime/health/index.ts'
import { SnapshotBuffer, type StepEnd } from '../../src/storage/index.ts'

/** A way into tables that does what the list says, and then nothing more. */
class PlannedWay implements ArchiveWay {
  sequence = 0
  bytesBehind = 100
  lastMs = 0
  readonly snapshotsDropped = 0
  upkeeps = 0
  flushes = 0
  readonly #plan: (StepEnd | Error)[]

  constructor(plan: (StepEnd | Error)[]) {
    this.#plan = plan
  }

  step(): Promise<StepEnd> {
    const next = this.#plan.shift() ?? 'idle'
    if (next instanceof Error) return Promise.reject(next)
    if (next === 'more') this.sequence++
    if (next === 'idle') this.bytesBehind = 0
    return Promise.resolve(next)
  }

  upkeep(): Promise<void> {
    this.upkeeps++
    return Promise.resolve()
  }

  flush(): Promise<void> {
    this.flushes++
    return Promise.resolve()
  }
}

const away = (): Error => new RingmasterError('RM_DATABASE_UNREACHABLE', { where: 'db', reason: 'gone' })
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

function actorOver(plan: (StepEnd | Error)[]): { actor: ArchiveActor; way: PlannedWay; waits: number[]; words: string[]; fire: () => Promise<void> } {
  const way = new PlannedWay(plan)
  const waits: number[] = []
  const words: string[] = []
  let due: (() => void) | null = null
  let nowMs = 1_000_000
  const timers = {
    after: (delayMs: number, callback: () => void) => {
      waits.push(delayMs)
      due = callback
      return { cancel: () => void (due = null) }
    },
    every: () => ({ cancel: () => {} }),
  }
  const actor = new ArchiveActor({ way, timers, wallMs: () => nowMs, settings: { pollMs: 250, backoffMs: 500, backoffMsMax: 3000, upkeepMs: 600_000 }, say: (_level, text) => void words.push(text) })
  const fire = async (): Promise<void> => {
    nowMs += waits.at(-1) ?? 0
    due?.()
    await settle()
  }
  return { actor, way, waits, words, fire }
}

describe('the archive actor', () => {
  it('waits twice as long after each failure up to the longest, says a cause once, and is well again at once', async () => {
    const { actor, waits, words, fire } = actorOver([away(), away(), away(), away(), away(), 'more', 'idle'])
    actor.start()
    await settle()
    expect(actor.health).toMatchObject({ state: 'waiting', failures: 1, retryInMs: 500, error: 'RM_DATABASE_UNREACHABLE: database db is not reachable: gone' })
    for (let turn = 0; turn < 5; turn++) await fire()
    expect(waits).toEqual([500, 1000, 2000, 3000, 3000, 250])
    expect(words.filter((text) => text.includes('takes no records'))).toHaveLength(1)
    expect(words.at(-1)).toBe('the database takes records again, after 5 failures')
    expect(actor.health).toEqual({ state: 'following', records: 1, lagBytes: 0, lagMs: 0, snapshotsDropped: 0, failures: 0, error: null, retryInMs: 0 })
  })

  it('tries again at once after a conflict, and waits only when it meets another', async () => {
    const conflict = (): Error => new RingmasterError('RM_DATABASE_CONFLICT', { table: 'orders', key: 'x', expected: 1 })
    const { actor, waits, fire } = actorOver([conflict(), conflict(), 'idle'])
    actor.start()
    await settle()
    await fire()
    await fire()
    expect(waits).toEqual([0, 1000, 250])
  })

  it('keeps house now and then, not at every turn, and writes what waits at each', async () => {
    const { actor, way, fire } = actorOver([])
    actor.start()
    await settle()
    for (let turn = 0; turn < 10; turn++) await fire()
    expect([way.upkeeps, way.flushes]).toEqual([1, 11])
  })

  it('archives what is left when it is stopped, and does not try a database that is ill', async () => {
    const well = actorOver(['idle', 'more', 'more', 'idle'])
    well.actor.start()
    await settle()
    await well.actor.stop()
    expect(well.actor.health).toMatchObject({ state: 'stopped', records: 2 })
    const ill = actorOver([away(), 'more', 'more'])
    ill.actor.start()
    await settle()
    await ill.actor.stop()
    expect(ill.actor.health).toMatchObject({ state: 'stopped', records: 0 })
    expect(ill.waits).toEqual([500])
  })

  it('shows its lag as metrics, and none where there is no archive', () => {
    const metrics = archiveMetrics({ state: 'waiting', records: 7, lagBytes: 1200, lagMs: 2500, snapshotsDropped: 3, failures: 4, error: 'x', retryInMs: 1 })
    expect(Object.fromEntries(metrics.map(({ name, value }) => [name, value]))).toEqual({ archive_following: 0, archive_records: 7, archive_lag_bytes: 1200, archive_lag_seconds: 2.5, archive_snapshots_dropped: 3, archive_failures: 4 })
    expect(archiveMetrics(null)).toEqual([])
  })
})

describe('pictures of the market that wait', () => {
  it('are dropped from the oldest on when there are too many, and stay when they were not written', async () => {
    const buffer = new SnapshotBuffer(3)
    const row = (symbol: string): { symbol: string } => ({ symbol })
    buffer.add([row('a'), row('b')])
    buffer.add([row('c'), row('d')])
    expect([buffer.waiting, buffer.dropped]).toEqual([3, 1])
    await expect(buffer.flush(() => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect(buffer.waiting).toBe(3)
    const written: unknown[] = []
    await buffer.flush((rows) => {
      // One more comes while they are written.
      if (written.length === 0) buffer.add([row('e')])
      written.push(...rows.map((one) => one['symbol']))
      return Promise.resolve()
    })
    expect(written).toEqual(['b', 'c', 'd', 'e'])
    expect([buffer.waiting, buffer.dropped]).toEqual([0, 2])
  })
})
