import { EngineProcess } from '../../test/system/engine-process.ts'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'

/** Trades as often as the venue's limits allow, so that every hop has samples and every blow meets work. */
export const EAGER = [
  'strategy.imbalance.buy_threshold=0.52',
  'strategy.imbalance.sell_threshold=0.48',
  'strategy.imbalance.cooldown_ms=50',
  'strategy.imbalance.repeat_ms=100',
  'strategy.min_confidence=0.5',
  'order_executor.limit_order.default_offset_percent=0.001',
  'order_executor.limit_order.by_regime.choppy.limit_offset_percent=0.001',
  'order_executor.order_ttl_ms=400',
  'exit.max_holding_s=1',
  'risk.max_orders_per_minute=600',
  'risk.sizing=fixed',
]

/** Health is told ten times a second: looking oftener than this shows nothing sooner. */
const LOOK_MS = 10

/** One line of the engine's own log. */
export interface LogLine {
  readonly atMs: number
  readonly level: string
  readonly from: string
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Every actor is ready and every book is whole. */
export const allReady = (health: HealthSnapshot): boolean =>
  health.ready && health.processes.every((one) => one.state === 'running') && health.actors.length > 0 && health.actors.every((one) => one.state === 'ready') && health.symbols.every((one) => one.bookValid)

/** A whole engine as a user starts it, with its own folder; on the generated market, and trading all the time. */
export class WholeEngine {
  readonly process: EngineProcess
  readonly #lines: LogLine[] = []
  #read = 0

  private constructor(process: EngineProcess) {
    this.process = process
  }

  /** Runs `work` on a new engine that trades, then ends it. */
  static async with<Result>(set: readonly string[], work: (engine: WholeEngine) => Promise<Result>): Promise<Result> {
    const engine = new WholeEngine(await EngineProcess.start({ set: [...EAGER, ...set] }))
    try {
      await engine.until('every actor is ready', allReady)
      await engine.until('orders flow', (health) => (health.latencyNs['tick_to_order']?.count ?? 0) > 3)
      const result = await work(engine)
      const code = await engine.process.stop()
      if (code !== 0) throw new Error(`the engine ended with ${code}\n${engine.process.output.slice(-2000)}`)
      return result
    } finally {
      engine.process.cleanUp()
    }
  }

  /** Looks until it holds. @throws after half a minute, with the reasons of the last look */
  async until(what: string, holds: (health: HealthSnapshot) => boolean, timeoutMs = 30_000): Promise<HealthSnapshot> {
    const deadline = performance.now() + timeoutMs
    let reasons: readonly string[] = ['health did not answer']
    while (performance.now() < deadline) {
      const health = await this.process.health()
      if (holds(health)) return health
      reasons = health.reasons
      await sleep(LOOK_MS)
    }
    throw new Error(`not within ${timeoutMs} ms: ${what} (${reasons.join('; ')})\n${this.process.output.slice(-2000)}`)
  }

  /** Lines of the log, oldest first, said at `sinceMs` (ms since 1970) or later. */
  log(sinceMs = 0): readonly LogLine[] {
    const { output } = this.process
    // Only what is new: reading all of it at every look would be the heaviest load on the machine.
    for (let end = output.indexOf('\n', this.#read); end >= 0; end = output.indexOf('\n', this.#read)) {
      const text = output.slice(this.#read, end)
      this.#read = end + 1
      if (!text.startsWith('{') || !text.endsWith('}')) continue
      const { level, time, from, msg, ...data } = JSON.parse(text) as { level: string; time: string; from: string; msg: string } & Record<string, unknown>
      this.#lines.push({ atMs: Date.parse(time), level, from, message: msg, data })
    }
    return this.#lines.filter((line) => line.atMs >= sinceMs)
  }

  /** Waits for a line of the log. @throws when it does not come */
  async logged(what: string, sinceMs: number, matches: (line: LogLine) => boolean, timeoutMs = 30_000): Promise<LogLine> {
    const deadline = performance.now() + timeoutMs
    while (performance.now() < deadline) {
      const found = this.log(sinceMs).find(matches)
      if (found !== undefined) return found
      await sleep(LOOK_MS)
    }
    throw new Error(`not logged within ${timeoutMs} ms: ${what}\n${this.process.output.slice(-2000)}`)
  }

  /** What the log says at `warn` and above, counted by who and what. */
  troubles(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { level, from, message } of this.log().filter((line) => line.level === 'warn' || line.level === 'error')) {
      const key = `${level} ${from}: ${message}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return counts
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
