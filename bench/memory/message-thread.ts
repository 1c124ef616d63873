import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { BATCH, FIELDS, WINDOW } from './threads.ts'

/** One end of the same measurements over plain messages, with the window of the ring: an answer for each batch. */
export interface MessageTask {
  readonly role: 'produce' | 'consume' | 'ping' | 'pong'
  readonly shape: 'object' | 'batch'
  readonly port: MessagePort
  readonly records: readonly [warmup: number, counted: number]
}

interface Item {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
  readonly e: number
  readonly f: number
  readonly g: number
  readonly h: number
}

const { role, shape, port, records } = workerData as MessageTask
const [warmup, counted] = records
const item = (n: number): Item => ({ a: n, b: n + 1, c: n + 2, d: n + 3, e: n + 4, f: n + 5, g: n + 6, h: n + 7 })
const total = (x: Item): number => x.a + x.b + x.c + x.d + x.e + x.f + x.g + x.h

function produce(): void {
  const batch = new Float64Array(BATCH * FIELDS)
  let sent = 0
  let acknowledged = 0
  let start = 0n
  const fill = (): void => {
    while (sent - acknowledged < WINDOW && sent < warmup + counted) {
      if (shape === 'object') for (let i = 0; i < BATCH; i++) port.postMessage(item(sent + i))
      else {
        for (let i = 0; i < BATCH; i++) for (let f = 0; f < FIELDS; f++) batch[i * FIELDS + f] = sent + i + f
        port.postMessage(batch)
      }
      sent += BATCH
    }
  }
  port.on('message', () => {
    acknowledged += BATCH
    if (acknowledged === warmup) start = process.hrtime.bigint()
    if (acknowledged === warmup + counted) parentPort!.postMessage((counted * 1e9) / Number(process.hrtime.bigint() - start))
    else fill()
  })
  fill()
}

function consume(): void {
  let sum = 0
  let received = 0
  port.on('message', (message: Item | Float64Array) => {
    if (message instanceof Float64Array) {
      for (let i = 0; i < message.length; i++) sum += message[i]!
      received += BATCH
    } else {
      sum += total(message)
      received++
    }
    if (received % BATCH === 0) port.postMessage(0)
    if (sum < 0) throw new Error('the sum is used')
  })
}

function play(): void {
  let rounds = 0
  let start = 0n
  port.on('message', (message: Item) => {
    if (role === 'pong') {
      port.postMessage(item(total(message)))
      return
    }
    rounds++
    if (rounds === warmup) start = process.hrtime.bigint()
    if (rounds === warmup + counted) parentPort!.postMessage((counted * 1e9) / Number(process.hrtime.bigint() - start))
    else port.postMessage(item(rounds))
  })
  if (role === 'ping') port.postMessage(item(0))
}

if (role === 'produce') produce()
else if (role === 'consume') consume()
else play()
