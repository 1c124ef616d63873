import { type Clock, SystemClock, systemOriginNs, type Timers } from '../../src/core/index.ts'
import { BAD, CircuitBreaker, GOOD, NO_PASS } from '../../src/venues/resilience/breaker.ts'
import { Gate } from '../../src/venues/resilience/gate.ts'
import { RateWindow } from '../../src/venues/resilience/rate-window.ts'
import { RESILIENCE_DEFAULTS } from '../../src/venues/resilience/settings.ts'
import { ENTRY, REDUCE } from '../../src/venues/resilience/urgency.ts'
import { defineBench, inProcess } from '../harness.ts'

const CALLS = 10_000
const WINDOW_NS = 1e9

/** A clock that the benchmark moves: what is measured is the check, not the reading of a clock. */
class HandClock implements Clock {
  ns = 1e9
  nowNs(): number {
    return this.ns
  }
  wallMs(): number {
    return this.ns / 1e6
  }
}
const noTimers: Timers = {
  after: () => {
    throw new Error('nothing waits here')
  },
  every: () => {
    throw new Error('nothing repeats here')
  },
}

const clock = new HandClock()
const closed = new CircuitBreaker(RESILIENCE_DEFAULTS, () => {})
const open = new CircuitBreaker({ ...RESILIENCE_DEFAULTS, cooldownMs: 1e9, cooldownMsMax: 1e9 }, () => {})
for (let i = 0; i < RESILIENCE_DEFAULTS.threshold; i++) open.settle(open.admit(clock.ns), BAD, clock.ns)

function admitClosed(): void {
  for (let i = 0; i < CALLS; i++) {
    const pass = closed.admit(clock.ns)
    if (pass === NO_PASS) throw new Error('it is closed')
    closed.settle(pass, GOOD, clock.ns)
  }
}

function refuseOpen(): void {
  for (let i = 0; i < CALLS; i++) if (open.admit(clock.ns) !== NO_PASS) throw new Error('it is open')
}

/** A limit as that of the address, with a second one beside it, each full after a while and free again. */
const wide = new RateWindow(clock, noTimers, 400, 5250, 0.2)
const group = new RateWindow(clock, noTimers, 10, 1050, 0.2)

function takePlaces(): void {
  let taken = 0
  for (let i = 0; i < CALLS; i++) {
    clock.ns += WINDOW_NS / 100
    if (group.take(i % 5 === 0 ? REDUCE : ENTRY, 1, wide, 1)) taken++
  }
  if (taken === 0 || taken === CALLS) throw new Error('neither always free nor always full')
}

/** As it is asked before every decision, the reading of the real clock included. */
const gate = new Gate({ transport: { socket: () => { throw new Error('no socket here') }, request: () => {} }, clock: new SystemClock(systemOriginNs()), timers: noTimers, random: { next: () => 0.5 } as never, count: () => {} }, RESILIENCE_DEFAULTS)

function askForEntries(): void {
  for (let i = 0; i < CALLS; i++) if (!gate.takesEntries()) throw new Error('nothing is in the way')
}

/** Less than a microsecond each. */
const goal = { atLeast: 1_000_000 }

export const bench = defineBench(
  'venues-resilience',
  { rounds: 9 },
  { name: 'breaker, closed: a pass and its verdict', unit: 'checks/s', better: 'higher', ours: inProcess('CircuitBreaker', admitClosed, { perCall: CALLS }), goal },
  { name: 'breaker, open: a refusal', unit: 'checks/s', better: 'higher', ours: inProcess('CircuitBreaker', refuseOpen, { perCall: CALLS }), goal },
  { name: 'places under two limits, taken or found full', unit: 'checks/s', better: 'higher', ours: inProcess('RateWindow', takePlaces, { perCall: CALLS }), goal },
  { name: 'may an entry be tried: ban and breaker, on the real clock', unit: 'checks/s', better: 'higher', ours: inProcess('Gate', askForEntries, { perCall: CALLS }), goal },
)

if (import.meta.main) await bench.run()
