/** `ringmaster run`: the root supervisor. It spawns, watches, restarts and tells; it trades nothing and holds no native code. */
import { EXIT, exitCodeOf, renderBanner, renderRecovery, type StartRequest, StatusLine } from '../src/cli/index.ts'
import { randomInt } from 'node:crypto'
import { type Config, type LoadedConfig, secretValues } from '../src/config/index.ts'
import { errorLine, RingmasterError, SystemClock, SystemTimers, systemOriginNs } from '../src/core/index.ts'
import type { Alert } from '../src/telemetry/index.ts'
import { type ChildMessage, ProcessSupervisor, type RestartLimits } from '../src/runtime/index.ts'
import { accountMetrics, alertMetrics, type ArchiveHealth, archiveMetrics, createHealthServer, type HealthSnapshot, killMetrics, modelMetrics, type HealthServer, type HealthToken, healthToken, type RecoveryDesk, type RestartAnswer, symbolMetrics, wayMetrics } from '../src/runtime/health/index.ts'
import { isLimitName, LIMIT_NAMES, limitProblem, type LimitTexts } from '../src/trading/index.ts'
import { createRootLog, MetricsPage, type RootLog } from '../src/telemetry/root/index.ts'
import type { RecoveryReport } from '../src/trading/index.ts'
import { ENGINE_ENV, type EngineSettings, type FromEngine, type StopReport, type ToEngine } from './engine-messages.ts'
import { ENDPOINT_GROUPS } from '../src/venues/index.ts'
import { AlertDesk } from './alert-desk.ts'
import { processEnded, processGivenUp, recovered, watchdogActed } from './alert-events.ts'
import { ArchiveKeeper } from './archive-keeper.ts'
import { GatewayKeeper, type RootAnswers } from './gateway-keeper.ts'
import { GatewayChannel } from './gateway-channel.ts'
import { withAlerts } from './gateway-log.ts'
import { shownSettings } from './gateway-shown.ts'
import { checkpointThread } from './checkpoint-thread.ts'
import { csvThread } from './csv-writer.ts'
import { databaseSecrets } from './database-place.ts'
import type { ExchangeProcessMessage } from './exchange.ts'
import { configuredRecordings, exchangeSettings } from './exchange-messages.ts'
import { type Recording, withRecordedPairs } from './recordings.ts'
import { JournalThread } from './journal-thread.ts'
import { KillWays } from './kill-ways.ts'
import { StrategyWays } from './strategy-ways.ts'
import { RootState, VERSION } from './root-state.ts'
import { FileKillStore } from '../src/trading/index.ts'
import { tradingSettings } from './trading-settings.ts'
import type { Usage } from './usage.ts'
import { unreportedLines, GuardJournal } from '../src/watchdog/index.ts'
import { venueAt, withoutKey } from './venue.ts'
import { watchdogSettings, watchdogSpec } from './watchdog-child.ts'
import { watchdogFiles } from './watchdog-files.ts'
import type { FromWatchdog } from './watchdog-messages.ts'
import { journalPath } from './journal-path.ts'

/** A process is its own failure group: it may fail this often before the engine gives up. */
const PROCESS_LIMITS: RestartLimits = { max: 20, windowMs: 60_000, backoffMs: 50, backoffMaxMs: 2000 }
const SILENT_MS = 3000
const WATCHDOG_STOP_MS = 2000
const CHECKPOINTS_AFTER_MS = 10_000
/** What is still to be told at the end gets this long. */
const ALERTS_STOP_MS = 2000

