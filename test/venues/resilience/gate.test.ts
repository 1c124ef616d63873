import { describe, expect, it } from 'vitest'
import { type CommandOutcome, type EndpointGroup, type GroupStatus, type OrderEvidence, RESILIENCE_DEFAULTS } from '../../../src/venues/index.ts'
import { checkResilience } from '../../../src/venues/resilience/settings.ts'
import { type Rig, RIGS } from './rigs.ts'

const groupOf = (rig: Rig, group: EndpointGroup): GroupStatus => rig.resilience.status().groups.find((one) => one.group === group)!

function place(rig: Rig, clientId: string, reduceOnly = false): CommandOutcome[] {
  const outcomes: CommandOutcome[] = []
  rig.port.place({ ...rig.order, clientId, reduceOnly }, (outcome) => outcomes.push(outcome))
  return outcomes
}

function cancel(rig: Rig, clientId: string): CommandOutcome[] {
  const outcomes: CommandOutcome[] = []
  rig.port.cancel('BTCUSDT', clientId, (outcome) => outcomes.push(outcome))
  return outcomes
}

const left = (rig: Rig, clientId: string): number => rig.departures.filter((one) => one.clientId === clientId).length

/** Five entries that nobody answers. */
function broken(rig: Rig): void {
  for (let i = 0; i < 5; i++) place(rig, `t${i}`)
  rig.run(5001)
}

describe.each(RIGS)('the breakers of %s', (_name, make) => {
  it('five entries without an answer open the one of trade: entries are certainly unsent, cancels and exits leave', () => {
    const rig = make()
    broken(rig)
    expect([groupOf(rig, 'trade').breaker.state, groupOf(rig, 'other').breaker.state, rig.resilience.takesEntries()]).toEqual(['open', 'closed', false])
    const entry = place(rig, 'entry')
    place(rig, 'exit', true)
    cancel(rig, 'cancel')
    rig.run(1)
    expect(entry).toMatchObject([{ kind: 'unsent' }])
    expect((entry[0] as { reason: string }).reason).toMatch(/^the breaker of trade is open, \d+ ms left$/)
    expect(['entry', 'exit', 'cancel'].map((id) => left(rig, id))).toEqual([0, 1, 1])
    expect(rig.counts.get('breaker_open/trade')).toBe(1)
  })

  it('after the cool-down one entry probes: its answer closes the breaker, and until then the others stay', () => {
    const rig = make()
    broken(rig)
    rig.run(5000)
    expect(rig.resilience.takesEntries()).toBe(true)
    const probe = place(rig, 'probe')
    const other = place(rig, 'other')
    rig.run(1)
    expect([left(rig, 'probe'), left(rig, 'other'), rig.resilience.takesEntries()]).toEqual([1, 0, false])
    expect(other).toMatchObject([{ kind: 'unsent', reason: 'the breaker of trade is half-open, its probe is under way' }])
    rig.reply('business')
    expect(probe).toMatchObject([{ kind: 'refused' }])
    expect([groupOf(rig, 'trade').breaker.state, rig.resilience.takesEntries()]).toEqual(['closed', true])
  })

  it('a probe without an answer opens it for twice as long; a person closes it at once', () => {
    const rig = make()
    broken(rig)
    rig.run(5000)
    place(rig, 'probe')
    rig.run(5001)
    expect(groupOf(rig, 'trade').breaker).toMatchObject({ state: 'open', openings: 2 })
    expect(groupOf(rig, 'trade').breaker.opensInMs).toBeGreaterThan(9990)
    expect([rig.resilience.reset('trade'), rig.resilience.reset('trade'), rig.resilience.takesEntries()]).toEqual([true, false, true])
    place(rig, 'after')
    expect(left(rig, 'after')).toBe(1)
  })

  it('business refusals never open it, however many; refusals for a limit do, unless they are not to be counted', () => {
    for (const [how, countLimits, state] of [['business', true, 'closed'], ['limit', true, 'open'], ['limit', false, 'closed']] as const) {
      const rig = make({ resilience: { ...RESILIENCE_DEFAULTS, countLimits, retryMax: 0 } })
      for (let i = 0; i < 7; i++) {
        place(rig, `b${i}`)
        if (left(rig, `b${i}`) === 1) rig.reply(how)
        rig.run(2500)
        if (left(rig, `b${i}`) === 1 && how === 'limit' && i > 0) rig.reply(how)
      }
      expect([how, countLimits, groupOf(rig, 'trade').breaker.state]).toEqual([how, countLimits, state])
    }
  })

  it('an entry that waited for a place when the breaker opened does not leave', () => {
    const rig = make()
    for (let i = 0; i < 60; i++) place(rig, `w${i}`)
    const leftBefore = rig.departures.length
    rig.run(10)
    // All that left become unknown at once.
    rig.cut()
    rig.run(4000)
    expect(groupOf(rig, 'trade').breaker.state).toBe('open')
    expect(rig.departures.length).toBe(leftBefore)
  })

  it('questions about an order of unknown outcome are never held back, but paced while the breaker is not closed', () => {
    const rig = make()
    const failed: unknown[] = []
    const snapshot = (): void => rig.port.snapshot(['BTCUSDT'], 0, (error) => failed.push(error))
    for (let i = 0; i < 6; i++) {
      snapshot()
      rig.run(5100)
    }
    const state = groupOf(rig, 'other').breaker.state
    expect(state).not.toBe('closed')
    const evidence: OrderEvidence[] = []
    const before = rig.questions()
    const startNs = rig.nowNs()
    for (let i = 0; i < 20; i++) rig.port.evidence('BTCUSDT', `u${i}`, (found) => evidence.push(found))
    rig.run(1)
    expect(rig.questions() - before).toBe(1)
    rig.run(3000)
    expect(rig.questions() - before).toBe(1 + Math.floor((rig.nowNs() - startNs) / 1e9))
    rig.run(20_000)
    expect(evidence.map((one) => one.kind)).toEqual(evidence.map(() => 'no-answer'))
    expect(evidence.length).toBe(20)
  })
})

