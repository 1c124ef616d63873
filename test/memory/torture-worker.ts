import { workerData } from 'node:worker_threads'
import { Random } from '../../src/core/index.ts'
import { Cell, Door, Ring } from '../../src/memory/index.ts'
import { patternMemory, readPattern, scribble, writePattern } from './pattern.ts'
import {
  BATCH_MAX, CELL_BLANKS, CELL_F64S, CELL_READS, DOOR_GATING, DOOR_LOSSY, DOOR_PRODUCER, DUPLICATES, FIRST_SEQUENCE, GATING_LINE, HANDLED,
  LOSSY_ACCOUNT, LOSSY_LINE, LOSSY_LOST, LOSSY_MAX, LOSSY_NEXT, RECORD_BYTES, STOP, STOP_READING, STOP_WRITING, type Role, type Task,
} from './torture-plan.ts'

const task = workerData as Task
const random = new Random(task.seed, task.role)
const ring = Ring.attach(task.ring, RECORD_BYTES)
const slots = patternMemory(task.ring)
const ledgerWords = new Int32Array(task.ledger)
const ledger = new Float64Array(task.ledger)
const doorOf = (index: number): Door => new Door(task.doors, index)
const idle = new Int32Array(new SharedArrayBuffer(4))

const stopped = (): boolean => Atomics.load(ledgerWords, STOP) >= STOP_WRITING
const drained = (): boolean => Atomics.load(ledgerWords, STOP) >= STOP_READING
/** A pause in the worst place makes a death there likely. */
const linger = (chance: number): void => {
  if (random.chance(chance)) Atomics.wait(idle, 0, 0, 0.5 + random.below(3))
}
const refuse = (what: string): never => {
  throw new Error(`${task.role}: ${what}`)
}

function produce(): void {
  const producer = ring.producer()
  const [mine, gating, lossy] = [doorOf(DOOR_PRODUCER), doorOf(DOOR_GATING), doorOf(DOOR_LOSSY)]
  while (!stopped() && producer.next < task.end) {
    const claimed = 1 + random.below(BATCH_MAX)
    if (!producer.claim(claimed)) {
      mine.arm()
      if (producer.room >= claimed || stopped()) mine.disarm()
      else mine.wait(20)
      continue
    }
    const published = random.chance(0.1) ? random.below(claimed + 1) : claimed
    const lingerAt = random.chance(0.004) ? random.below(claimed) : -1
    for (let i = 0; i < claimed; i++) {
      const at = producer.slot(i)
      scribble(slots, at, RECORD_BYTES)
      if (i === lingerAt) linger(1)
      if (i < published) writePattern(slots, at, RECORD_BYTES, producer.next + i)
    }
    producer.publish(published)
    gating.ring()
    lossy.ring()
  }
}

function handleAll(): void {
  const consumer = ring.gatingConsumer(GATING_LINE)
  const [mine, producer] = [doorOf(DOOR_GATING), doorOf(DOOR_PRODUCER)]
  for (;;) {
    const finishing = drained()
    const available = consumer.available()
    if (available === 0) {
      if (finishing) return
      mine.arm()
      if (consumer.available() > 0 || drained()) mine.disarm()
      else mine.wait(20)
      continue
    }
    const count = random.chance(0.5) ? available : 1 + random.below(available)
    for (let i = 0; i < count; i++) {
      const sequence = readPattern(slots, consumer.slot(i), RECORD_BYTES)
      if (sequence !== consumer.next + i) refuse(`record ${consumer.next + i} reads as ${sequence}`)
      if (sequence > ledger[HANDLED]!) refuse(`record ${sequence} came where ${ledger[HANDLED]} was next: lost between`)
      if (sequence < ledger[HANDLED]!) ledger[DUPLICATES]! += 1
      else ledger[HANDLED] = sequence + 1
    }
    linger(0.004)
    consumer.advance(count)
    producer.ring()
  }
}

function sample(): void {
  const consumer = ring.lossyConsumer(LOSSY_LINE)
  const mine = doorOf(DOOR_LOSSY)
  const out = new Float64Array(task.out)
  const memory = patternMemory(task.out)
  const marks = new Uint8Array(task.marks)
  let account = Atomics.load(ledgerWords, LOSSY_ACCOUNT)
  let next = ledger[LOSSY_NEXT + 2 * (account & 1)]!
  let lost = ledger[LOSSY_LOST + 2 * (account & 1)]!

  /** Takes `count` records from the front of `out`, and notes that all up to here is done with. */
  const take = (count: number, again: boolean): void => {
    const first = next + (consumer.lost - lost)
    if (first + count !== consumer.next) refuse(`${count} records and ${consumer.lost - lost} lost lead from ${next} to ${consumer.next}`)
    for (let i = 0; i < count; i++) {
      const sequence = readPattern(memory, i * RECORD_BYTES, RECORD_BYTES)
      if (sequence !== first + i) refuse(`record ${first + i} reads as ${sequence}`)
      const bit = sequence - FIRST_SEQUENCE
      if (!again && (marks[bit >> 3]! & (1 << (bit & 7))) !== 0) refuse(`record ${sequence} came twice`)
      marks[bit >> 3]! |= 1 << (bit & 7)
    }
    account = (account + 1) | 0
    next = consumer.next
    lost = consumer.lost
    ledger[LOSSY_NEXT + 2 * (account & 1)] = next
    ledger[LOSSY_LOST + 2 * (account & 1)] = lost
    Atomics.store(ledgerWords, LOSSY_ACCOUNT, account)
  }

  const inFlight = consumer.next - next - (consumer.lost - lost)
  if (inFlight < 0 || inFlight > LOSSY_MAX) refuse(`${inFlight} records in flight at the death of the last`)
  if (consumer.next !== next) take(inFlight, true)
  for (;;) {
    const finishing = drained()
    const count = consumer.read(out, 1 + random.below(LOSSY_MAX))
    linger(0.02)
    if (consumer.next !== next) take(count, false)
    if (count > 0) continue
    if (finishing && consumer.available() === 0) return
    mine.arm()
    if (consumer.available() > 0 || drained()) mine.disarm()
    else mine.wait(20)
  }
}

function writeCell(): void {
  const cell = new Cell(task.cell, 0, CELL_F64S * 8)
  const payload = new Float64Array(task.cell, cell.payload, CELL_F64S)
  while (!stopped()) {
    const value = cell.writes + 1
    cell.begin()
    const lingerAt = random.chance(0.2) ? random.below(CELL_F64S) : -1
    for (let i = 0; i < CELL_F64S; i++) {
      payload[i] = value * (i + 1)
      if (i === lingerAt) linger(1)
    }
    cell.end()
    linger(0.05)
  }
}

function readCell(): void {
  const cell = new Cell(task.cell, 0, CELL_F64S * 8)
  const out = new Float64Array(CELL_F64S)
  let newest = 0
  while (!stopped()) {
    if (!cell.tryRead(out)) continue
    const value = out[0]!
    for (let i = 0; i < CELL_F64S; i++) if (out[i] !== value * (i + 1)) refuse(`cell number ${i} is ${out[i]} where ${value * (i + 1)} belongs`)
    if (value === 0) ledger[CELL_BLANKS]! += 1
    else if (value < newest) refuse(`cell went back from ${newest} to ${value}`)
    else newest = value
    ledger[CELL_READS]! += 1
    linger(0.05)
  }
}

const RUN: Record<Role, () => void> = { producer: produce, gating: handleAll, lossy: sample, writer: writeCell, reader: readCell }
RUN[task.role]()
