import { describe, expect, it } from 'vitest'
import { limits, VirtualTime } from '../../src/core/index.ts'
import { Ring } from '../../src/memory/index.ts'
import { type Actor, type ActorContext, type ActorSpec, createVirtualHost, type VirtualHostRecord } from '../../src/runtime/index.ts'

const SLOT_BYTES = 64
const LIMITS = { max: 3, windowMs: 10_000, backoffMs: 10, backoffMaxMs: 1000 }

interface Probe {
  readonly seen: number[]
  lives: number
  context: ActorContext | null
}

/** An actor that notes the sequence of every record and does what `react` says. */
function probe(id: string, row: number, ring: Ring | null, react: (sequence: number, life: number) => void = () => {}, wakes: readonly Ring[] = []): { spec: ActorSpec; state: Probe } {
  const state: Probe = { seen: [], lives: 0, context: null }
  const spec: ActorSpec = {
    id,
    kind: 'features',
    symbol: id,
    row,
    inputs: ring === null ? [] : [{ ring, consumer: 0 }],
    wakes,
    create: (context) => {
      const life = state.lives++
      state.context = context
      const actor: Actor = {
        start: () => context.report({ state: 'ready' }),
        onRecord: (_input, _slot, sequence) => {
          react(sequence, life)
          state.seen.push(sequence)
        },
        onWake: (wake) => void state.seen.push(-1 - wake),
        onMessage: (message) => {
          if (message.type === 'boom') throw new Error('told to')
        },
        stop: (_graceful, done) => done(),
      }
      return actor
    },
  }
  return { spec, state }
}

function newRing(): Ring {
  const ring = Ring.create(16, SLOT_BYTES)
  ring.open(0, 'gating')
  return ring
}

function publish(ring: Ring, count: number): void {
  const producer = ring.producer()
  expect(producer.claim(count)).toBe(true)
  producer.publish()
}

function run(specs: readonly ActorSpec[]): { time: VirtualTime; record: VirtualHostRecord } {
  const time = new VirtualTime(0)
  const record = createVirtualHost({ time, seed: 1, restartLimits: LIMITS, specs, onLog: () => {} })
  record.host.start()
  return { time, record }
}