describe.each(RIGS)('a ban of the address by %s', (_name, make) => {
  it('stops every entry, also over the socket, and every question; a cancel over the socket leaves, one over REST probes now and then and ends it', () => {
    const rig = make({ banMs: 60_000 })
    rig.rest = 'bans'
    rig.port.snapshot(['BTCUSDT'], 0, () => {})
    rig.run(100)
    expect(rig.resilience.status().banMs).toBeGreaterThan(59_000)
    const entry = place(rig, 'entry')
    const evidence: OrderEvidence[] = []
    const before = rig.questions()
    rig.port.evidence('BTCUSDT', 'u', (found) => evidence.push(found))
    cancel(rig, 'socket')
    rig.run(10)
    expect(entry).toMatchObject([{ kind: 'unsent' }])
    expect((entry[0] as { reason: string }).reason).toMatch(/^the venue banned this address, \d+ s left$/)
    expect([left(rig, 'entry'), left(rig, 'socket'), rig.questions() - before, rig.resilience.takesEntries(), evidence.map((one) => one.kind)]).toEqual([0, 1, 0, false, ['no-answer']])
    rig.cut()
    for (let i = 0; i < 8; i++) {
      cancel(rig, `rest${i}`)
      rig.run(2000)
    }
    const probes = rig.departures.filter((one) => one.clientId.startsWith('rest'))
    expect(probes.length).toBeGreaterThan(1)
    for (let i = 1; i < probes.length; i++) expect(probes[i]!.atNs - probes[i - 1]!.atNs).toBeGreaterThanOrEqual(5e9)
    rig.rest = 'takes'
    cancel(rig, 'last')
    rig.run(5000)
    expect([left(rig, 'last'), rig.resilience.status().banMs, rig.resilience.takesEntries()]).toEqual([1, 0, true])
  })
})

describe('settings that cannot work are refused by name', () => {
  it.each([
    ['threshold', 0], ['threshold', 1.5], ['cooldownMs', 0], ['cooldownMsMax', 1], ['reserveShare', 0.6], ['reserveShare', Number.NaN], ['evidencePaceMs', -1], ['banProbeMs', Number.POSITIVE_INFINITY], ['retryMax', -1], ['retryMs', 0], ['retryMsMax', 10],
  ])('%s %d', (name, value) => {
    expect(() => checkResilience({ ...RESILIENCE_DEFAULTS, [name]: value })).toThrow(`resilience.${name}`)
  })
})