/** Runs until stopped. @param minutes after which it stops by itself; null: never @returns the exit code */
export async function run(request: StartRequest, minutes: number | null = null): Promise<number> {
  const { warnings } = request.loaded
  const config = await withRecordedPairs(request.loaded)
  const recordings = await configuredRecordings(config)
  const terminal = process.stdout.isTTY && !request.json
  let line: StatusLine | null = null
  const out = (text: string): void => (line === null ? void process.stdout.write(text) : line.print(text))
  let supervisor: RootSupervisor | null = null
  const rootLog = createRootLog({ level: config.log.level, dir: config.log.dir, readable: !request.json, color: request.color && terminal, secrets: secretValues(config), out, wallMs: () => Date.now(), onAlert: (alert) => supervisor?.alert(alert) ?? false })
  try {
    const token = healthToken(config.health.token, config.data_dir)
    rootLog.addSecret(token.token)
    for (const secret of databaseSecrets(config)) rootLog.addSecret(secret)
    for (const warning of warnings) rootLog.log('warn', warning)
    const root = new RootSupervisor(config, recordings, token, rootLog, request, out)
    supervisor = root
    await root.start((facts) => {
      if (!request.json) out(renderBanner({ version: VERSION, config, journal: journalPath(config), ...facts }))
    })
    if (terminal) {
      line = new StatusLine({ write: (text) => void process.stdout.write(text), columns: () => process.stdout.columns, snapshot: () => root.snapshot(), timers: new SystemTimers() })
      line.start()
    }
    const over = minutes === null ? null : new SystemTimers().after(minutes * 60_000, () => root.end('time is up'))
    const code = await root.ended
    over?.cancel()
    line?.stop()
    return code
  } catch (error) {
    rootLog.log('error', errorLine(error))
    return exitCodeOf(error)
  } finally {
    rootLog.close()
  }
}

/** The exchange process has said which of its two ports it is; this names the settings of both. */
function exchangePortTaken({ exchange }: Config): RingmasterError {
  const details = { host: '127.0.0.1', port: `${exchange.bybit_port} or ${exchange.okx_port}`, setting: 'exchange.bybit_port or exchange.okx_port', env: 'RINGMASTER_EXCHANGE_BYBIT_PORT, RINGMASTER_EXCHANGE_OKX_PORT' }
  return new RingmasterError('RM_PORT_TAKEN', details)
}

const declaredStop = (report: StopReport | null): boolean => (report?.execution as { drained?: boolean } | null | undefined)?.drained === true

/** What execution left behind, in words. */
function summaryLine(execution: unknown): string {
  if (typeof execution !== 'object' || execution === null) return 'execution gave no report; the next start recovers from the journal'
  const { drained, liveOrders, openPositions } = execution as { drained: boolean; liveOrders: number; openPositions: number }
  return `${drained ? 'drained' : 'not drained in time'}, ${liveOrders} live orders, ${openPositions} open positions`
}

interface StartFacts {
  readonly healthUrl: string
  readonly exchangeUrl: string | null
  readonly freshToken: { readonly token: string; readonly file: string } | null
  readonly plan: string
}

class RootSupervisor {
  readonly ended: Promise<number>
  #end: (code: number) => void = () => {}
  readonly #config: Config
  readonly #recordings: readonly Recording[]
  readonly #token: HealthToken
  readonly #root: RootLog
  readonly #originNs = systemOriginNs()
  readonly #clock = new SystemClock(this.#originNs)
  readonly #timers = new SystemTimers()
  readonly #metrics = new MetricsPage()
  readonly #state: RootState
  readonly #kill: KillWays
  readonly #strategies: StrategyWays
  readonly #usage = new Map<string, Usage>()
  readonly #csv: JournalThread | null
  readonly #checkpoints: JournalThread
  readonly #archive: ArchiveKeeper | null
  /** null where alerts are switched off. */
  readonly #alerts: AlertDesk | null
  readonly #gateway: GatewayKeeper | null
  #exchange: ProcessSupervisor | null = null
  #exchangePort = 0
  #okxPort = 0
  #engine: ProcessSupervisor | null = null
  #watchdog: ProcessSupervisor | null = null
  #health: HealthServer | null = null
  #report: StopReport | null = null
  #recovery: RecoveryReport | null = null
  #recoveries = 0
  #stopping = false
  #wasReady = false
  #engineFailedNs = 0
  #onPlan: (plan: string) => void = () => {}

