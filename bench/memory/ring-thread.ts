import { parentPort, workerData } from 'node:worker_threads'
import { Door, Ring } from '../../src/memory/index.ts'
import { BATCH, FIELDS, RECORD_BYTES } from './threads.ts'

/** One end of a measurement over rings: streaming producer and consumer, or the two players of ping-pong. */
export interface RingTask {
  readonly role: 'produce' | 'consume' | 'ping' | 'pong'
  /** Towards the second thread, and back (ping-pong only). */
  readonly there: SharedArrayBuffer
  readonly back: SharedArrayBuffer
  readonly doors: SharedArrayBuffer
  /** Uncounted, then counted. */
  readonly records: readonly [warmup: number, counted: number]
}

const task = workerData as RingTask
const there = Ring.attach(task.there, RECORD_BYTES)
const back = Ring.attach(task.back, RECORD_BYTES)
const firstDoor = new Door(task.doors, 0)
const secondDoor = new Door(task.doors, 1)
const [warmup, counted] = task.records

function produce(): void {
  const numbers = there.wide
  const producer = there.producer()
  const send = (records: number): void => {
    for (let sent = 0; sent < records; sent += BATCH) {
      while (!producer.claim(BATCH)) {
        firstDoor.arm()
        if (producer.room >= BATCH) firstDoor.disarm()
        else firstDoor.wait(1000)
      }
      for (let i = 0; i < BATCH; i++) {
        const at = producer.slot(i) >> 3
        for (let f = 0; f < FIELDS; f++) numbers[at + f] = sent + i + f
      }
      producer.publish()
      secondDoor.ring()
    }
    while (there.depth(0) > 0) {
      firstDoor.arm()
      if (there.depth(0) === 0) firstDoor.disarm()
      else firstDoor.wait(1000)
    }
  }
  send(warmup)
  const start = process.hrtime.bigint()
  send(counted)
  parentPort!.postMessage((counted * 1e9) / Number(process.hrtime.bigint() - start))
}

function consume(): void {
  const numbers = there.wide
  const consumer = there.gatingConsumer(0)
  let sum = 0
  for (;;) {
    const waiting = consumer.available()
    if (waiting === 0) {
      secondDoor.arm()
      if (consumer.available() > 0) secondDoor.disarm()
      else secondDoor.wait(1000)
      continue
    }
    for (let i = 0; i < waiting; i++) {
      const at = consumer.slot(i) >> 3
      for (let f = 0; f < FIELDS; f++) sum += numbers[at + f]!
    }
    consumer.advance(waiting)
    firstDoor.ring()
    if (sum < 0) throw new Error('the sum is used')
  }
}

/** Sends one record at a time and waits for its echo. */
function play(serve: boolean): void {
  const [out, input] = serve ? [there, back] : [back, there]
  const [mine, theirs] = serve ? [firstDoor, secondDoor] : [secondDoor, firstDoor]
  const producer = out.producer()
  const consumer = input.gatingConsumer(0)
  const send = (value: number): void => {
    producer.claim(1)
    const at = producer.slot(0) >> 3
    for (let f = 0; f < FIELDS; f++) out.wide[at + f] = value + f
    producer.publish()
    theirs.ring()
  }
  const receive = (): number => {
    while (consumer.available() === 0) {
      mine.arm()
      if (consumer.available() > 0) mine.disarm()
      else mine.wait(1000)
    }
    const at = consumer.slot(0) >> 3
    let sum = 0
    for (let f = 0; f < FIELDS; f++) sum += input.wide[at + f]!
    consumer.advance(1)
    return sum
  }
  if (!serve) for (;;) send(receive())
  const rally = (rounds: number): void => {
    for (let i = 0; i < rounds; i++) {
      send(i)
      if (receive() < 0) throw new Error('the sum is used')
    }
  }
  rally(warmup)
  const start = process.hrtime.bigint()
  rally(counted)
  parentPort!.postMessage((counted * 1e9) / Number(process.hrtime.bigint() - start))
}

if (task.role === 'produce') produce()
else if (task.role === 'consume') consume()
else play(task.role === 'ping')
