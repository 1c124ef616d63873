import { describe, expect, it } from 'vitest'
import { Random, VirtualTime } from '../../../src/core/index.ts'
import { Retrier, type Repeatable } from '../../../src/venues/resilience/retrier.ts'
import type { ResilienceSettings } from '../../../src/venues/resilience/settings.ts'
import { REDUCE } from '../../../src/venues/resilience/urgency.ts'
import type { VenueServices } from '../../../src/venues/services.ts'

const SETTINGS = { retryMax: 3, retryMs: 100, retryMsMax: 1000 } as ResilienceSettings

describe('commands that are tried again', () => {
  it('F16: begin no attempt after their time, when the process stood still in the pause between two', () => {
    const time = new VirtualTime(0)
    let stoodStillNs = 0
    const clock = { nowNs: () => time.nowNs() + stoodStillNs, wallMs: () => time.wallMs() }
    const services = { clock, timers: time, random: new Random(1), count: () => {} } as unknown as VenueServices
    const attempts: number[] = []
    const answers: Repeatable[] = []
    new Retrier(services, SETTINGS).run<Repeatable>(
      REDUCE,
      true,
      5e9,
      (answered) => {
        attempts.push(clock.nowNs())
        answered({ kind: 'refused', errorClass: 'retryable' })
        if (attempts.length === 2) stoodStillNs = 10e9
      },
      (answer) => answers.push(answer),
    )
    time.runUntil(20e9)
    expect(attempts).toHaveLength(2)
    expect(answers).toEqual([{ kind: 'refused', errorClass: 'retryable' }])
  })
})