  constructor(config: Config, recordings: readonly Recording[], token: HealthToken, rootLog: RootLog, request: StartRequest, out: (text: string) => void) {
    const root = withAlerts(rootLog, [...secretValues(config), ...databaseSecrets(config), token.token], (line) => config.alerts.enabled || this.#gateway?.alert(line))
    this.#config = config
    this.#recordings = recordings
    this.#token = token
    this.#root = root
    this.#csv = config.csv.enabled ? new JournalThread(csvThread(config), this.#timers, root.log.child('csv')) : null
    this.#checkpoints = new JournalThread(checkpointThread(config), this.#timers, root.log.child('checkpoints'))
    const archive = { clock: this.#clock, timers: this.#timers, limits: PROCESS_LIMITS, root, onEnded: (error: RingmasterError) => this.alert(processEnded('archive', error)), onGivenUp: (error: RingmasterError) => this.alert(processGivenUp('archive', error, 'the database falls behind, trading goes on')), onHealth: (health: ArchiveHealth, usage: Usage) => this.#onArchive(health, usage) }
    const desk = { clock: this.#clock, timers: this.#timers, log: root.log.child('alerts'), seed: randomInt(2 ** 31), snapshot: () => this.snapshot(), secrets: [token.token, ...databaseSecrets(config)], beside: config.gateway.enabled ? new GatewayChannel((line) => this.#gateway?.alert(line)) : null }
    this.#alerts = config.alerts.enabled ? new AlertDesk(config, desk) : null
    this.#archive = config.database.enabled ? new ArchiveKeeper(config, archive) : null
    const { heartbeat_ms, misses } = config.supervision
    this.#state = new RootState(config.mode, this.#clock, { hangMs: Math.max(1000, 2 * heartbeat_ms * misses), priceAgeMs: config.freshness.other_ms })
    this.#kill = new KillWays({
      store: new FileKillStore(config.data_dir),
      timers: this.#timers,
      wallMs: () => Date.now(),
      log: root.log,
      flatten: config.kill_switch.flatten,
      tell: (message) => {
        this.#tell(message)
        return this.#state.engineUp
      },
    })
    this.#strategies = new StrategyWays(config, (changes, made) => this.#tell({ type: 'strategies', changes, made }))
    this.#gateway = config.gateway.enabled ? this.#makeGateway(request, out) : null
    this.ended = new Promise((resolve) => void (this.#end = resolve))
  }

  /** Starts exchange and engine, in this order; `onStarted` hears where everything is once the engine has planned its threads. */
  async start(onStarted: (facts: StartFacts) => void): Promise<void> {
    const { host, port } = this.#config.health
    this.#health = await createHealthServer({
      host,
      port,
      token: this.#token.token,
      provider: () => this.snapshot(),
      restartActor: (id) => this.#restartActor(id),
      kill: (why, flatten) => this.#kill.engage('api', why, flatten),
      release: (why, force) => this.#kill.release('api', why, force),
      resetBreaker: (group) => this.#resetBreaker(group),
      recovery: { trigger: () => this.#triggerRecovery(), last: () => this.#recovery },
      setLimit: (limit, value) => this.#setLimit(limit, value),
      strategies: { list: () => this.#strategies.list(this.#state.risk?.outcomes ?? []), set: (strategy, setting, value) => this.#strategies.set(strategy, setting, value) },
      metrics: { contentType: this.#metrics.contentType, render: () => this.#renderMetrics() },
      log: this.#root.log.child('health'),
    })
    process.on('SIGINT', () => this.#onSignal('SIGINT'))
    process.on('SIGTERM', () => this.#onSignal('SIGTERM'))
    process.on('SIGUSR2', () => void this.#kill.engage('signal', 'SIGUSR2 received', this.#config.kill_switch.flatten))
    this.#kill.start()
    this.#alerts?.start()
    if (process.env['RINGMASTER_INTERNAL_FAULTS'] === '1') process.on('message', (message: ToEngine) => this.#tell(message))
    this.#csv?.start()
    // Nothing of it is needed for the start that is under way.
    this.#timers.after(CHECKPOINTS_AFTER_MS, () => this.#checkpoints.start())
    this.#archive?.start()
    await this.#startExchange()
    this.#gateway?.start()
    const planned = new Promise<string>((resolve) => void (this.#onPlan = resolve))
    this.#reportWatchdog()
    if (this.#config.watchdog.enabled) this.#startWatchdog()
    this.#startEngine()
    const plan = await Promise.race([planned, this.ended.then(() => '')])
    if (plan === '') return
    const { fresh, file, token } = this.#token
    onStarted({ healthUrl: this.#health.url, exchangeUrl: `http://127.0.0.1:${this.#config.venue === 'okx' ? this.#okxPort : this.#exchangePort}`, freshToken: fresh && file !== null ? { token, file } : null, plan })
    // For whoever started us with a channel: tests and service managers.
    process.send?.({ type: 'started', healthUrl: this.#health.url, exchangePort: this.#exchangePort })
  }

  /** A clean stop, as by Ctrl-C. */
  end(reason: string): void {
    void this.#stop(reason, EXIT.ok)
  }

  /** @returns false when nobody takes alerts */
  alert(raised: Alert): boolean {
    this.#alerts?.alert(raised)
    return this.#alerts !== null
  }

  snapshot(): HealthSnapshot {
    const children = [this.#exchange, this.#engine, this.#watchdog, this.#archive, this.#gateway].filter((child) => child !== null)
    const snapshot = this.#state.snapshot(
      children.map((child) => child.status),
      ['exchange', 'engine'],
      this.#usage,
      this.#kill.health(),
    )
    return this.#alerts === null ? snapshot : { ...snapshot, alerts: this.#alerts.health() }
  }

  #startExchange(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#exchange = new ProcessSupervisor(
        {
          name: 'exchange',
          entry: new URL('./exchange.ts', import.meta.url),
          env: () => ({ RINGMASTER_EXCHANGE: JSON.stringify(exchangeSettings(this.#config, this.#recordings, this.#exchangePort === 0 ? this.#config.exchange.bybit_port : this.#exchangePort, this.#okxPort === 0 ? this.#config.exchange.okx_port : this.#okxPort)) }),
          silentMs: SILENT_MS,
          fatalCodes: [EXIT.portTaken, EXIT.usage],
          onMessage: (message) => this.#onExchange(message as unknown as ExchangeProcessMessage, resolve),
          onExit: (error) => {
            this.#root.log('warn', 'the exchange process ended and is started again', { error: error.message })
            this.alert(processEnded('exchange', error))
          },
          onGiveUp: (error, code) => {
            const cause = code === EXIT.portTaken ? exchangePortTaken(this.#config) : error
            this.alert(processGivenUp('exchange', cause, 'everything stops'))
            reject(cause)
            this.#giveUp(cause)
          },
        },
        this.#clock,
        this.#timers,
        PROCESS_LIMITS,
      )
      this.#exchange.start()
    })
  }

  #onExchange(message: ExchangeProcessMessage, onReady: () => void): void {
    if (message.type === 'ready') {
      this.#exchangePort = message.port
      this.#okxPort = message.okxPort ?? 0
      onReady()
    } else if (message.type === 'log') this.#root.accept(message.record)
    else if (message.type === 'beat') {
      this.#usage.set('exchange', message)
      this.#metrics.accept('exchange', {
        counters: Object.entries(message.counters).map(([name, value]) => ({ name: `exchange_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`, help: `${name} of the built-in exchange`, labels: {}, value })),
        gauges: [],
        histograms: [],
      })
    }
  }

  #venue(): ReturnType<typeof venueAt> {
    return venueAt(this.#config, '127.0.0.1', { bybit: this.#exchangePort, okx: this.#okxPort })
  }

  #startWatchdog(): void {
    const settings = watchdogSettings(this.#config, this.#venue(), this.#originNs.toString())
    const spec = watchdogSpec(settings, {
      message: (message) => this.#onWatchdog(message),
      // Once the engine has declared a clean stop it ends by itself.
      exit: (error) => {
        if (this.#stopping) return
        this.#root.log('error', 'the watchdog ended and is started again', { error: error.message })
        this.alert(processEnded('watchdog', error))
      },
      // Without it the stops at the venue are all that is left for the worst case: said, and no reason to stop trading.
      giveUp: (error) => {
        this.#root.log('error', `the watchdog cannot be kept alive: ${error.message}`)
        this.alert(processGivenUp('watchdog', error, 'only the stops at the venue guard a dead engine'))
      },
    })
    this.#watchdog = new ProcessSupervisor(spec, this.#clock, this.#timers, PROCESS_LIMITS)
    this.#watchdog.start()
  }

  #onWatchdog(message: FromWatchdog): void {
    if (message.type === 'log') return this.#root.accept(message.record)
    const { state, silentMs, lastAction } = message
    this.#usage.set('watchdog', message)
    this.#state.onWatchdog({ state, silentMs, flatten: this.#config.watchdog.flatten, lastAction })
  }

  #onArchive(health: ArchiveHealth, usage: Usage): void {
    this.#usage.set('archive', usage)
    this.#state.onArchive(health)
  }

  /** What the watchdog of an earlier run did while nobody was there to be told. */
  #reportWatchdog(): void {
    const { journal } = watchdogFiles(this.#config.data_dir)
    const lines = unreportedLines(journal)
    if (lines.length === 0) return
    for (const { at, event, text } of lines) this.#root.log('warn', `the watchdog, ${at}: ${event}: ${text}`)
    this.alert(watchdogActed(lines))
    new GuardJournal(journal, this.#originNs.toString()).write('reported', `${lines.length} lines`)
  }

  #startEngine(): void {
    const config = this.#config
    this.#engine = new ProcessSupervisor(
      {
        name: 'engine',
        entry: new URL('./engine.ts', import.meta.url),
        env: () => {
          const settings: EngineSettings = {
            config,
            trading: tradingSettings(config),
            venue: this.#venue(),
            originNs: this.#originNs.toString(),
            feedToken: this.#gateway?.feedToken ?? null,
          }
          return { [ENGINE_ENV]: JSON.stringify(settings) }
        },
        silentMs: SILENT_MS,
        fatalCodes: [EXIT.usage],
        onMessage: (message) => this.#onEngine(message as unknown as FromEngine),
        onExit: (error) => {
          this.#state.onEngineDown()
          this.#kill.onEngineDown()
          this.#engineFailedNs = this.#clock.nowNs()
          this.#wasReady = false
          this.#root.log('error', 'the engine process ended and is started again', { error: error.message })
          this.alert(processEnded('engine', error, 'critical'))
        },
        onGiveUp: (error) => {
          this.alert(processGivenUp('engine', error, 'the supervisor ends'))
          this.#giveUp(error)
        },
      },
      this.#clock,
      this.#timers,
      PROCESS_LIMITS,
    )
    this.#engine.start()
  }

  #onEngine(message: FromEngine): void {
    switch (message.type) {
      case 'beat':
        this.#usage.set('engine', message.state.usage)
        this.#state.onBeat(message.state)
        this.#kill.onStatus(message.state.kill)
        this.#archive?.market(message.state.symbols)
        if (this.#state.ready && !this.#wasReady) this.#onReady()
        return
      case 'plan':
        return this.#onPlan(message.plan)
      case 'log':
        return this.#root.accept(message.record)
      case 'counts':
        this.#alerts?.onCounts(message.counts)
        return this.#metrics.addCounts(message.counts)
      case 'fatal':
        return this.#root.log('error', message.error)
      case 'feed':
        return this.#gateway?.at(message.address)
      case 'recovery':
        return this.#onRecovery(message.report)
      case 'stopped':
        this.#report = message.report
    }
  }

  #onRecovery(report: RecoveryReport): void {
    this.#recovery = report
    const raised = recovered(report)
    if (raised !== null) this.alert(raised)
    const words = renderRecovery(report).trimEnd()
    this.#root.log(report.outcome === 'agreed' && report.hanging.length === 0 && report.frozen.length === 0 ? 'info' : 'warn', words, { report })
  }

  #triggerRecovery(why = 'by command'): ReturnType<RecoveryDesk['trigger']> {
    if (!this.#state.engineUp || this.#stopping) return { kind: 'refused', reason: 'the engine process is not running' }
    const request = `recovery-${++this.#recoveries}`
    this.#tell({ type: 'recover', request, why })
    return { kind: 'accepted', request }
  }

  #onReady(): void {
    this.#wasReady = true
    const since: { recoveredMs?: number } = this.#engineFailedNs === 0 ? {} : { recoveredMs: Math.round((this.#clock.nowNs() - this.#engineFailedNs) / 1e6) }
    this.#root.log('info', `reconciled with the venue: trading${since.recoveredMs === undefined ? '' : `, ${since.recoveredMs} ms after the engine went down`}`, since)
    process.send?.({ type: 'ready', ...since })
  }

  #restartActor(id: string): RestartAnswer {
    if (!this.#state.knows(id)) return { kind: 'unknown' }
    if (!this.#state.engineUp || this.#stopping) return { kind: 'refused', reason: 'the engine process is not running' }
    this.#tell({ type: 'restart-actor', id })
    return { kind: 'accepted' }
  }

  #resetBreaker(group: string): RestartAnswer {
    if (!ENDPOINT_GROUPS.some((one) => one === group)) return { kind: 'unknown' }
    if (!this.#state.engineUp || this.#stopping) return { kind: 'refused', reason: 'the engine process is not running' }
    this.#tell({ type: 'reset-breaker', group })
    return { kind: 'accepted' }
  }

  /** Judged by the limits that execution has told last; execution judges once more. @returns why not, or null */
  #setLimit(limit: string, value: string, why = 'by command'): string | null {
    const risk = this.#state.risk
    if (!this.#state.engineUp || this.#stopping || risk === null) return 'the engine process is not running'
    if (!isLimitName(limit)) return `there is no such limit; there are ${LIMIT_NAMES.join(', ')}`
    const others = Object.fromEntries(risk.limits.map((one) => [one.name, one.value])) as LimitTexts
    const problem = limitProblem(limit, value, others)
    if (problem === null) this.#tell({ type: 'set-limit', limit, value, why })
    return problem
  }

  #makeGateway(request: StartRequest, out: (text: string) => void): GatewayKeeper {
    const { trading_pairs, data_dir, book_depth, order_executor, protection, resilience, gateway, mode, venue, model, health, strategies, log } = this.#config
    return new GatewayKeeper({
      settings: () => ({
        config: { gateway, mode, venue, trading_pairs, data_dir, book_depth, order_executor, protection, resilience, model, health },
        version: VERSION,
        journal: journalPath(this.#config),
        logLevel: log.level,
        shown: shownSettings({ ...request.loaded, config: this.#config } satisfies LoadedConfig),
        modelFolder: model.dir,
        modelRole: strategies.model,
        venue: withoutKey(this.#venue()),
        exchangePort: mode === 'paper' ? (venue === 'okx' ? this.#okxPort : this.#exchangePort) : null,
        originNs: this.#originNs.toString(),
      }),
      answers: this.#answers(),
      clock: this.#clock,
      timers: this.#timers,
      limits: PROCESS_LIMITS,
      root: this.#root,
      onUsage: (usage) => this.#usage.set('gateway', usage),
      onReady: (url, password) => {
        this.#root.log('info', `the gateway serves at ${url}`, { url })
        // To the screen only: no file keeps it.
        if (password !== null) out(request.json ? `${JSON.stringify({ password, user: 'operator', shown: 'once' })}\n` : `  password  ${password}   (of the operator, shown once; change it in the settings of ${url})\n`)
        process.send?.({ type: 'gateway', url, password })
      },
    })
  }

  /** What the gateway may ask: the same that the health server may. */
  #answers(): RootAnswers {
    const up = (): boolean => this.#state.engineUp && !this.#stopping
    const told = (message: ToEngine): RestartAnswer => {
      if (!up()) return { kind: 'refused', reason: 'the engine process is not running' }
      this.#tell(message)
      return { kind: 'accepted' }
    }
    return {
      picture: () => ({ snapshot: this.snapshot(), recovery: this.#recovery, strategies: this.#strategies.pictures(this.#state.risk?.outcomes ?? []) }),
      metrics: async () => ({ contentType: this.#metrics.contentType, text: await this.#renderMetrics() }),
      kill: ({ why, flatten }) => this.#kill.engage('api', why, flatten),
      release: ({ why, force }) => this.#kill.release('api', why, force),
      'restart-actor': ({ id }) => this.#restartActor(id),
      'reset-breaker': ({ group }) => this.#resetBreaker(group),
      recover: ({ why }) => this.#triggerRecovery(why),
      'set-limit': ({ limit, value, why }) => this.#setLimit(limit, value, why),
      'set-strategy': ({ strategy, setting, value }) => this.#strategies.set(strategy, setting, value),
      'close-position': ({ symbol, why }) => told({ type: 'close-position', symbol, why }),
      'cancel-order': ({ clientId, why }) => told({ type: 'cancel-order', clientId, why }),
      plant: ({ id, fault }) => (this.#config.mode !== 'paper' ? { kind: 'refused', reason: 'it is no paper engine' } : this.#state.knows(id) ? told({ type: 'fault', id, fault }) : { kind: 'unknown' }),
    }
  }

  #tell(message: ToEngine): void {
    this.#engine?.send(message as unknown as ChildMessage)
  }

  async #renderMetrics(): Promise<string> {
    const snapshot = this.snapshot()
    const gauge = (name: string, help: string, value: number, labels: Record<string, string> = {}) => ({ name, help, value, labels })
    const bySymbol = symbolMetrics(snapshot.symbols)
    const alerts = alertMetrics(snapshot.alerts ?? null)
    this.#metrics.accept('supervisor', {
      counters: [...snapshot.actors.map((actor) => gauge('actor_restarts', 'Lives of an actor that ended without being asked to', actor.restarts, { actor: actor.id })), ...bySymbol.counters, ...alerts.counters],
      gauges: [
        gauge('up', '1 while the engine is reconciled and can trade', snapshot.ready ? 1 : 0),
        gauge('uptime_seconds', 'Since the supervisor started', snapshot.uptimeMs / 1000),
        gauge('log_lines_lost', 'Lines that the log files did not take', this.#root.lostLines),
        ...snapshot.processes.flatMap((one) => (one.rssBytes === null ? [] : [gauge('process_resident_bytes', 'Resident memory', one.rssBytes, { process: one.name })])),
        ...snapshot.processes.flatMap((one) => (one.cpuSeconds === null ? [] : [gauge('process_cpu_seconds', 'Processor time since the start', one.cpuSeconds, { process: one.name })])),
        ...snapshot.actors.flatMap((actor) => (actor.ringDepth === null ? [] : [gauge('ring_depth', 'Records that wait for an actor', actor.ringDepth, { actor: actor.id })])),
        ...killMetrics(snapshot.kill),
        gauge('rest_in_flight', 'Market data by REST that is in flight', snapshot.restInFlight),
        ...accountMetrics(snapshot.account),
        ...wayMetrics(snapshot.way),
        ...archiveMetrics(snapshot.archive),
        ...modelMetrics(snapshot.models),
        ...bySymbol.gauges,
        ...alerts.gauges,
        ...Object.entries(snapshot.latencyNs).flatMap(([hop, { p50, p99 }]) => [gauge('hop_p50_seconds', 'Median of a hop', p50 / 1e9, { hop }), gauge('hop_p99_seconds', '99th percentile of a hop', p99 / 1e9, { hop })]),
      ],
      histograms: [],
    })
    return this.#metrics.render()
  }

  #onSignal(signal: string): void {
    if (!this.#stopping) return void this.#stop(`${signal} received`, EXIT.ok)
    this.#root.log('warn', 'second signal: ending everything at once')
    for (const child of [this.#engine, this.#exchange]) {
      const pid = child?.status.pid
      if (pid != null) process.kill(pid, 'SIGKILL')
    }
    this.#end(EXIT.interrupted)
  }

  /** It ends by itself when the engine has declared a clean stop, and is left alone with its work when not. */
  async #endWatchdog(): Promise<void> {
    if (this.#watchdog === null) return
    if (declaredStop(this.#report)) return void (await this.#watchdog.stop(null, WATCHDOG_STOP_MS))
    this.#root.log('warn', 'the engine declared no clean stop: the watchdog stays until no entry is left', { journal: watchdogFiles(this.#config.data_dir).journal })
    this.#watchdog.release()
  }

  #giveUp(error: RingmasterError): void {
    this.#root.log('error', `giving up: ${error.message}`)
    void this.#stop(error.message, exitCodeOf(error) === EXIT.ok ? EXIT.failure : exitCodeOf(error))
  }

  async #stop(reason: string, code: number): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    this.#alerts?.quiet()
    this.#root.log('info', 'stopping: the engine drains, cancels its entries and reports', { reason })
    const deadlineMs = this.#config.shutdown.timeout_s * 1000
    const ask: ToEngine = { type: 'stop', reason }
    const engine = await (this.#engine?.stop(ask as unknown as ChildMessage, deadlineMs) ?? Promise.resolve('stopped' as const))
    if (engine === 'killed') this.#root.log('error', 'the engine did not stop in time and was ended; the next start recovers from the journal', { deadlineMs })
    else this.#root.log('info', `engine stopped${this.#report === null ? '' : ` in ${this.#report.tookMs} ms: ${summaryLine(this.#report.execution)}`}`, { report: this.#report })
    await this.#endWatchdog()
    await Promise.all([this.#csv?.stop(), this.#checkpoints.stop(), this.#archive?.stop(), this.#gateway?.stop()])
    await this.#exchange?.stop({ type: 'stop' }, 5000)
    this.#kill.stop()
    await this.#alerts?.stop(ALERTS_STOP_MS)
    await this.#health?.close()
    this.#root.log('info', 'stopped')
    this.#end(engine === 'killed' && code === EXIT.ok ? EXIT.failure : code)
  }
}
