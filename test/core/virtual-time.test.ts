import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RingmasterError, type Timer, VirtualTime } from '../../src/core/index.ts'

const codeOf = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    return (error as RingmasterError).code
  }
  return 'no error'
}

describe('virtual time', () => {
  test('runs callbacks by time, and those of one nanosecond in the order in which they were asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(20), cancel: fc.boolean() }), { maxLength: 60 }), (asked) => {
        const time = new VirtualTime(0)
        const ran: [at: number, index: number][] = []
        const timers = asked.map(({ at }, i) => time.at(at, () => void ran.push([time.nowNs(), i])))
        asked.forEach(({ cancel }, i) => cancel && timers[i]!.cancel())
        time.runUntil(100)
        const expected = asked.map(({ at, cancel }, i) => ({ at, cancel, i })).filter(({ cancel }) => !cancel).toSorted((a, b) => a.at - b.at || a.i - b.i)
        expect(ran).toEqual(expected.map(({ at, i }) => [at, i]))
        expect(time.nowNs()).toBe(100)
        expect(time.nextNs).toBe(Number.POSITIVE_INFINITY)
      }),
    )
  })

  test('is the same as a sorted list under every order of asking, cancelling and stepping', () => {
    type Step = { readonly kind: 'ask' | 'cancel' | 'step' | 'until'; readonly n: number }
    const steps = fc.array(fc.record({ kind: fc.constantFrom<Step['kind']>('ask', 'ask', 'cancel', 'step', 'until'), n: fc.nat(30) }), { maxLength: 80 })
    fc.assert(
      fc.property(steps, (run) => {
        const time = new VirtualTime(0)
        let now = 0
        const waiting: { at: number; id: number; timer: Timer }[] = []
        const ran: number[] = []
        const expected: number[] = []
        const modelStep = (): boolean => {
          const next = waiting.toSorted((a, b) => a.at - b.at || a.id - b.id)[0]
          if (next === undefined) return false
          waiting.splice(waiting.indexOf(next), 1)
          now = next.at
          expected.push(next.id)
          return true
        }
        run.forEach(({ kind, n }, id) => {
          if (kind === 'ask') waiting.push({ at: now + n, id, timer: time.at(now + n, () => void ran.push(id)) })
          else if (kind === 'cancel' && waiting.length > 0) waiting.splice(n % waiting.length, 1)[0]!.timer.cancel()
          else if (kind === 'step') expect(time.step()).toBe(modelStep())
          else if (kind === 'until') {
            const until = now + n
            time.runUntil(until)
            while (waiting.some(({ at }) => at <= until)) modelStep()
            now = until
          }
          expect(time.nowNs()).toBe(now)
          expect(time.nextNs).toBe(Math.min(Number.POSITIVE_INFINITY, ...waiting.map(({ at }) => at)))
          expect(ran).toEqual(expected)
        })
      }),
      { numRuns: 300 },
    )
  })

  test('does not run past the limit because of a cancelled callback before it', () => {
    const time = new VirtualTime(0)
    let ran = false
    time.at(5, () => undefined).cancel()
    time.at(50, () => void (ran = true))
    time.runUntil(10)
    expect([ran, time.nowNs(), time.nextNs]).toEqual([false, 10, 50])
  })

  test('ends when all is done although no limit was given, and stays at the last callback', () => {
    const time = new VirtualTime(0)
    time.at(7, () => undefined)
    time.runUntil(Number.POSITIVE_INFINITY)
    expect([time.nowNs(), time.pending, time.step()]).toEqual([7, 0, false])
  })

  test('runs what a callback asks for at its own time after those that were asked for before', () => {
    const time = new VirtualTime(0)
    const ran: string[] = []
    time.at(5, () => {
      ran.push('first')
      time.after(0, () => void ran.push('asked inside'))
    })
    time.at(5, () => void ran.push('second'))
    time.runUntil(5)
    expect(ran).toEqual(['first', 'second', 'asked inside'])
  })

  test('repeats by the period until cancelled, also from inside', () => {
    const time = new VirtualTime(1_700_000_000_000)
    const ran: number[] = []
    const timer = time.every(2, () => {
      ran.push(time.wallMs() - 1_700_000_000_000)
      if (ran.length === 3) timer.cancel()
    })
    time.runUntil(20e6)
    expect(ran).toEqual([2, 4, 6])
    const outside = time.every(2, () => void ran.push(0))
    outside.cancel()
    time.runUntil(40e6)
    expect(ran).toEqual([2, 4, 6])
    expect(time.wallMs()).toBe(1_700_000_000_040)
  })

  test('leaves a callback out when an earlier one of the same nanosecond cancels it', () => {
    const time = new VirtualTime(0)
    const ran: string[] = []
    time.at(1, () => {
      ran.push('a')
      b.cancel()
    })
    const b = time.at(1, () => void ran.push('b'))
    time.runUntil(1)
    expect(ran).toEqual(['a'])
    b.cancel()
  })

  test('refuses times that are past or none, and changes nothing by it', () => {
    const time = new VirtualTime(0)
    time.runUntil(10)
    for (const at of [9, -1, Number.NaN, Number.POSITIVE_INFINITY]) expect(codeOf(() => time.at(at, () => undefined))).toBe('RM_VIRTUAL_TIME_PAST')
    expect(codeOf(() => time.after(Number.NaN, () => undefined))).toBe('RM_VIRTUAL_TIME_PAST')
    for (const period of [0, -1, Number.NaN]) expect(codeOf(() => time.every(period, () => undefined))).toBe('RM_ASSERT')
    expect([time.pending, time.nowNs()]).toEqual([0, 10])
    time.after(-5, () => undefined)
    expect(time.nextNs).toBe(10)
  })
})
