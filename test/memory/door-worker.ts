import { workerData } from 'node:worker_threads'
import { Random } from '../../src/core/index.ts'
import { Door } from '../../src/memory/index.ts'

interface Task {
  readonly mode: 'park' | 'loop'
  readonly me: 0 | 1
  readonly doors: SharedArrayBuffer
  readonly counters: SharedArrayBuffer
  readonly pings: number
  readonly timeoutMs: number
}

/**
 * Two threads take turns: each may count on only after the other did. The only wake-up is the door, so a lost one
 * shows as a time-out (exit code 3). Random short delays move the ring over every step of going to sleep.
 */
const { mode, me, doors, counters, pings, timeoutMs } = workerData as Task
const mine = new Door(doors, me)
const theirs = new Door(doors, 1 - me)
const counts = new Int32Array(counters)
const myCount = me * 16
const theirCount = (1 - me) * 16
const random = new Random(me + 1, 'door')
let turned = 0

/** True while it is my turn: I am level (first thread) or behind (second thread). */
const myTurn = (): boolean => Atomics.load(counts, theirCount) - turned >= me
const turn = (): void => {
  for (let spin = random.below(60); spin > 0; spin--) Atomics.load(counts, theirCount)
  Atomics.store(counts, myCount, ++turned)
  theirs.ring()
}

if (mode === 'park') {
  while (turned < pings) {
    if (myTurn()) {
      turn()
      continue
    }
    mine.arm()
    if (myTurn()) mine.disarm()
    else if (!mine.wait(timeoutMs) && !myTurn()) process.exit(3)
  }
} else {
  // A pending waitAsync keeps no event loop alive.
  const alive = setTimeout(() => process.exit(3), timeoutMs)
  while (turned < pings) {
    if (myTurn()) {
      turn()
      continue
    }
    mine.arm()
    if (myTurn()) mine.disarm()
    else {
      const rung = mine.waitAsync()
      if (rung !== null) await rung
      else mine.disarm()
    }
  }
  clearTimeout(alive)
}
