import { appendFileSync, mkdirSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { randomInt } from 'node:crypto'
import type { Worker } from 'node:worker_threads'
import { type ActorId, actorId, errorLine, fail, type Instrument, type Nanos, releaseProcessLock, RingmasterError, type SymbolIndex, SystemClock, SystemTimers, takeProcessLock, type Timer } from '../src/core/index.ts'
import { lockDataset, ModelGate } from '../src/model/index.ts'
import { type DeadLetter, describePlan, type FromThread, type PlacementPlan, type RestartLimits, ThreadSupervisor } from '../src/runtime/index.ts'
import { type Log, relayLog } from '../src/telemetry/index.ts'
import type { KillStatus, RecoveryReport, StopSummary } from '../src/trading/index.ts'
import { EngineInstruments, withPairs } from './engine-instruments.ts'
import { EngineMemory } from './engine-memory.ts'
import type { EngineSettings, FromEngine, StopReport, ToEngine } from './engine-messages.ts'
import { EngineReporter } from './engine-reporter.ts'
import { FeedKeeper } from './feed-keeper.ts'
import { journalPath } from './journal-path.ts'
import { planFor } from './place.ts'
import { KILL_REPORT, plainInstrument, rowsOf, type ThreadData } from './thread-data.ts'
import { usageOf } from './usage.ts'
import { PulseWriter } from '../src/watchdog/index.ts'
import { restLimits } from './venue.ts'
import { watchdogFiles } from './watchdog-files.ts'

const BEAT_MS = 100
const PULSE_MS = 500
/** Tells the supervisor that another start cannot help. */
const EXIT_USAGE = 2
/** A model run that has not ended by then hangs: only the end of the process helps. */
const GATE_CLOSE_MS = 1000
const LOCK_RETRY_MS = 250
/** An engine whose supervisor died has this long beyond its own deadline to end. */
const LOCK_MARGIN_MS = 5000
/** After the actors of a thread were asked to stop, the thread may take this long before it is ended. */
const THREAD_STOP_MS = 3000

/**
 * The main thread of the engine process: second level of supervision. It makes the shared memory, starts and watches
 * the threads, mends what a dead one left, passes commands on, and reports to the root supervisor.
 */
export class EngineMain {
  #settings: EngineSettings
  readonly #blanks: readonly Worker[]
  readonly #clock: SystemClock
  readonly #timers = new SystemTimers()
  readonly #log: Log
  #memory!: EngineMemory
  #plan!: PlacementPlan
  #threads!: ThreadSupervisor
  #reporter!: EngineReporter
  #stopping = false
  #startedNs: Nanos = 0
  readonly #instruments: EngineInstruments
  #executionReport: unknown = null
  #pulse: PulseWriter | null = null
  #pulseTimer: Timer | null = null
  #feed: FeedKeeper | null = null
  readonly #stopWaiters = new Map<number, () => void>()

  /** @param blanks workers that are loading already, one for each thread of the plan */
  constructor(settings: EngineSettings, blanks: readonly Worker[]) {
    this.#settings = settings
    this.#blanks = blanks
    this.#clock = new SystemClock(BigInt(settings.originNs))
    this.#log = relayLog((record) => this.#tell({ type: 'log', record }), { from: 'engine', level: settings.config.log.level, wallMs: () => this.#clock.wallMs() }).log
    this.#instruments = new EngineInstruments(settings, { clock: this.#clock, timers: this.#timers, log: this.#log, stop: (reason) => this.stop(reason) })
  }

  async start(): Promise<void> {
    this.#startedNs = this.#clock.nowNs()
    process.on('message', (message: ToEngine) => this.#onCommand(message))
    const early = this.#timers.every(BEAT_MS, () => this.#tell({ type: 'beat', state: { ready: false, usage: usageOf(process), actors: [], symbols: [], account: null, kill: null, risk: null, restInFlight: 0, way: null, latencyNs: {} } }))
    let instruments: readonly Instrument[]
    try {
      await this.#lockJournal()
      instruments = await this.#instruments.read()
      this.#settings = withPairs(this.#settings, instruments)
      this.#lockSamples()
    } catch (error) {
      this.#tell({ type: 'fatal', error: errorLine(error) })
      // What another process has will not be free at the next start either.
      process.exitCode = error instanceof RingmasterError && (error.code === 'RM_DATASET_LOCKED' || error.code === 'RM_JOURNAL_LOCKED') ? EXIT_USAGE : 1
      setImmediate(() => process.exit())
      return
    } finally {
      early.cancel()
    }
    if (this.#stopping) return
    this.#plan = planFor(this.#settings)
    const rows = rowsOf(this.#plan)
    this.#memory = EngineMemory.create(instruments.length, this.#plan.length, rows.length, restLimits(this.#settings.config))
    this.#reporter = new EngineReporter({ memory: this.#memory, plan: this.#plan, instruments, clock: this.#clock })
    this.#tell({ type: 'plan', plan: describePlan(this.#plan) })
    this.#startThreads(instruments)
    this.#startPulse()
    this.#startFeed(instruments)
    this.#timers.every(BEAT_MS, () => this.#beat())
  }

  #beat(): void {
    const state = this.#reporter.state()
    this.#tell({ type: 'beat', state })
    if (!this.#stopping) this.#instruments.look(this.#memory.registry, state.symbols, (this.#clock.nowNs() - this.#startedNs) / 1e6)
  }

  /** Held until this process ends; that of a dead one is taken over, one that still drains is waited for. @throws RM_JOURNAL_LOCKED */
  async #lockJournal(): Promise<void> {
    const { config } = this.#settings
    const path = journalPath(config)
    const lock = `${path}.lock`
    mkdirSync(dirname(path), { recursive: true })
    const untilNs = this.#clock.nowNs() + (config.shutdown.timeout_s * 1000 + LOCK_MARGIN_MS) * 1e6
    for (let pid = takeProcessLock(lock), told = false; pid !== null; pid = takeProcessLock(lock)) {
      if (this.#clock.nowNs() > untilNs) fail('RM_JOURNAL_LOCKED', { path, pid })
      if (!told) this.#log('warn', 'another engine has the journal: waiting for its end', { path, pid })
      told = true
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS))
    }
    process.once('exit', () => releaseProcessLock(lock))
  }

  /**
   * Held until this process ends: its threads may still finish batches after their actors stopped. A folder that cannot be written, as on a
   * full disk, is no reason not to trade.
   * @throws RM_DATASET_LOCKED
   */
  #lockSamples(): void {
    const { collect, trading_pairs: symbols } = this.#settings.config
    if (!collect.enabled) return
    try {
      process.once('exit', lockDataset(collect.dir, symbols, 'collector'))
    } catch (error) {
      if (error instanceof RingmasterError && error.code === 'RM_DATASET_LOCKED') throw error
      this.#log('warn', 'the folder of the samples is not locked', { error: errorLine(error) })
    }
  }

  #startFeed(instruments: readonly Instrument[]): void {
    const { feedToken, config, originNs } = this.#settings
    if (feedToken === null) return
    const data = { buffers: this.#memory.buffers, threads: this.#plan.length, instruments: instruments.map(plainInstrument), originNs, token: feedToken, path: join(config.data_dir, 'feed.sock') }
    this.#feed = new FeedKeeper({ data, timers: this.#timers, log: this.#log.child('feed'), onAddress: (address) => this.#tell({ type: 'feed', address }) })
    this.#feed.start()
  }

  /** For the watchdog: beats while execution turns, so that a hung one is as silent as a dead process. */
  #startPulse(): void {
    const { config, originNs } = this.#settings
    if (!config.watchdog.enabled) return
    const row = this.#reporter.row(actorId('execution', null))
    let turnedNs = 0
    let told = false
    const pulse = new PulseWriter(watchdogFiles(config.data_dir).pulse, originNs)
    this.#pulse = pulse
    this.#pulseTimer = this.#timers.every(PULSE_MS, () => {
      const { beatNs } = this.#memory.table.read(row)
      if (beatNs === turnedNs) return
      turnedNs = beatNs
      try {
        pulse.beat()
      } catch (error) {
        if (!told) this.#log('error', 'the pulse for the watchdog cannot be written: it will take the engine for dead', { error: errorLine(error) })
        told = true
      }
    })
  }

  stop(reason: string): void {
    if (this.#stopping) return
    this.#stopping = true
    void this.#drain(reason).finally(() => process.exit(0))
  }

  /** Execution first, while market data still flows; then the shards. */
  async #drain(reason: string): Promise<void> {
    const startNs = this.#clock.nowNs()
    if (this.#threads !== undefined) {
      this.#threads.markStopping()
      const execution = this.#plan.length - 1
      const deadlineMs = this.#settings.config.shutdown.timeout_s * 1000 - THREAD_STOP_MS
      await this.#stopThread(execution, Math.max(THREAD_STOP_MS, deadlineMs))
      await Promise.all(this.#plan.slice(0, -1).map((_plan, thread) => this.#stopThread(thread, THREAD_STOP_MS)))
      await this.#threads.close()
      this.#feed?.close()
    }
    this.#declareStopped()
    const report: StopReport = { reason, execution: this.#executionReport, tookMs: Math.round((this.#clock.nowNs() - startNs) / 1e6) }
    this.#tell({ type: 'stopped', report })
    // The message leaves before the process does.
    await new Promise((resolve) => setTimeout(resolve, 20))
  }

  /** Only what the venue has confirmed ends the watch: an entry that was not reached is the watchdog's. */
  #declareStopped(): void {
    this.#pulseTimer?.cancel()
    const report = this.#executionReport as StopSummary | null
    if (this.#pulse === null || report?.drained !== true) return
    try {
      this.#pulse.stopped()
    } catch (error) {
      this.#log('error', 'the clean stop could not be declared to the watchdog', { error: errorLine(error) })
    }
  }

  #stopThread(thread: number, deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#timers.after(deadlineMs, resolve)
      this.#stopWaiters.set(thread, () => {
        timer.cancel()
        resolve()
      })
      if (!this.#threads.tell(thread, { type: 'stop' })) this.#stopWaiters.get(thread)!()
    })
  }

  #startThreads(instruments: readonly Instrument[]): void {
    const { supervision } = this.#settings.config
    const restartLimits: RestartLimits = {
      max: supervision.restart.max,
      windowMs: supervision.restart.window_s * 1000,
      backoffMs: supervision.backoff.initial_ms,
      backoffMaxMs: supervision.backoff.max_ms,
    }
    const plain = instruments.map(plainInstrument)
    const gates = this.#plan.map((_plan, thread) => new ModelGate(this.#memory.buffers.gates, thread))
    // Threads of symbols that were left out.
    for (const extra of this.#blanks.slice(this.#plan.length)) void extra.terminate()
    this.#threads = new ThreadSupervisor(this.#plan, {
      entry: new URL('./thread.ts', import.meta.url),
      clock: this.#clock,
      timers: this.#timers,
      table: this.#memory.table,
      restartLimits,
      hangMs: supervision.heartbeat_ms * supervision.misses,
      loadPerCore: () => loadavg()[0]! / availableParallelism(),
      blanks: this.#blanks.slice(0, this.#plan.length),
      threadData: (thread, checkpoints): ThreadData => ({ settings: this.#settings, thread, plan: this.#plan, instruments: plain, buffers: this.#memory.buffers, checkpoints, seed: randomInt(2 ** 31) }),
      onMessage: (thread, message) => this.#onThread(thread, message),
      repair: (thread) => this.#repair(thread, gates[thread]!),
      closeGate: (thread) => gates[thread]!.close(GATE_CLOSE_MS, this.#timers),
      onRestart: (thread, error, tookMs) => this.#log('warn', 'thread is back', { thread: this.#plan[thread]!.name, tookMs: Math.round(tookMs), after: error.message }),
      onGiveUp: (thread, error) => this.#giveUp(thread, error),
    })
    this.#threads.start()
  }

  #onThread(thread: number, message: FromThread): void {
    switch (message.type) {
      case 'log':
        return this.#log.child(message.id)(message.level, message.message, message.data)
      case 'counts':
        return this.#tell({ type: 'counts', counts: message.counts })
      case 'status':
        return this.#reporter.onStatus(message.id, message.state, message.note)
      case 'dead-letter':
        this.#reporter.onError(message.letter.actor, message.letter.error)
        return this.#setAside(message.letter)
      case 'escalate':
        // Actor → thread: whatever is wrong may be in the state of the thread.
        this.#reporter.onError(message.id, message.error)
        return this.#threads.recycle(thread, new RingmasterError('RM_THREAD_EXIT', { thread: this.#plan[thread]!.name, code: 'escalation', error: message.error }))
      case 'risk':
        return this.#reporter.onRisk(message.risk)
      case 'report':
        if (isRecovery(message.report)) return this.#tell({ type: 'recovery', report: message.report.recovery })
        if (message.id === KILL_REPORT) this.#reporter.onKill(message.report as KillStatus)
        else this.#executionReport = message.report
        return
      case 'stopped':
        return this.#stopWaiters.get(thread)?.()
      case 'restarted':
      case 'checkpoint':
      case 'up':
        return
    }
  }

  /** For people: what the record was, and what it did. Losing the line is no reason to lose the engine. */
  #setAside(letter: DeadLetter): void {
    const file = join(this.#settings.config.data_dir, 'dead-letters.jsonl')
    this.#log('error', `a record that killed ${letter.actor} twice was set aside in ${file}`, { input: letter.input, sequence: letter.sequence, error: letter.error })
    try {
      appendFileSync(file, `${JSON.stringify(letter)}\n`)
    } catch (error) {
      this.#log('error', 'the dead letter could not be written', { error: errorLine(error), letter: { ...letter } })
    }
  }

  #onCommand(message: ToEngine): void {
    switch (message.type) {
      case 'stop':
        return this.stop(message.reason)
      case 'reset-breaker':
        return void this.#threads?.tell(this.#plan.length - 1, { type: 'send', id: 'execution', message: { type: 'reset-breaker', group: message.group } })
      case 'restart-actor':
        return void this.#threads?.tell(this.#threads.threadOf(message.id), { type: 'restart', id: message.id, reason: 'by command' })
      case 'kill':
      case 'release':
        return void this.#threads?.tell(this.#plan.length - 1, { type: 'send', id: 'execution', message: { ...message } })
      case 'recover':
        return void this.#threads?.tell(this.#plan.length - 1, { type: 'send', id: 'execution', message: { type: 'recover', why: message.why, request: message.request } })
      case 'set-limit':
      case 'close-position':
      case 'cancel-order':
        return void this.#threads?.tell(this.#plan.length - 1, { type: 'send', id: 'execution', message: { ...message } })
      case 'strategies':
        for (const id of this.#plan.flatMap(({ actors }) => actors)) if (id.startsWith('inference:')) this.#threads?.tell(this.#threads.threadOf(id), { type: 'send', id, message: { ...message } })
        return
      case 'fault':
        return this.#plant(message)
    }
  }

  #plant({ id, fault }: Extract<ToEngine, { type: 'fault' }>): void {
    if (fault === 'abort') process.abort()
    if (fault === 'hang-main') for (;;);
    this.#threads.tell(this.#threads.threadOf(id), { type: 'plant', id, fault })
  }

  /** The thread is dead: its cells must not stay half-written, its books must not look valid, its gate must open again. */
  #repair(thread: number, gate: ModelGate): void {
    gate.reopen()
    for (const id of this.#plan[thread]!.actors) {
      const symbol = this.#reporter.symbolIndex(id)
      if (this.#mend(id, symbol) > 0) this.#log('warn', 'cells of a dead writer were mended', { actor: id })
      this.#memory.table.countRestart(this.#reporter.row(id))
    }
  }

  #mend(id: ActorId, symbol: SymbolIndex | null): number {
    const { registry } = this.#memory
    if (symbol === null) return registry.repairTrading() + (this.#memory.way.repair() ? 1 : 0)
    return id.startsWith('ingest:') ? registry.repairMarket(symbol) : registry.repairSignals(symbol)
  }

  /** Thread → symbol suspended: the rest goes on. A thread without which nothing can trade ends the process. */
  #giveUp(thread: number, error: RingmasterError): void {
    const { name, actors } = this.#plan[thread]!
    const isExecution = actors.includes(actorId('execution', null))
    this.#log('error', isExecution ? 'the execution thread cannot be kept alive: the process ends' : 'thread is given up: its symbols are suspended', { thread: name, error: error.message })
    const cannotEnd = error.code === 'RM_THREAD_HUNG'
    if (isExecution || cannotEnd) {
      this.#tell({ type: 'fatal', error: error.message })
      return void setTimeout(() => process.kill(process.pid, 'SIGKILL'), 20)
    }
    const execution = this.#plan.length - 1
    for (const symbol of new Set(actors.map((id) => id.slice(id.indexOf(':') + 1))))
      this.#threads.tell(execution, { type: 'send', id: 'execution', message: { type: 'suspend-symbol', symbol, why: error.message } })
    for (const id of actors) this.#reporter.onStatus(id, 'suspended', error.message)
  }

  /** Instruments of the active symbols from the venue; it may still be starting. */
  #tell(message: FromEngine): void {
    // A channel that closes under a message is no failure: `disconnect` follows, and the engine drains.
    if (process.connected) process.send!(message, undefined, undefined, () => {})
  }
}

const isRecovery = (report: unknown): report is { readonly recovery: RecoveryReport } => typeof report === 'object' && report !== null && 'recovery' in report
