/**
 * Process: the market data side of an engine thread for many symbols without a network: frames are handed over by a loop
 * in this thread as they fall due, through adapters, continuity, books, cells, tick rings and features actors, all run by
 * the host. Argument: a `ScriptShape` in JSON. Says what rate it sustained, then ends.
 */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { highestSustained } from './rising.ts'
import { type ScriptShape, venueScript } from './script.ts'
import { Shard } from './shard.ts'
import { Wire } from './wire.ts'

export interface FromLoop {
  readonly type: 'measured'
  /** Sustained. */
  readonly updatesPerS: number
  /** Processor time of this thread for each, at full speed, us. */
  readonly cpuUs: number
}

const BATCH = 128
const WARM_UP_MS = 1000
const FULL_SPEED_MS = 1000
const STEP_MS = 400
/** More than this behind at the end of a step: the backlog grows. */
const LATE_MS = 20
const FACTOR = 1.05

const script = venueScript(JSON.parse(process.argv[2]!) as ScriptShape)
const wires = script.map(() => new Wire())
const shard = new Shard({ instruments: script.map(({ instrument }) => instrument), bookDepth: 50, port: 1, transportOf: ({ index }) => wires[index]!, features: true })
const next = script.map(() => 0)
let symbol = 0
let updates = 0

function handOver(): void {
  const { frames } = script[symbol]!
  wires[symbol]!.deliver(frames[next[symbol]!]!)
  next[symbol] = next[symbol]! + 1 === frames.length ? 0 : next[symbol]! + 1
  symbol = symbol + 1 === script.length ? 0 : symbol + 1
  updates++
}

/** Frames of one step at a rate. @returns how far behind it was at the end, ms */
async function step(ratePerS: number, durationMs: number): Promise<number> {
  const startMs = performance.now()
  let done = 0
  for (;;) {
    const sinceMs = performance.now() - startMs
    const due = Math.floor((sinceMs * ratePerS) / 1000)
    if (sinceMs >= durationMs) return ((due - done) / ratePerS) * 1000
    for (const until = Math.min(due, done + BATCH); done < until; done++) handOver()
    // Timers and what was put off have their turn, as on a thread.
    await turn()
  }
}

shard.start()
await sleep(50)
for (let i = 0; i < 2 * script.length; i++) handOver()
await turn()
if (!shard.ready) throw new Error('not every symbol has a book after its snapshot')

/** As fast as it goes: for the place to begin, and for what one update costs. */
await step(Number.MAX_SAFE_INTEGER, WARM_UP_MS)
const before = updates
const cpuBefore = process.threadCpuUsage()
await step(Number.MAX_SAFE_INTEGER, FULL_SPEED_MS)
const fullPerS = ((updates - before) / FULL_SPEED_MS) * 1000
const { user, system } = process.threadCpuUsage(cpuBefore)
const cpuUs = (user + system) / (updates - before)
const updatesPerS = await highestSustained({ startPerS: 0.6 * fullPerS, factor: FACTOR }, async (rate) => (await step(rate, STEP_MS)) < LATE_MS)
await sleep(20)
// A frame of the book gives one record more for each ten levels a side, never fewer than one.
if (shard.published < updates) throw new Error(`${updates} frames gave ${shard.published} ticks`)
if (shard.computed === 0) throw new Error('no feature vector was computed')
process.send!({ type: 'measured', updatesPerS, cpuUs } satisfies FromLoop, () => process.exit())
