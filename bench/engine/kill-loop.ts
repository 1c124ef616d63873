import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'
import { Random } from '../../src/core/index.ts'
import { accountTruth } from '../../test/system/account-truth.ts'
import { disagreements, journalTruth, linesOf } from '../../test/system/agreement.ts'
import { EngineProcess } from '../../test/system/engine-process.ts'
import { journalOf } from '../../test/system/ledger-check.ts'
import { EAGER, sleep } from './whole-engine.ts'

export type Venue = 'bybit' | 'okx'
/** `engine-again` falls on an engine that has not recovered from the blow before; `all` takes supervisor, engine and exchange at once. */
export type Blow = 'engine' | 'engine-again' | 'exchange' | 'execution' | 'root' | 'all'

export interface Kill {
  readonly n: number
  readonly blow: Blow
  readonly atMs: number
  /** Blow → ready in health; null for one that the next blow overtook. */
  readonly readyMs: number | null
  /** New process seen → ready in health: without the back-off of the supervisor; null where there is no new engine process. */
  readonly fromSpawnMs: number | null
  /** Processor time that the new engine process took until then, which a crowded machine leaves as it is; null as above. */
  readonly cpuMs: number | null
  /** Live orders and held positions in the journal at that moment. */
  orders: number
  positions: number
}

export interface LoopResult {
  readonly kills: readonly Kill[]
  readonly checks: number
  readonly ordersCompared: number
  readonly executionsCompared: number
  readonly positionsCompared: number
  readonly epochs: number
  /** How many lines each comparison of everything had, over all of them. */
  readonly found: { readonly duplicateOrders: number; readonly unknownOrders: number; readonly executions: number; readonly positions: number; readonly stops: number; readonly journal: number }
}

const STARTING_BALANCE = '100000'
const KILLS_PER_CHECK = 10
const READY_LIMIT_MS = 30_000
const AT_REST_LIMIT_MS = 20_000
const POSITION_WAIT_MS = 20_000
/** Trades nothing: positions keep their stops and plans. */
const QUIET = ['strategy.imbalance.buy_threshold=0.99', 'strategy.imbalance.sell_threshold=0.01']
/** Out of a hundred blows. */
const SHARES: readonly (readonly [Blow, number])[] = [['engine', 55], ['exchange', 15], ['execution', 15], ['root', 8], ['all', 7]]
/** Of the kills of an engine, those that a second one follows before it is ready. */
const AGAIN_SHARE = 0.3

const pidOf = (health: HealthSnapshot, name: string): number | null => health.processes.find((one) => one.name === name)?.pid ?? null
const cpuMsOf = (health: HealthSnapshot): number | null => {
  const seconds = health.processes.find((one) => one.name === 'engine')?.cpuSeconds ?? null
  return seconds === null ? null : seconds * 1000
}
const executionOf = (health: HealthSnapshot) => health.actors.find((one) => one.kind === 'execution')

/**
 * Kills parts of a trading engine at random moments, each time waits until it is ready, and compares everything with the
 * exchange now and then. The folder of a run that found a difference stays.
 */
export class KillLoop {
  readonly dir: string
  readonly #venue: Venue
  readonly #seed: number
  readonly #random: Random
  readonly #keep: boolean
  readonly #say: (line: string) => void
  readonly #kills: Kill[] = []
  #engine!: EngineProcess
  #holdS = 1
  #compared = { orders: 0, executions: 0, positions: 0, epochs: 0, checks: 0 }
  readonly #found = { duplicateOrders: 0, unknownOrders: 0, executions: 0, positions: 0, stops: 0, journal: 0 }

  /** @param keep leaves the folder, to be looked into, after a run that found nothing too */
  constructor(venue: Venue, seed: number, keep: boolean, say: (line: string) => void) {
    this.#venue = venue
    this.#seed = seed
    this.#random = new Random(seed, `kill-loop-${venue}`)
    this.#keep = keep
    this.#say = say
    this.dir = mkdtempSync(join(tmpdir(), `ringmaster-kills-${venue}-`))
  }

