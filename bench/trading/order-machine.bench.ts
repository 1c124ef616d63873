import { createMachine, interpret, state, transition } from 'robot3'
import { ACCEPT, CANCEL, FILL_PART, FILL_WHOLE, ILLEGAL, isFinal, nextOrderState, PENDING, REJECT } from '../../src/trading/index.ts'
import { defineBench, inProcess } from '../harness.ts'

/** Lives of an order, twelve transitions in all, as both sides walk them: filled in parts, cancelled, refused, filled at once. */
const LIVES: readonly (readonly number[])[] = [
  [ACCEPT, FILL_PART, FILL_PART, FILL_WHOLE],
  [ACCEPT, FILL_PART, CANCEL],
  [ACCEPT, CANCEL],
  [REJECT],
  [ACCEPT, FILL_WHOLE],
]
const NAMES = ['accept', 'fillPart', 'fillWhole', 'cancel', 'reject'] as const
const STEPS = LIVES.reduce((sum, life) => sum + life.length, 0)

const ORDERS = 1024
const ROBOT_ORDERS = 16
const states = new Uint8Array(ORDERS)

/** The table as the books use it: look-up, check, store. */
function walkTable(): void {
  for (let order = 0; order < ORDERS; order++)
    for (const life of LIVES) {
      states[order] = PENDING
      for (let i = 0; i < life.length; i++) {
        const next = nextOrderState(states[order]!, life[i]!)
        if (next === ILLEGAL) throw new Error('illegal')
        states[order] = next
      }
      if (!isFinal(states[order]!)) throw new Error('not ended')
    }
}

const machine = createMachine('pending', {
  pending: state(transition('accept', 'placed'), transition('fillPart', 'partiallyFilled'), transition('fillWhole', 'filled'), transition('cancel', 'cancelled'), transition('reject', 'rejected')),
  placed: state(transition('accept', 'placed'), transition('fillPart', 'partiallyFilled'), transition('fillWhole', 'filled'), transition('cancel', 'cancelled'), transition('reject', 'rejected')),
  partiallyFilled: state(transition('fillPart', 'partiallyFilled'), transition('fillWhole', 'filled'), transition('cancel', 'cancelled'), transition('reject', 'rejected')),
  filled: state(),
  cancelled: state(),
  rejected: state(),
})
const service = interpret(machine, () => {})

/** robot3 walks the same lives in one service that is put back to its start: its making is not counted. */
function walkRobot(): void {
  for (let order = 0; order < ROBOT_ORDERS; order++)
    for (const life of LIVES) {
      service.machine = machine
      for (let i = 0; i < life.length; i++) service.send(NAMES[life[i]!]!)
      if (service.machine.current === 'pending') throw new Error('did not move')
    }
}

export const bench = defineBench('trading-order-machine', { rounds: 9 }, {
  name: 'transition of an order, 7 states',
  unit: 'transitions/s',
  better: 'higher',
  ours: inProcess('table in a Uint8Array, 1024 orders', walkTable, { perCall: ORDERS * STEPS }),
  peer: inProcess('robot3', walkRobot, { perCall: ROBOT_ORDERS * STEPS }),
  goal: { ratio: 50 },
})

if (import.meta.main) await bench.run()
