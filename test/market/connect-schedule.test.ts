import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConnectLane, ConnectSchedule } from '../../src/market/index.ts'

describe('the schedule of new connections', () => {
  it('never opens two closer together than its spacing, whoever asks when for whatever, over all ends of the memory', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.constantFrom<ConnectLane>('first', 'later')), { minLength: 1, maxLength: 60 }), (steps) => {
        const first = new ConnectSchedule()
        const ends = [first, new ConnectSchedule(first.buffer)]
        const opened: number[] = []
        let nowMs = 0
        for (const [i, [step, lane]] of steps.entries()) {
          nowMs += step
          const place = ends[i % 2]!.take(lane, 400, nowMs * 1e6)
          expect(place.waitMs).toBeGreaterThanOrEqual(0)
          expect(place.granted || lane === 'later').toBe(true)
          if (place.granted) opened.push(nowMs + place.waitMs)
        }
        opened.forEach((at, i) => i > 0 && expect(at - opened[i - 1]!).toBeGreaterThanOrEqual(399.999))
      }),
    )
  })

  it('lets what can wait stand back while anybody else waits, and nobody wait for a place that is past', () => {
    const schedule = new ConnectSchedule()
    const at = (lane: ConnectLane, ms: number) => schedule.take(lane, 400, ms * 1e6)
    expect([at('first', 0), at('first', 0), at('later', 0), at('first', 10)]).toEqual([
      { waitMs: 0, granted: true },
      { waitMs: 400, granted: true },
      { waitMs: 500, granted: false },
      { waitMs: 790, granted: true },
    ])
    expect(at('later', 1199).granted).toBe(false)
    expect(at('later', 1200)).toEqual({ waitMs: 0, granted: true })
    expect(at('first', 10_000)).toEqual({ waitMs: 0, granted: true })
  })

  it('is made over no other memory', () => {
    expect(() => new ConnectSchedule(new SharedArrayBuffer(16))).toThrow('RM_CONNECT_SCHEDULE')
  })
})
