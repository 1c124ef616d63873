import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CommandOutcome, RESILIENCE_DEFAULTS } from '../../../src/venues/index.ts'
import { bybitRig, okxRig, type Rig, RIGS } from './rigs.ts'

interface Command {
  readonly clientId: string
  readonly raises: boolean
  readonly bornNs: number
  readonly session: number
  readonly outcomes: CommandOutcome[]
}

/** No breaker, and repeats for as long as their time allows: what holds a command back is its session. */
const PATIENT = { ...RESILIENCE_DEFAULTS, threshold: 1_000_000, retryMax: 100 }

/** Sends commands through a rig and remembers when they were made. */
class Sender {
  readonly commands: Command[] = []
  readonly #rig: Rig

  constructor(rig: Rig) {
    this.#rig = rig
  }

  send(kind: 'entry' | 'exit' | 'cancel'): Command {
    const rig = this.#rig
    const command: Command = { clientId: `x${this.commands.length}${kind}`, raises: kind === 'entry', bornNs: rig.nowNs(), session: rig.session(), outcomes: [] }
    this.commands.push(command)
    const done = (outcome: CommandOutcome): void => void command.outcomes.push(outcome)
    if (kind === 'cancel') rig.port.cancel('BTCUSDT', command.clientId, done)
    else rig.port.place({ ...rig.order, clientId: command.clientId, reduceOnly: kind === 'exit' }, done)
    return command
  }

  of(command: Command): Rig['departures'] {
    return this.#rig.departures.filter((one) => one.clientId === command.clientId)
  }
}

describe.each(RIGS)('F16 on %s', (_name, make) => {
  it('an entry made while nothing is reachable never leaves, neither before nor after the new login', () => {
    const rig = make({ resilience: PATIENT })
    const sender = new Sender(rig)
    rig.cut()
    rig.rest = 'unreachable'
    const command = sender.send('entry')
    for (let i = 0; i < 10; i++) {
      rig.run(100)
      rig.advance()
    }
    rig.rest = 'takes'
    rig.run(6000)
    expect([command.outcomes.map((one) => one.kind), sender.of(command)]).toEqual([['unsent'], []])
  })

  it('entries that wait for a place when the connection is cut end as unsent, and none leaves on the next session', () => {
    const rig = make({ resilience: PATIENT })
    const sender = new Sender(rig)
    // The limit is full, and has places again before the time of those that wait is over.
    for (let i = 0; i < 60; i++) sender.send('entry')
    const left = rig.departures.length
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(60)
    rig.run(100)
    rig.cut()
    rig.rest = 'takes'
    for (let i = 0; i < 12; i++) {
      rig.run(200)
      rig.advance()
    }
    rig.run(6000)
    expect(rig.departures.length).toBe(left)
    expect(sender.commands.map((one) => one.outcomes.map((outcome) => outcome.kind).join())).toEqual(sender.commands.map((_one, i) => (i < left ? 'unknown' : 'unsent')))
  })

  it('a cancel is tried again within its own time, on the session of that moment, and not after it', () => {
    const rig = make()
    const sender = new Sender(rig)
    rig.cut()
    rig.rest = 'unreachable'
    const late = sender.send('cancel')
    rig.run(6000)
    expect([late.outcomes.map((one) => one.kind), sender.of(late)]).toEqual([['unsent'], []])
    const intime = sender.send('cancel')
    rig.run(500)
    rig.rest = 'takes'
    rig.run(2000)
    expect([intime.outcomes.map((one) => one.kind), sender.of(intime).length]).toEqual([['accepted'], 1])
  })
})

/** Cut and logged in again at once. */
function outage(rig: Rig): void {
  rig.cut()
  for (let i = 0; i < 4; i++) {
    rig.run(i === 0 ? 500 : 5)
    rig.advance()
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('entry' as const, 'exit' as const, 'cancel' as const), times: fc.constantFrom(1, 1, 2, 15, 40) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'advance' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'cut' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'outage' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 700 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rest' as const), rest: fc.constantFrom('takes' as const, 'unreachable' as const, 'silent' as const) }) },
)

describe.each([['bybit', () => bybitRig({ tradePerSecond: 3, resilience: PATIENT })], ['okx', () => okxRig({ resilience: PATIENT })]] as const)('F16 on %s, whatever order cuts, logins and commands come in (property)', (_name, make) => {
  it('nothing leaves older than its time or in a session that is not its own, each command is answered once, and one that may have been taken is never sent again', () => {
    let departures = 0
    let unsent = 0
    fc.assert(fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      const rig = make()
      const sender = new Sender(rig)
      for (const one of steps) {
        if (one.do === 'wait') rig.run(one.ms)
        else if (one.do === 'rest') rig.rest = one.rest
        else if (one.do === 'cut') rig.cut()
        else if (one.do === 'advance') rig.advance()
        else if (one.do === 'outage') outage(rig)
        else for (let i = 0; i < one.times; i++) sender.send(one.do)
      }
      rig.run(12_000)
      for (const command of sender.commands) {
        expect(command.outcomes.length).toBe(1)
        const left = sender.of(command)
        const [outcome] = command.outcomes
        departures += left.length
        if (outcome!.kind === 'unsent') unsent++
        for (const one of left) {
          expect(one.atNs - command.bornNs).toBeLessThanOrEqual((command.raises ? rig.placeWaitMs : rig.commandMs) * 1e6)
          if (command.raises) expect(one.session).toBe(command.session)
        }
        // Nobody refuses here: what left was taken, or nobody knows.
        expect([outcome!.kind, left.length]).toEqual([left.length === 0 ? 'unsent' : left.length === 1 && outcome!.kind === 'accepted' ? 'accepted' : 'unknown', left.length === 0 ? 0 : 1])
      }
    }), { numRuns: 100 })
    // The runs met both ends.
    expect(Math.min(departures, unsent)).toBeGreaterThan(50)
  })
})
