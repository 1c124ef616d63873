import { describe, expect, test } from 'vitest'
import { limits, money, SystemClock, systemOriginNs, SystemTimers } from '../../src/core/index.ts'

describe('core values', () => {
  test('bounds everything by positive whole numbers', () => {
    for (const [name, value] of Object.entries(limits)) expect([name, Number.isSafeInteger(value) && value > 0]).toEqual([name, true])
  })

  test('sums money without the error of binary fractions', () => {
    let sum = money(0)
    for (let i = 0; i < 10_000; i++) sum = sum.plus('0.000000000000000001').plus('123456789.1')
    expect(sum.toString()).toBe('1234567891000.00000000000001')
    expect(() => money('12,5')).toThrow('DecimalError')
  })

  test('reads a clock that never goes back, in whole nanoseconds', () => {
    const clock = new SystemClock(systemOriginNs())
    let last = Number.NEGATIVE_INFINITY
    for (let i = 0; i < 10_000; i++) {
      const now = clock.nowNs()
      expect(Number.isSafeInteger(now) && now >= last).toBe(true)
      last = now
    }
  })

  test('runs timers of the event loop until they are cancelled', async () => {
    const timers = new SystemTimers()
    const ran: string[] = []
    timers.after(0, () => void ran.push('cancelled')).cancel()
    await new Promise<void>((done) => {
      const every = timers.every(1, () => {
        ran.push('again')
        if (ran.length < 3) return
        every.cancel()
        timers.after(5, done)
      })
    })
    expect(ran).toEqual(['again', 'again', 'again'])
  })
})
