import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyLimiter, type Notice, Outbox, TokenBucket } from '../../src/alerts/index.ts'
import { ALERT_SEVERITIES } from '../../src/telemetry/index.ts'
import { notice } from './support.ts'

const told = (notices: readonly Notice[]): number => notices.reduce((sum, { more }) => sum + 1 + more, 0)
const rank = ({ alert }: Notice): number => ALERT_SEVERITIES.indexOf(alert.severity)

describe('token bucket', () => {
  it('lets at most burst + W ÷ every through in any time W, and never refuses for longer than it says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 50 }), fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 200 }), (burst, every, steps) => {
        const bucket = new TokenBucket(burst, every, 0)
        const passed: number[] = []
        let now = 0
        for (const step of steps) {
          now += step
          const wait = bucket.waitMs(now)
          expect(bucket.take(now)).toBe(wait === 0)
          if (wait === 0) passed.push(now)
          if (wait > 0) expect(wait).toBeLessThanOrEqual(every)
        }
        for (const [i, from] of passed.entries())
          for (const [j, to] of passed.entries()) if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(burst + Math.floor((to - from) / every))
      }),
    )
  })

  it('gives a token after exactly the time it says, also at times that are no whole numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1e6, noNaN: true }), (burst, every, start) => {
        const bucket = new TokenBucket(burst, every, start)
        for (let i = 0; i < burst; i++) expect(bucket.take(start)).toBe(true)
        const wait = bucket.waitMs(start)
        expect(bucket.take(start + wait - 1.5)).toBe(false)
        expect(bucket.take(start + wait)).toBe(true)
      }),
    )
  })

  it('refuses to be built without a token or without time', () => {
    expect(() => new TokenBucket(0, 1, 0)).toThrow('RM_ASSERT')
    expect(() => new TokenBucket(1.5, 1, 0)).toThrow('RM_ASSERT')
    expect(() => new TokenBucket(1, 0, 0)).toThrow('RM_ASSERT')
  })
})

describe('limiter of keys', () => {
  it('loses no alert, and lets no key through more often than its limit, whatever comes when', () => {
    const steps = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), waitMs: fc.integer({ min: 0, max: 400 }), look: fc.boolean() }), { maxLength: 150 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 10, max: 300 }), fc.integer({ min: 1, max: 300 }), (plan, burst, everyMs, quietMs) => {
        const limiter = new KeyLimiter({ burst, everyMs, quietMs, keysMax: 10 })
        const out: { readonly atMs: number; readonly notice: Notice }[] = []
        const keep = (atMs: number, notices: readonly Notice[]): void => void out.push(...notices.map((one) => ({ atMs, notice: one })))
        let now = 0
        let count = 0
        for (const { key, waitMs, look } of plan) {
          now += waitMs
          if (look) keep(now, limiter.calmed(now))
          keep(now, limiter.admit(notice({ id: String(++count), atMs: now, alert: { key } }), now))
          expect(told(out.map((one) => one.notice)) + limiter.held).toBe(count)
        }
        // Left alone, it has something to give exactly when it says so, until nothing is left.
        for (let wait = limiter.waitMs(now); Number.isFinite(wait); wait = limiter.waitMs(now)) {
          now += Math.max(0, wait)
          const calmed = limiter.calmed(now)
          expect(calmed.length).toBeGreaterThan(0)
          keep(now, calmed)
        }
        expect(limiter.held).toBe(0)
        expect(told(out.map((one) => one.notice))).toBe(count)
        for (const key of ['a', 'b', 'c']) {
          const times = out.filter((one) => one.notice.alert.key === key).map(({ atMs }) => atMs)
          for (let i = 0; i < times.length; i++) for (let j = i; j < times.length; j++) expect(j - i + 1).toBeLessThanOrEqual(burst + Math.floor((times[j]! - times[i]!) / everyMs))
        }
      }),
    )
  })

  it('tells the newest of what it kept back, with the time of the first', () => {
    const limiter = new KeyLimiter({ burst: 1, everyMs: 100, quietMs: 50, keysMax: 10 })
    expect(limiter.admit(notice({ id: '1', atMs: 0 }), 0)).toHaveLength(1)
    for (let i = 2; i <= 19; i++) expect(limiter.admit(notice({ id: String(i), atMs: i, alert: { text: `number ${i}` } }), i)).toEqual([])
    expect(limiter.held).toBe(18)
    expect(limiter.calmed(99)).toEqual([])
    expect(limiter.calmed(100)).toEqual([expect.objectContaining({ id: '19', more: 17, firstMs: 2, atMs: 19, alert: expect.objectContaining({ text: 'number 19' }) as unknown })])
    expect(limiter.waitMs(100)).toBe(Number.POSITIVE_INFINITY)
  })

  it('forgets the key not heard of for longest and tells what it had kept of it', () => {
    const limiter = new KeyLimiter({ burst: 1, everyMs: 1e6, quietMs: 1e6, keysMax: 2 })
    for (const id of ['1', '2', '3']) limiter.admit(notice({ id, alert: { key: 'a' } }), 0)
    limiter.admit(notice({ id: '4', alert: { key: 'b' } }), 0)
    const out = limiter.admit(notice({ id: '5', alert: { key: 'c' } }), 0)
    expect(out.map(({ id, more }) => [id, more])).toEqual([['3', 1], ['5', 0]])
    expect(limiter.held).toBe(0)
  })
})

describe('outbox', () => {
  it('holds no more than its places, sends the most severe first, drops the least severe first, of equal ones the oldest', () => {
    const steps = fc.array(fc.oneof(fc.record({ severity: fc.constantFrom(...ALERT_SEVERITIES) }), fc.constant('take' as const)), { maxLength: 100 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (plan, max) => {
        const outbox = new Outbox(max)
        let model: Notice[] = []
        for (const [i, step] of plan.entries()) {
          if (step === 'take') {
            const best = model.reduce<Notice | null>((found, one) => (found === null || rank(one) > rank(found) ? one : found), null)
            expect(outbox.take()).toBe(best)
            model = model.filter((one) => one !== best)
            continue
          }
          const one = notice({ id: String(i), atMs: i, alert: { key: String(i), severity: step.severity } })
          model.push(one)
          const worst = model.length <= max ? null : model.reduce((found, other) => (rank(other) < rank(found) ? other : found))
          expect(outbox.put(one)).toBe(worst)
          model = model.filter((other) => other !== worst)
          expect(outbox.size).toBe(model.length)
        }
      }),
    )
  })

  it('holds one of each key: the newer speaks for both, with the higher severity, whichever came first', () => {
    const older = notice({ id: 'old', atMs: 1, more: 2, triedMs: 5, alert: { severity: 'critical', text: 'old' } })
    const newer = notice({ id: 'new', atMs: 9, alert: { severity: 'info', text: 'new' } })
    for (const pair of [[older, newer], [newer, older]] as const) {
      const outbox = new Outbox(5)
      for (const one of pair) expect(outbox.put(one)).toBeNull()
      expect(outbox.size).toBe(1)
      expect(outbox.take()).toMatchObject({ id: 'new', more: 3, firstMs: 1, atMs: 9, triedMs: 5, alert: { severity: 'critical', text: 'new' } })
    }
  })
})
