import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import type { RingmasterError } from '../../src/core/index.ts'
import { Door, DOOR_BYTES } from '../../src/memory/index.ts'
import { interleaved } from './interleave.ts'

const PINGS = 20_000
const TIMEOUT_MS = 8_000

const workers: Worker[] = []
const start = (data: Record<string, unknown>): Worker => {
  const worker = new Worker(new URL('./door-worker.ts', import.meta.url), { workerData: data })
  workers.push(worker)
  return worker
}
const ended = (worker: Worker): Promise<number> =>
  new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', resolve)
  })

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()))
})

describe('door', () => {
  test('sleeps over no ring, at whatever step of going to sleep it falls', () => {
    for (let at = 0; at < 6; at++) {
      const buffer = Door.buffer(1)
      const [sleeper, ringer] = [new Door(buffer, 0), new Door(buffer, 0)]
      const work = new Int32Array(new SharedArrayBuffer(4))
      let done = 0
      const steps = interleaved((step) => {
        if (step !== at) return
        Atomics.store(work, 0, 1)
        ringer.ring()
      }, () => {
        sleeper.arm()
        if (Atomics.load(work, 0) > done) {
          sleeper.disarm()
          done = 1
        } else if (sleeper.waitAsync() === null) {
          done = Atomics.load(work, 0)
        } else done = -1
      })
      // Asleep only where no ring fell.
      expect(done).toBe(at < steps ? 1 : -1)
    }
  })

  test('arms against the ringer at every step of a ring', () => {
    for (let at = 0; at < 4; at++) {
      const buffer = Door.buffer(1)
      const [sleeper, ringer] = [new Door(buffer, 0), new Door(buffer, 0)]
      const work = new Int32Array(new SharedArrayBuffer(4))
      let saw = false
      let asleep = false
      interleaved((step) => {
        if (step !== at) return
        sleeper.arm()
        saw = Atomics.load(work, 0) === 1
        if (saw) sleeper.disarm()
        else asleep = true
      }, () => {
        Atomics.store(work, 0, 1)
        if (ringer.ring()) asleep = false
      })
      expect(asleep).toBe(false)
    }
  })

  test('wakes for every one of many handoffs between two parked threads', { timeout: 30_000 }, async () => {
    const doors = Door.buffer(2)
    const counters = new SharedArrayBuffer(128)
    const both = [0, 1].map((me) => ended(start({ mode: 'park', me, doors, counters, pings: PINGS, timeoutMs: TIMEOUT_MS })))
    expect(await Promise.all(both)).toEqual([0, 0])
    expect([...new Int32Array(counters)].filter((x) => x !== 0)).toEqual([PINGS, PINGS])
  })

  test('wakes an event loop for every one of many handoffs', { timeout: 30_000 }, async () => {
    const doors = Door.buffer(2)
    const counters = new SharedArrayBuffer(128)
    const pings = 4_000
    const modes = ['park', 'loop']
    const both = [0, 1].map((me) => ended(start({ mode: modes[me], me, doors, counters, pings, timeoutMs: TIMEOUT_MS })))
    expect(await Promise.all(both)).toEqual([0, 0])
    expect([...new Int32Array(counters)].filter((x) => x !== 0)).toEqual([pings, pings])
  })

  test('rings once for a burst and says which ring woke', () => {
    const door = new Door(Door.buffer(1), 0)
    expect(door.ring()).toBe(false)
    door.arm()
    expect([door.ring(), door.ring(), door.ring()]).toEqual([true, false, false])
    expect(door.wait(10_000)).toBe(true)
    door.arm()
    expect(door.wait(1)).toBe(false)
    expect(door.ring()).toBe(false)
  })

  test('keeps one promise for one sleeper that woke by other means', async () => {
    const door = new Door(Door.buffer(1), 0)
    door.arm()
    const first = door.waitAsync()
    door.disarm()
    expect(door.waitAsync()).toBeNull()
    door.arm()
    expect(door.waitAsync()).toBe(first)
    door.ring()
    expect(await first).toBe('ok')
    expect(door.waitAsync()).toBeNull()
  })

  test('does not let two doors of a buffer ring for each other, and refuses one that is not there', () => {
    const buffer = Door.buffer(2)
    const [a, b] = [new Door(buffer, 0), new Door(buffer, 1)]
    a.arm()
    expect(b.ring()).toBe(false)
    expect(a.ring()).toBe(true)
    expect(buffer.byteLength).toBe(2 * DOOR_BYTES)
    for (const index of [-1, 2, 0.5, Number.NaN]) {
      let code = 'no error'
      try {
        new Door(buffer, index)
      } catch (error) {
        code = (error as RingmasterError).code
      }
      expect(code).toBe('RM_DOOR_INDEX')
    }
  })
})
