import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConnectLane, ConnectSchedule } from '../../src/market/index.ts'

describe('the schedule of new connections', () => {
  it('never opens two closer together than its spacing, whoever asks when for whatever, over all ends of the memory', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.constantFrom<ConnectLane>('account', 'first', 'later')), { minLength: 1, maxLength: 60 }), (steps) => {
        const first = new ConnectSchedule()
        const ends = [first, new ConnectSchedule(first.buffer)]
        const opened: number[] = []
        let nowMs = 0
        let firstMs = -1
        let accountAsked = false
        for (const [i, [step, lane]] of steps.entries()) {
          nowMs += step
          const place = ends[i % 2]!.take(lane, 400, nowMs * 1e6)
          expect(place.waitMs).toBeGreaterThanOrEqual(0)
          if (lane === 'account') accountAsked = true
          // Before the account has its place nobody else has one, for a second and a half.
          if (firstMs < 0) firstMs = nowMs
          const held = lane !== 'account' && !accountAsked && nowMs < firstMs + 1500
          if (held) expect(place.granted).toBe(false)
          expect(place.granted || held || lane === 'later').toBe(true)
          if (place.granted) opened.push(nowMs + place.waitMs)
        }
        opened.forEach((at, i) => i > 0 && expect(at - opened[i - 1]!).toBeGreaterThanOrEqual(399.999))
      }),
    )
  })

  it('lets what can wait stand back while anybody else waits, and nobody wait for a place that is past', () => {
    const schedule = new ConnectSchedule()
    const at = (lane: ConnectLane, ms: number) => schedule.take(lane, 400, ms * 1e6)
    expect([at('account', 0), at('first', 0), at('later', 0), at('first', 10)]).toEqual([
      { waitMs: 0, granted: true },
      { waitMs: 400, granted: true },
      { waitMs: 500, granted: false },
      { waitMs: 790, granted: true },
    ])
    expect(at('later', 1199).granted).toBe(false)
    expect(at('later', 1200)).toEqual({ waitMs: 0, granted: true })
    expect(at('first', 10_000)).toEqual({ waitMs: 0, granted: true })
  })

  it('gives the account the first place when it asks last, and holds nobody up for longer than 1.5 s when it never asks', () => {
    const schedule = new ConnectSchedule()
    const at = (lane: ConnectLane, ms: number) => schedule.take(lane, 400, ms * 1e6)
    for (const ms of [50, 60, 500]) expect(at('first', ms)).toEqual({ waitMs: 20, granted: false })
    expect(at('account', 510)).toEqual({ waitMs: 0, granted: true })
    expect(at('first', 520)).toEqual({ waitMs: 390, granted: true })
    const without = new ConnectSchedule()
    expect(without.take('first', 400, 0)).toEqual({ waitMs: 20, granted: false })
    expect(without.take('first', 400, 1499e6).granted).toBe(false)
    expect(without.take('first', 400, 1500e6)).toEqual({ waitMs: 0, granted: true })
  })

  it('is made over no other memory', () => {
    expect(() => new ConnectSchedule(new SharedArrayBuffer(8))).toThrow('RM_CONNECT_SCHEDULE')
  })
})
