/**
 * From a decision to its order frame in the socket: the execution actor, its journal in a file and the Bybit adapter in
 * this process, the exchange in another. A decision is handed over as soon as the order before it has ended (IOC, far
 * from the market, so that nothing fills); the time ends when the socket has taken the frame. Beside it a bare `ws` client
 * sends frames of the same length to the same exchange: what the socket and the kernel take of it.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { ExecutionActor } from '../../actors/execution.ts'
import { errorLine, fail, type Instrument, Random, SystemClock, SystemTimers, systemOriginNs } from '../../src/core/index.ts'
import { DECISION } from '../../src/memory/index.ts'
import type { ActorContext, ActorStatus } from '../../src/runtime/index.ts'
import { FileJournal, MemoryKillStore, tradingDefaults, type TradingSettings } from '../../src/trading/index.ts'
import { bybitUrlsAt, createBybitVenue, NodeTransport, tapTransport } from '../../src/venues/index.ts'
import { SharedRun } from '../engine/shared-run.ts'
import { defineBench } from '../harness.ts'
import { ORDER_VENUE_KEY, OrderVenue } from './order-venue.ts'

const SYMBOL = 'BTCUSDT'
const CALLS = 3000
const WARM_UP = 2000
const READY_MS = 20_000
const settings: TradingSettings = {
  ...tradingDefaults,
  entry: { ...tradingDefaults.entry, timeInForce: 'IOC', offset: { defaultPercent: '0.5', byRegime: {}, bySymbol: {} } },
  limits: { ...tradingDefaults.limits, ordersPerWindowMax: 1000, orderWindowMs: 1 },
}

interface Times {
  readonly p50Us: number
  readonly p99Us: number
  readonly socketP50Us: number
}

async function measure(): Promise<Times> {
  const venue = await OrderVenue.start([SYMBOL])
  const folder = mkdtempSync(join(tmpdir(), 'ringmaster-bench-'))
  const path = new OrderPath(venue.port, join(folder, 'trading.journal'))
  try {
    await path.start()
    const samples = new Float64Array(CALLS)
    for (let i = -WARM_UP; i < CALLS; i++) {
      const tookNs = await path.order()
      if (i >= 0) samples[i] = tookNs / 1000
    }
    samples.sort()
    return { p50Us: samples[CALLS >> 1]!, p99Us: samples[Math.floor(0.99 * CALLS)]!, socketP50Us: await socketAlone(venue.port, path.frameLength) }
  } finally {
    await path.stop()
    venue.end()
    rmSync(folder, { recursive: true })
  }
}

/** Median µs of `send` of a bare client, one ping after the answer to the one before. @param length characters of a frame */
async function socketAlone(port: number, length: number): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v5/trade`, { perMessageDeflate: false })
  await once(socket, 'open')
  const text = JSON.stringify({ op: 'ping', req_id: '' })
  const frame = text.replace('""', `"${'x'.repeat(length - text.length)}"`)
  const samples = new Float64Array(CALLS)
  for (let i = -WARM_UP; i < CALLS; i++) {
    const startNs = process.hrtime.bigint()
    socket.send(frame)
    if (i >= 0) samples[i] = Number(process.hrtime.bigint() - startNs) / 1000
    await once(socket, 'message')
  }
  socket.close()
  return samples.sort()[CALLS >> 1]!
}

/** An execution actor on this thread, connected to the exchange. */
class OrderPath {
  readonly #clock = new SystemClock(systemOriginNs())
  readonly #timers = new SystemTimers()
  readonly #journalPath: string
  readonly #venue: ReturnType<typeof createBybitVenue>
  readonly #slot = DECISION.view(new SharedArrayBuffer(DECISION.byteLength))
  #actor: ExecutionActor | null = null
  #status: ActorStatus | null = null
  /** Characters of the last order frame. */
  frameLength = 0
  #sentNs = 0
  #sequence = 0
  #price = { refused: false as const, bidTicks: 0, askTicks: 0, receiveNs: 0 }

  constructor(port: number, journalPath: string) {
    this.#journalPath = journalPath
    const transport = tapTransport(new NodeTransport(), {
      opened: () => {}, frame: () => {}, lost: () => {}, answer: () => {},
      sent: (_, text) => {
        if (!text.includes('order.create')) return
        this.#sentNs = this.#clock.nowNs()
        this.frameLength = text.length
      },
    })
    const services = { transport, clock: this.#clock, timers: this.#timers, random: new Random(1, 'bench'), count: () => {} }
    this.#venue = createBybitVenue({ ...services, urls: bybitUrlsAt('127.0.0.1', port), credentials: { key: ORDER_VENUE_KEY.apiKey, secret: ORDER_VENUE_KEY.secret }, settings: { tradePerSecond: 100_000 } })
  }

  async start(): Promise<void> {
    const instruments = await new Promise<readonly Instrument[]>((resolve, reject) => this.#venue.reference.instruments([SYMBOL], (error, found) => (error === null ? resolve(found) : reject(new Error(errorLine(error))))))
    const context: ActorContext = {
      id: 'execution', kind: 'execution', symbol: null, incarnation: 0, clock: this.#clock, timers: this.#timers, random: new Random(1, 'actor'),
      log: (level, message, data) => {
        if (level === 'error' || level === 'warn') console.log(level, message, JSON.stringify(data ?? {}))
      },
      count: () => {}, observe: () => {},
      report: (status) => void (this.#status = status),
    }
    this.#price = { refused: false, bidTicks: 600_000, askTicks: 600_001, receiveNs: 0 }
    const answer = () => {
      this.#price.receiveNs = this.#clock.nowNs()
      return this.#price
    }
    this.#actor = new ExecutionActor(context, {
      instruments,
      decisions: [this.#slot.f64.buffer as SharedArrayBuffer],
      prices: { orderPrice: answer, exitPrice: answer },
      conditions: { regime: () => 'choppy', atrTicks: () => Number.NaN },
      observations: { fresh: () => true, clockOffsetMs: () => 0 },
      killStore: new MemoryKillStore(),
      onKill: null,
      bands: { band: () => ({ highestBuyTicks: Number.NaN, lowestSellTicks: Number.NaN, enabled: false, ageMs: 0 }) },
      onRisk: null,
      trading: this.#venue.trading(instruments),
      journal: new FileJournal(this.#journalPath),
      settings,
      views: null, sessionEpoch: null, onEpoch: () => {}, onStopped: null,
    })
    this.#actor.start()
    await this.#until('the engine is ready', () => this.#status?.state === 'ready')
  }

  /** Hands over one decision and waits until its order has ended. @returns ns from the decision to its frame in the socket */
  async order(): Promise<number> {
    const actor = this.#actor!
    const view = this.#slot.at(0)
    const startNs = this.#clock.nowNs()
    this.#sentNs = 0
    view.sequence = ++this.#sequence
    view.tickSequence = this.#sequence
    view.receiveNs = startNs
    view.publishNs = startNs
    view.confidence = 0.9
    view.side = 0
    view.by = 1
    actor.onRecord(0, 0)
    if (this.#sentNs === 0) fail('RM_ASSERT', { what: `decision ${this.#sequence} led to an order frame at once` })
    const tookNs = this.#sentNs - startNs
    await this.#until('the order ended', () => actor.state.symbols.get(SYMBOL)!.live.length === 0)
    return tookNs
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => (this.#actor === null ? resolve() : this.#actor.stop(true, resolve)))
  }

  async #until(what: string, done: () => boolean): Promise<void> {
    const limitMs = performance.now() + READY_MS
    while (!done()) {
      if (performance.now() > limitMs) fail('RM_ASSERT', { what: `${what} within ${READY_MS} ms` })
      await new Promise<void>((resolve) => void setImmediate(resolve))
    }
  }
}

const run = new SharedRun('ringmaster', measure)

export const bench = defineBench(
  'trading-order-path',
  { rounds: 5 },
  { name: 'decision → journaled → order frame in the socket, p50', unit: 'us', better: 'lower', ours: run.side('p50', (times) => times.p50Us), peer: { ...run.side('socket', (times) => times.socketP50Us), name: 'ws alone' }, goal: { atMost: 100 } },
  { name: 'decision → journaled → order frame in the socket, p99', unit: 'us', better: 'lower', ours: run.side('p99', (times) => times.p99Us), goal: null },
)

if (import.meta.main) await bench.run()