  /** @throws with everything that is needed to look into it when both sides differ, or the engine does not come back */
  async run(kills: number): Promise<LoopResult> {
    try {
      await this.#start(true)
      while (this.#kills.length < kills) {
        const until = Math.min(kills, this.#kills.length + KILLS_PER_CHECK)
        while (this.#kills.length < until) await this.#blow(until - this.#kills.length > 1)
        await this.#check()
        if (this.#kills.length < kills) await this.#start(true)
      }
      if (this.#keep) this.#say(this.#evidence())
      else rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 })
    } catch (error) {
      throw new Error(`${this.#venue}, seed ${this.#seed}, after ${this.#kills.length} kills: ${error instanceof Error ? error.message : String(error)}\n${this.#evidence()}`, { cause: error })
    } finally {
      this.#engine?.cleanUp()
    }
    const { checks, orders, executions, positions, epochs } = this.#compared
    return { kills: this.#kills, checks, ordersCompared: orders, executionsCompared: executions, positionsCompared: positions, epochs, found: this.#found }
  }

  #evidence(): string {
    const last = this.#kills.at(-1)
    return [
      `journal   ${journalOf(this.dir, this.#venue)}`,
      `exchange  ${join(this.dir, 'data', 'exchange', 'ledger.jsonl')}`,
      `logs      ${join(this.dir, 'logs')}`,
      `kills     ${join(this.dir, 'kills.jsonl')}`,
      ...(last === undefined ? [] : [`last blow ${last.blow} at ${new Date(last.atMs).toISOString()}`]),
    ].join('\n')
  }

  /** Starts all of it as a user does. @param eager trades all the time */
  async #start(eager: boolean): Promise<void> {
    if (eager) this.#holdS = this.#holdS === 1 ? 30 : 1
    const set = [`venue=${this.#venue}`, `exchange.starting_balance=${STARTING_BALANCE}`, 'supervision.restart.max=100', ...EAGER, `exit.max_holding_s=${this.#holdS}`]
    this.#engine = await EngineProcess.start({ dir: this.dir, set: eager ? set : [...set, ...QUIET] })
    await this.#engine.until('ready after a start', (health) => health.ready, READY_LIMIT_MS)
  }

  /** One blow, or two where the second overtakes the first. */
  async #blow(mayFollow: boolean): Promise<void> {
    const blow = this.#draw()
    await this.#engine.until('trading before the blow', (health) => health.ready && health.actors.some((one) => one.kind === 'features' && one.state === 'ready'), READY_LIMIT_MS)
    await sleep(this.#random.between(200, 2500))
    if (blow === 'root' || blow === 'all') return this.#killRoot(blow)
    const before = await this.#engine.health()
    const { startMs, atMs } = this.#strike(blow, before)
    if (blow === 'engine' && mayFollow && this.#random.chance(AGAIN_SHARE)) {
      this.#note({ blow, atMs, readyMs: null, fromSpawnMs: null, cpuMs: null })
      await sleep(this.#random.between(100, 1500))
      const between = await this.#engine.until('a process to kill again', (health) => pidOf(health, 'engine') !== null && pidOf(health, 'engine') !== pidOf(before, 'engine'), READY_LIMIT_MS)
      const second = this.#strike('engine-again', between)
      return this.#awaitReady('engine-again', between, second)
    }
    return this.#awaitReady(blow, before, { startMs, atMs })
  }

  #strike(blow: Blow, health: HealthSnapshot): { readonly startMs: number; readonly atMs: number } {
    const at = { startMs: performance.now(), atMs: Date.now() }
    if (blow === 'execution') this.#engine.plant('execution', 'loop')
    else process.kill(pidOf(health, blow === 'exchange' ? 'exchange' : 'engine')!, 'SIGKILL')
    return at
  }

  async #awaitReady(blow: Blow, before: HealthSnapshot, { startMs, atMs }: { readonly startMs: number; readonly atMs: number }): Promise<void> {
    const name = blow === 'exchange' ? 'exchange' : 'engine'
    const restarts = executionOf(before)?.restarts ?? 0
    let spawnedMs = 0
    const after = await this.#engine.until(
      `ready after the blow to ${blow}`,
      (health) => {
        const reborn = blow === 'execution' ? (executionOf(health)?.restarts ?? 0) > restarts : pidOf(health, name) !== null && pidOf(health, name) !== pidOf(before, name)
        if (reborn && spawnedMs === 0) spawnedMs = performance.now()
        return reborn && health.ready && executionOf(health)?.state === 'ready' && health.processes.every((one) => one.state === 'running')
      },
      READY_LIMIT_MS,
    )
    const readyMs = performance.now()
    this.#note({ blow, atMs, readyMs: readyMs - startMs, fromSpawnMs: blow === 'execution' ? null : readyMs - spawnedMs, cpuMs: name === 'engine' && blow !== 'execution' ? cpuMsOf(after) : null })
  }

  /** The supervisor dies, alone or with everybody; somebody starts it again by hand, at once. */
  async #killRoot(blow: 'root' | 'all'): Promise<void> {
    const health = await this.#engine.health()
    const [startMs, atMs] = [performance.now(), Date.now()]
    const victims = [this.#engine.pid, ...(blow === 'all' ? [pidOf(health, 'engine'), pidOf(health, 'exchange')] : [])]
    for (const pid of victims) if (pid !== null) process.kill(pid, 'SIGKILL')
    await this.#engine.kill()
    const spawnedMs = performance.now()
    await this.#start(true)
    const readyMs = performance.now()
    this.#note({ blow, atMs, readyMs: readyMs - startMs, fromSpawnMs: readyMs - spawnedMs, cpuMs: null })
  }

  #note(kill: Omit<Kill, 'n' | 'orders' | 'positions'>): void {
    const noted: Kill = { n: this.#kills.length + 1, ...kill, orders: 0, positions: 0 }
    this.#kills.push(noted)
    appendFileSync(join(this.dir, 'kills.jsonl'), `${JSON.stringify(noted)}\n`)
    const ms = (value: number | null): string => (value === null ? '–' : `${Math.round(value)} ms`)
    this.#say(`${this.#venue} ${noted.n}: ${kill.blow}, ready after ${ms(kill.readyMs)}, from the new process ${ms(kill.fromSpawnMs)}`)
  }

  /** Stops trading, lets both sides come to rest, and compares them. @throws when they differ */
  async #check(): Promise<void> {
    // There should be something to compare stops with; a market that gives no position in that time is none of our failures.
    const patienceMs = performance.now() + POSITION_WAIT_MS
    while (performance.now() < patienceMs && !(await this.#engine.health()).symbols.some((one) => one.position !== null)) await sleep(20)
    const code = await this.#engine.stop()
    if (code !== 0) throw new Error(`the engine ended with ${code} at a clean stop\n${this.#engine.output.slice(-2000)}`)
    await this.#start(false)
    const deadline = performance.now() + AT_REST_LIMIT_MS
    for (;;) {
      const theirs = await accountTruth(this.#engine.exchangePort, this.#venue)
      const ours = journalTruth(journalOf(this.dir, this.#venue), this.#kills.map((kill) => kill.atMs))
      const found = disagreements(ours, theirs, STARTING_BALANCE)
      const lines = linesOf(found)
      if (lines.length > 0) {
        // What is on its way arrives; what is wrong stays wrong.
        if (performance.now() > deadline) throw new Error(`both sides differ:\n  ${lines.join('\n  ')}`)
        await sleep(500)
        continue
      }
      for (const what of Object.keys(this.#found) as (keyof typeof found)[]) this.#found[what] += found[what].length
      for (const [n, kill] of this.#kills.entries()) Object.assign(kill, ours.exposureAt[n])
      const { checks, positions } = this.#compared
      this.#compared = { checks: checks + 1, orders: theirs.orders.length, executions: theirs.executions.length, positions: positions + theirs.positions.size, epochs: ours.state.epoch }
      this.#say(`${this.#venue}: equal after ${this.#kills.length} kills: ${theirs.orders.length} orders, ${theirs.executions.length} executions, ${theirs.positions.size} open positions, epoch ${ours.state.epoch}`)
      break
    }
    const ended = await this.#engine.stop()
    if (ended !== 0) throw new Error(`the quiet engine ended with ${ended}\n${this.#engine.output.slice(-2000)}`)
  }

  #draw(): Blow {
    let at = this.#random.between(0, SHARES.reduce((sum, [, share]) => sum + share, 0))
    return SHARES.find(([, share]) => (at -= share) < 0)![0]
  }
}
