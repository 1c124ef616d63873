import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConnectSchedule } from '../../src/market/index.ts'

describe('the schedule of new connections', () => {
  it('never opens more in any second than the spacing of a lane allows, whoever asks when, over all ends of the memory', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 60 }), (steps) => {
        const first = new ConnectSchedule()
        const ends = [first, new ConnectSchedule(first.buffer)]
        let nowMs = 0
        const opened = steps.map((step, i) => {
          nowMs += step
          const waitMs = ends[i % 2]!.take('first', 400, nowMs * 1e6)
          expect(waitMs).toBeGreaterThanOrEqual(0)
          return nowMs + waitMs
        })
        opened.forEach((at, i) => i > 0 && expect(at - opened[i - 1]!).toBeGreaterThanOrEqual(399.999))
      }),
    )
  })

  it('lets nobody of one lane wait for the other, and nobody who comes late for a place that is past', () => {
    const schedule = new ConnectSchedule()
    expect([schedule.take('later', 2000, 0), schedule.take('later', 2000, 0), schedule.take('first', 400, 0), schedule.take('first', 400, 0)]).toEqual([0, 2000, 0, 400])
    expect(schedule.take('first', 400, 10e9)).toBe(0)
  })

  it('is made over no other memory', () => {
    expect(() => new ConnectSchedule(new SharedArrayBuffer(8))).toThrow('RM_CONNECT_SCHEDULE')
  })
})