describe('host', () => {
  it('gives every record of a ring to its actor once, in order', () => {
    const ring = newRing()
    const { spec, state } = probe('a', 0, ring)
    const { record } = run([spec])
    publish(ring, 5)
    record.host.pump()
    publish(ring, 3)
    record.host.pump()
    expect(state.seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(record.table.read(0).handled).toBe(8)
  })

  it('restarts an actor that throws at the record it died of, and leaves its neighbour alone', () => {
    const rings = [newRing(), newRing()]
    const broken = probe('broken', 0, rings[0]!, (sequence, life) => {
      if (sequence === 2 && life === 0) throw new Error('first life ends here')
    })
    const sound = probe('sound', 1, rings[1]!)
    const { time, record } = run([broken.spec, sound.spec])
    publish(rings[0]!, 4)
    publish(rings[1]!, 4)
    record.host.pump()
    time.runUntil(1e9)
    expect(broken.state.seen).toEqual([0, 1, 2, 3])
    expect(broken.state.lives).toBe(2)
    expect(sound.state.seen).toEqual([0, 1, 2, 3])
    expect(sound.state.lives).toBe(1)
    expect(record.table.read(0)).toMatchObject({ state: 'ready', restarts: 1 })
    expect(record.table.read(1)).toMatchObject({ state: 'ready', restarts: 0 })
    expect(record.deadLetters).toEqual([])
  })

  it('sets a record aside that kills two lives, and goes on behind it', () => {
    const ring = newRing()
    const { spec, state } = probe('a', 0, ring, (sequence) => {
      if (sequence === 1) throw new Error('poison')
    })
    const { time, record } = run([spec])
    new Uint8Array(ring.buffer, ring.slotAt(1), 2).set([0xab, 0xcd])
    publish(ring, 3)
    record.host.pump()
    time.runUntil(1e9)
    expect(state.seen).toEqual([0, 2])
    expect(record.deadLetters).toHaveLength(1)
    expect(record.deadLetters[0]).toMatchObject({ actor: 'a', input: 0, sequence: 1, error: 'Error: poison' })
    expect(record.deadLetters[0]!.bytes.slice(0, 4)).toBe('abcd')
    expect(record.deadLetters[0]!.bytes).toHaveLength(2 * SLOT_BYTES)
  })

  it('escalates instead of looping when the limit of failures in a window is passed', () => {
    const { spec, state } = probe('a', 0, null)
    const { time, record } = run([spec])
    for (let i = 0; i < 10; i++) {
      record.host.send('a', { type: 'boom' })
      time.runUntil(time.nowNs() + 1e8)
    }
    expect(record.escalations).toHaveLength(1)
    expect(record.escalations[0]!.error).toContain('RM_ACTOR_LIMIT')
    expect(state.lives).toBe(1 + LIMITS.max)
    expect(record.table.read(0).state).toBe('restarting')
  })

  it('silences the timers and callbacks of a life that is over', () => {
    const fired: string[] = []
    let life = 0
    let leaked: () => void = () => {}
    const spec: ActorSpec = {
      ...probe('a', 0, null).spec,
      create: (context, scope) => {
        const name = `life ${life++}`
        if (life === 1) leaked = scope.guard(() => void fired.push(`leak of ${name}`))
        return {
          start: () => void context.timers.every(10, () => void fired.push(name)),
          onMessage: () => {
            throw new Error('end')
          },
          stop: (_graceful, done) => done(),
        }
      },
    }
    const { time, record } = run([spec])
    time.runUntil(15e6)
    record.host.send('a', { type: 'boom' })
    leaked()
    time.runUntil(36e6)
    expect(fired).toEqual(['life 0', 'life 1', 'life 1'])
  })

  it('wakes an actor that listens to a ring once for a whole batch', () => {
    const ring = newRing()
    const { spec, state } = probe('a', 0, null, () => {}, [ring])
    const { record } = run([spec])
    publish(ring, 7)
    record.host.pump()
    record.host.pump()
    expect(state.seen).toEqual([-1])
  })

  it('carries a record through a chain of actors in one pump, in whatever order they were added', () => {
    const [first, second, third] = [newRing(), newRing(), newRing()]
    const chain = [
      probe('end', 0, third),
      probe('middle', 1, second, () => publish(third, 1)),
      probe('begin', 2, first, () => publish(second, 1)),
    ]
    const { record } = run(chain.map(({ spec }) => spec))
    publish(first, 2)
    record.host.pump()
    expect(chain.map(({ state }) => state.seen)).toEqual([[0, 1], [0, 1], [0, 1]])
    expect(record.host.pending).toBe(false)
  })

  it('gives the next reader its turn when one alone used up the budget of a pump', () => {
    const flood = Ring.create(4096, SLOT_BYTES)
    flood.open(0, 'gating')
    const ring = newRing()
    const greedy = probe('greedy', 0, flood)
    const modest = probe('modest', 1, ring)
    const { time, record } = run([greedy.spec, modest.spec])
    publish(flood, 4096)
    publish(ring, 1)
    record.host.pump()
    expect(greedy.state.seen).toHaveLength(limits.drainBudget)
    expect(modest.state.seen).toEqual([])
    expect(record.host.pending).toBe(true)
    time.step()
    expect(modest.state.seen).toEqual([0])
    time.runUntil(1e9)
    expect(greedy.state.seen).toEqual(Array.from({ length: 4096 }, (_, i) => i))
    expect(record.host.pending).toBe(false)
  })

  it('keeps the records of a busy actor until it is free, and asks none whose ring is empty whether it is busy', () => {
    const rings = [newRing(), newRing()]
    let busy = true
    let asked = 0
    const working = probe('working', 0, rings[0]!)
    const idle = probe('idle', 1, rings[1]!)
    const watched = (spec: ActorSpec, isBusy: () => boolean): ActorSpec => ({
      ...spec,
      create: (...parts) => Object.defineProperty(spec.create(...parts), 'busy', { get: isBusy }),
    })
    const { time, record } = run([
      watched(working.spec, () => busy),
      watched(idle.spec, () => {
        asked++
        return true
      }),
    ])
    publish(rings[0]!, 3)
    record.host.pump()
    time.runUntil(20e6)
    expect(working.state.seen).toEqual([])
    busy = false
    time.runUntil(25e6)
    expect(working.state.seen).toEqual([0, 1, 2])
    expect(asked).toBe(0)
    expect(time.pending).toBe(0)
  })

  it('restarts on request without counting it as a failure', () => {
    const ring = newRing()
    const { spec, state } = probe('a', 0, ring)
    const { record } = run([spec])
    publish(ring, 2)
    record.host.pump()
    record.host.restart('a', 'test')
    publish(ring, 2)
    record.host.pump()
    expect(state.seen).toEqual([0, 1, 2, 3])
    expect(record.table.read(0)).toMatchObject({ restarts: 0, incarnation: 2 })
  })

  it('refuses an unknown actor by naming the known ones', () => {
    const { record } = run([probe('a', 0, null).spec, probe('b', 1, null).spec])
    expect(() => record.host.restart('c', 'test')).toThrow(/RM_ACTOR_UNKNOWN.*"c".*a, b/)
  })

  it('ends a suspended actor for good until it is restarted', () => {
    const ring = newRing()
    const { spec, state } = probe('a', 0, ring)
    const { record } = run([spec])
    record.host.suspend('a')
    publish(ring, 2)
    record.host.pump()
    expect(state.seen).toEqual([])
    expect(record.table.read(0).state).toBe('suspended')
    record.host.restart('a', 'released')
    record.host.pump()
    expect(state.seen).toEqual([0, 1])
  })
})
