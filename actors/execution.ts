import { fail, type Instrument, RingmasterError, type Side, type SymbolIndex, type Timer } from '../src/core/index.ts'
import { DECISION, DECISION_EXIT, DECISION_NONE, DECISION_REASONS, STRATEGY_NAMES } from '../src/memory/index.ts'
import type { RiskHealth } from '../src/runtime/health/index.ts'
import type { Actor, ActorContext, ActorMessage } from '../src/runtime/index.ts'
import {
  Agreement,
  apply,
  compileRules,
  createState,
  DeadMan,
  Drain,
  EffectRunner,
  Herald,
  Inquiries,
  KillSwitch,
  openingRecords,
  Pipeline,
  Readiness,
  Recorder,
  RingBasis,
  RiskDesk,
  isLimitName,
  JournalAlarm,
  limitProblem,
  symbolState,
  type BandSource,
  type BaseBooks,
  type Clearance,
  type DecisionEvent,
  type Journal,
  type KillStatus,
  type KillStore,
  type KillWay,
  type MarketConditions,
  type Observations,
  type PriceEvent,
  type PriceSource,
  type RecoveryReport,
  type Rules,
  type StopSummary,
  type SymbolState,
  type TradingEvent,
  type TradingRecord,
  type TradingSettings,
  type TradingState,
  type ViewSink,
} from '../src/trading/index.ts'
import { ENDPOINT_GROUPS, type EndpointGroup, type TradingPort, type VenueWallet } from '../src/venues/index.ts'
import type { WayToVenue } from '../src/trading/index.ts'

export type { StopSummary } from '../src/trading/index.ts'

export interface ExecutionWiring {
  /** In the order of their index; the decision ring of `instruments[i]` is input i. */
  readonly instruments: readonly Instrument[]
  readonly decisions: readonly SharedArrayBuffer[]
  readonly prices: PriceSource
  readonly conditions: MarketConditions
  readonly bands: BandSource
  readonly trading: TradingPort
  readonly journal: Journal
  /** Books that the journal goes on from; absent: it begins with its first record. */
  readonly base?: BaseBooks
  readonly settings: TradingSettings
  readonly views: ViewSink | null
  /** Breakers and limits on the way to the venue, and who is shown them. Absent: there is only the port. */
  readonly way?: WayToVenue
  /** Epoch of an earlier life in the same engine process, which goes on; null in a new process: a new epoch begins. */
  readonly sessionEpoch: number | null
  /** To be kept and given to the next life of this actor in the same process. */
  readonly onEpoch: (epoch: number) => void
  readonly onStopped: ((summary: StopSummary) => void) | null
  /** What the trips of the kill switch see of the market. */
  readonly observations: Observations
  readonly killStore: KillStore
  readonly onKill: ((status: KillStatus) => void) | null
  /** Hears of every run of recovery that has something to say, and again when a hanging order of it is settled. */
  readonly onRecovery?: (report: RecoveryReport) => void
  /** Limits, exposure and refusals for health, when they changed. */
  readonly onRisk: ((view: RiskHealth) => void) | null
}

/** The one place where orders and positions change: brings decisions, prices, commands and the venue's words to the pipeline. */
export class ExecutionActor implements Actor {
  readonly #context: ActorContext
  readonly #wiring: ExecutionWiring
  readonly #rules: Rules
  readonly #state: TradingState
  readonly #recorder: Recorder
  readonly #readiness: Readiness
  readonly #herald: Herald
  readonly #pipeline: Pipeline
  readonly #inquiries: Inquiries
  readonly #agreement: Agreement
  readonly #deadMan: DeadMan
  readonly #drain: Drain
  readonly #journalAlarm: JournalAlarm
  readonly #kill: KillSwitch
  readonly #risk: RiskDesk
  /** By symbol index; the books of active symbols exist from the start. */
  readonly #symbols: SymbolState[] = []
  readonly #decisionViews: ReturnType<typeof DECISION.view>[]
  readonly #bases: RingBasis[]
  /** Highest decision looked at in this life: a repeat costs one comparison. */
  readonly #handled: Float64Array
  readonly #decision: DecisionEvent = { kind: 'decision', symbolIndex: 0, sequence: 0, tickSequence: 0, receiveNs: 0, side: 0, confidence: 0, by: 0, price: { refused: true, reason: 'none asked for' }, regime: null, atrTicks: Number.NaN, clearance: NOT_CLEARED }
  readonly #price: PriceEvent = { kind: 'price', symbolIndex: 0, price: { refused: true, reason: 'none asked for' } }
  readonly #timers: Timer[] = []

  constructor(context: ActorContext, wiring: ExecutionWiring) {
    const { instruments, decisions, journal, settings, trading, views, onStopped, bands, onRisk } = wiring
    this.#context = context
    this.#wiring = wiring
    this.#state = wiring.base?.state ?? createState()
    this.#rules = compileRules(settings, instruments)
    if (decisions.length !== instruments.length) fail('RM_TRADING_SETTINGS', { field: 'decisions', value: `${decisions.length} rings`, problem: `${instruments.length} instruments need one each` })
    this.#decisionViews = decisions.map((buffer) => DECISION.view(buffer))
    this.#bases = this.#decisionViews.map((view) => new RingBasis(view))
    this.#handled = new Float64Array(instruments.length).fill(-1)

    this.#journalAlarm = new JournalAlarm(context)
    this.#recorder = new Recorder(journal, this.#state, settings.journal.durability === 'flushed', (error) => this.#journalFailed(error))
    this.#readiness = new Readiness(this.#recorder, context.report)
    this.#kill = new KillSwitch({
      rules: this.#rules,
      state: this.#state,
      recorder: this.#recorder,
      readiness: this.#readiness,
      pipeline: () => this.#pipeline,
      prices: wiring.prices,
      observations: wiring.observations,
      store: wiring.killStore,
      context,
      onStatus: (status) => wiring.onKill?.(status),
      reconcile: (reason) => this.#agreement.reconcile(reason),
    })
    const watchedViews: ViewSink = {
      position: (index, symbol, nowNs) => views?.position(index, symbol, nowNs),
      account: (wallet, nowNs) => {
        this.#kill.hearWallet(wallet, nowNs)
        views?.account(wallet, nowNs)
      },
      deadMan: (state) => views?.deadMan(state),
    }
    this.#herald = new Herald(this.#rules, this.#state, watchedViews, context)
    const handle = (event: TradingEvent): void => this.#pipeline.handle(event)
    this.#inquiries = new Inquiries(trading, context.timers, this.#state, settings.venue.askMs, settings.venue.askMsMax, (clientId, evidence) => handle({ kind: 'evidence', clientId, evidence }))
    const effects = new EffectRunner(this.#rules, this.#state, trading, this.#inquiries, context, { handle, reconcile: (reason) => this.#agreement.reconcile(reason) })
    this.#pipeline = new Pipeline(this.#rules, this.#state, this.#recorder, this.#readiness, context, {
      run: (effect) => effects.run(effect),
      takesEntries: () => wiring.way === undefined || wiring.way.port.takesEntries(),
      tell: (records) => {
        this.#herald.tell(records)
        this.#kill.hear(records)
        this.#agreement.note(records)
        if (!this.mayIncrease && records.some(stopsEntries)) wiring.way?.port.endHeld()
      },
      refused: (symbolIndex, broken) => this.#risk.refused(symbolIndex, broken),
    })
    this.#risk = new RiskDesk(this.#rules, this.#state, trading, bands, this.#readiness, context, onRisk)
    this.#agreement = new Agreement(this.#rules, this.#state, trading, this.#pipeline, this.#readiness, context, { onWallet: (wallet) => this.#hearWallet(wallet), onRecovery: wiring.onRecovery ?? (() => {}) })
    this.#deadMan = new DeadMan(trading, settings.deadMan, views, context)
    this.#drain = new Drain(this.#state, this.#pipeline, this.#recorder, this.#readiness, settings.stop.deadlineMs, context, { quiet: () => this.#deadMan.disarmed(), halt: () => this.#halt(), onStopped })
  }

  /** The books, to be looked at only. */
  get state(): TradingState {
    return this.#state
  }

  /** Asked by the adapter as an order leaves: false while nothing may increase exposure, whatever was decided before. */
  get mayIncrease(): boolean {
    return !this.#kill.engaged && this.#readiness.phase === 'running'
  }

  /**
   * Folds the journal, opens or resumes the epoch, connects.
   * @throws RM_ACCOUNT_MISMATCH, RM_EPOCH_FENCED, RM_INSTRUMENT_CHANGED, RM_JOURNAL_WRITE
   */
  start(): void {
    this.#fold()
    this.#openEpoch()
    for (const own of this.#rules.symbols) this.#symbols.push(symbolState(this.#state, own.instrument.symbol))
    for (const symbol of this.#state.symbols.values())
      if (!this.#rules.indexOf.has(symbol.symbol) && (symbol.ledger.signedLots !== 0 || symbol.live.length > 0))
        this.#context.log('warn', 'the books hold a symbol that is not active: it is not watched', { symbol: symbol.symbol, lots: symbol.ledger.signedLots, liveOrders: symbol.live.length })

    this.#kill.start()
    this.#readiness.enter('running', 'waiting for the private stream')
    const { journal, settings, trading } = this.#wiring
    const { timers } = this.#context
    this.#timers.push(
      timers.every(settings.sweepMs, () => this.#sweep()),
      timers.every(settings.journal.flushMs, () => journal.flushLater()),
      timers.every(settings.reconcile.auditMs, () => this.#agreement.audit()),
    )
    trading.start({
      onOrder: (order) => this.#hear({ kind: 'venue-order', order }),
      onFill: (fill) => this.#hear({ kind: 'venue-fill', fill }),
      onPosition: (position) => {
        const index = this.#rules.indexOf.get(position.symbol)
        if (index !== undefined) this.#agreement.hearPosition(index, position.signedLots)
      },
      onWallet: (wallet) => this.#hearWallet(wallet),
      onLink: (link, reason) => {
        this.#agreement.onLink(link, reason)
        // Also when it cannot come up: the account's mode may be what keeps it down.
        if (this.#readiness.phase !== 'stopped') this.#risk.preflight.run()
      },
    })
    for (let index = 0; index < this.#symbols.length; index++) this.#herald.showPosition(index)
  }

  /** A decision of the ring of symbol `input`. */
  onRecord(input: number, slot: number): void {
    const view = this.#decisionViews[input]!.at(slot)
    const { sequence } = view
    if (sequence <= this.#handled[input]!) return this.#context.count('decisions_refused', 'seen-decision')
    this.#handled[input] = sequence
    const now = this.#pipeline.moment()
    this.#context.observe('decision_execution', now.ns - view.publishNs)
    this.#context.count('decisions')
    if (view.kind === DECISION_NONE) return this.#context.count('decisions_without_trade', DECISION_REASONS[view.reason])
    if (this.#kill.due) this.#kill.look()
    const symbol = this.#symbols[input]!
    if (symbol.position !== null) this.onWake(input)
    if (view.kind === DECISION_EXIT) return this.#exitSignal(input, view)
    const event = this.#decision
    event.symbolIndex = input
    event.sequence = sequence
    event.tickSequence = view.tickSequence
    event.receiveNs = view.receiveNs
    event.side = view.side as Side
    event.confidence = view.confidence
    event.by = view.by
    event.regime = this.#wiring.conditions.regime(input)
    event.atrTicks = this.#wiring.conditions.atrTicks(input)
    event.clearance = this.#risk.clearance(input)
    event.basis = this.#bases[input]!
    event.price = symbol.position === null ? this.#wiring.prices.orderPrice(input) : this.#wiring.prices.exitPrice(input)
    this.#pipeline.take(event, now, 'decisions_refused')
  }

  /** A strategy wants the position closed. */
  #exitSignal(symbolIndex: SymbolIndex, view: ReturnType<typeof DECISION.view>): void {
    const event: TradingEvent = {
      kind: 'exit-signal',
      symbolIndex,
      strategy: STRATEGY_NAMES[view.strategy] ?? 'unknown',
      why: DECISION_REASONS[view.reason] ?? 'unknown',
      receiveNs: view.receiveNs,
      price: this.#wiring.prices.exitPrice(symbolIndex),
      sequence: view.sequence,
      side: view.side,
      confidence: view.confidence,
      basis: this.#bases[symbolIndex]!,
    }
    this.#pipeline.take(event, this.#pipeline.moment(), 'exits_refused')
  }

  /** A new price of a symbol is there: looks at the exit rules of its position. Cheap when there is none. */
  onWake(symbolIndex: SymbolIndex): void {
    const symbol = this.#symbols[symbolIndex]
    if (symbol === undefined || symbol.position === null || !this.#readiness.everReconciled || this.#readiness.phase !== 'running') return
    const event = this.#price
    event.symbolIndex = symbolIndex
    event.price = this.#wiring.prices.exitPrice(symbolIndex)
    this.#pipeline.take(event, this.#pipeline.moment(), 'exits_refused')
  }

  /** `suspend-symbol`, `resume-symbol`, `release-symbol` {symbol, why?}; `reset-breaker` {group}; `set-limit` {limit, value, why?}; `close-position` {symbol, why?}; `cancel-order` {clientId, why?}; `reconcile`; `recover` {why?, request?}; `stop` {policy}; `kill` {id?, by?, flatten?, why?}; `release` {request?, by?, why, force?}. */
  onMessage(message: ActorMessage): void {
    const why = typeof message['why'] === 'string' ? message['why'] : 'by command'
    switch (message.type) {
      case 'suspend-symbol':
      case 'resume-symbol':
      case 'release-symbol': {
        const symbol = message['symbol']
        if (typeof symbol !== 'string' || !this.#rules.indexOf.has(symbol)) return this.#context.log('warn', 'command for a symbol that is not active', { ...message })
        const kind = message.type === 'suspend-symbol' ? 'suspend' : message.type === 'resume-symbol' ? 'resume' : 'release'
        return this.#pipeline.handle({ kind, symbol, why })
      }
      case 'reset-breaker': {
        const group = ENDPOINT_GROUPS.find((one) => one === message['group'])
        const { way } = this.#wiring
        if (group === undefined || way === undefined) return this.#context.log('warn', 'reset of a breaker that is not there', { ...message })
        return this.#resetBreaker(way, group)
      }
      case 'set-limit': {
        const { limit, value } = message
        const problem = !isLimitName(limit) ? `there is no limit ${String(limit)}` : typeof value !== 'string' ? 'the value is no text' : limitProblem(limit, value, this.#state.limits.over(this.#rules.limits).texts)
        if (problem !== null) return this.#context.log('warn', new RingmasterError('RM_LIMIT_VALUE', { problem }).message, { ...message })
        return this.#pipeline.handle({ kind: 'limit', limit: limit as string, value: value as string, why })
      }
      case 'reconcile':
        return this.#agreement.reconcile(why)
      case 'recover':
        return this.#agreement.recover(why, typeof message['request'] === 'string' ? message['request'] : '')
      case 'close-position':
        return this.#closeByHand(message['symbol'], why)
      case 'cancel-order': {
        const { clientId } = message
        return this.#pipeline.handle({ kind: 'call-back', clientId: typeof clientId === 'string' ? clientId : '', why })
      }
      case 'stop': {
        const policy = message['policy']
        if (policy !== 'cancel-entries' && policy !== 'leave' && policy !== 'cancel-all') return this.#context.log('warn', 'stop without a known policy', { ...message })
        return this.#drain.begin(policy, null)
      }
      case 'kill': {
        const id = typeof message['id'] === 'string' ? message['id'] : ''
        return this.#kill.engage({ id, by: wayOf(message['by']), code: 'manual', reason: why, flatten: message['flatten'] === true, values: {} })
      }
      case 'release':
        return this.#kill.release({ request: typeof message['request'] === 'string' ? message['request'] : '', by: wayOf(message['by']), why: typeof message['why'] === 'string' ? message['why'] : '', force: message['force'] === true })
      default:
        this.#context.log('warn', 'unknown command', { ...message })
    }
  }

  /** A person wants the position closed: by the way that a strategy goes, at the price of this moment. */
  #closeByHand(symbol: unknown, why: string): void {
    const symbolIndex = typeof symbol === 'string' ? this.#rules.indexOf.get(symbol) : undefined
    if (symbolIndex === undefined) return this.#context.log('warn', 'a position of a symbol that is not active is to be closed', { symbol })
    const now = this.#pipeline.moment()
    this.#pipeline.take({ kind: 'exit-signal', symbolIndex, strategy: 'operator', why, receiveNs: now.ns, price: this.#wiring.prices.exitPrice(symbolIndex) }, now, 'exits_refused')
  }

  stop(graceful: boolean, done: () => void): void {
    const { phase } = this.#readiness
    if (phase === 'stopped' || phase === 'starting') return done()
    if (graceful) return this.#drain.begin(this.#wiring.settings.stop.policy, done)
    this.#halt()
    this.#recorder.flush()
    done()
  }

  #fold(): void {
    const { journal, base, settings, sessionEpoch } = this.#wiring
    const { clock, log, observe } = this.#context
    const state = this.#state
    const startNs = clock.nowNs()
    journal.replay((record) => apply(state, record))
    observe('journal_fold', clock.nowNs() - startNs)
    if (base !== undefined && base.problem !== '') log('warn', 'the checkpoint beside the journal is not used: everything was folded from the first record', { problem: base.problem, records: journal.length })
    else if (base !== undefined && base.skipped > 0) log('info', 'the books went on from a checkpoint', { records: journal.length, folded: journal.length - base.skipped })
    if (journal.tornBytes > 0) log('warn', 'torn tail of the journal was cut off', { bytes: journal.tornBytes, records: journal.length })
    if (state.epoch > 0 && state.account !== settings.account) fail('RM_ACCOUNT_MISMATCH', { journal: state.account, settings: settings.account })
    if (sessionEpoch !== null && sessionEpoch !== state.epoch) fail('RM_EPOCH_FENCED', { journal: state.epoch, session: sessionEpoch })
  }

  #openEpoch(): void {
    const { journal, sessionEpoch, onEpoch } = this.#wiring
    const opening = openingRecords(this.#rules, this.#state, sessionEpoch === null, this.#pipeline.moment())
    if (opening.length > 0) {
      journal.append(opening)
      // Client ids carry the epoch: it must be on the disk before the first of them leaves.
      journal.flush()
      for (const record of opening) apply(this.#state, record)
    }
    onEpoch(this.#state.epoch)
  }

  #hear(event: TradingEvent): void {
    if (this.#readiness.phase !== 'stopped') this.#pipeline.handle(event)
  }

  #resetBreaker(way: WayToVenue, group: EndpointGroup): void {
    const wasOpen = way.port.reset(group)
    this.#context.count('breaker_resets', group)
    this.#context.log('warn', wasOpen ? 'a breaker was closed by hand' : 'a breaker that was closed was reset by hand', { group })
    way.show(way.port.status())
  }

  /** Looks at everything that time alone makes due. */
  #sweep(): void {
    const { way } = this.#wiring
    if (way !== undefined) way.show(way.port.status())
    const wasHealthy = this.#recorder.healthy
    this.#recorder.retry()
    this.#journalAlarm.look(this.#recorder.healthy)
    if (this.#recorder.healthy !== wasHealthy) this.#readiness.report()
    this.#pipeline.handle(SWEEP)
    if (this.#readiness.everReconciled) {
      this.#deadMan.agreed()
      this.#pipeline.handle(PROTECT)
    }
    const now = this.#context.clock.nowNs()
    for (let index = 0; index < this.#symbols.length; index++) {
      this.onWake(index)
      const symbol = this.#symbols[index]!
      const venueLots = this.#agreement.positionMismatch(index, symbol.ledger.signedLots, now)
      if (!Number.isNaN(venueLots)) this.#pipeline.handle({ kind: 'position-mismatch', symbol: symbol.symbol, venueLots })
    }
    this.#kill.sweep(now)
    this.#risk.look(this.#symbols, now)
    if (this.#readiness.phase === 'draining') this.#drain.proceed(now)
  }

  #hearWallet(wallet: VenueWallet): void {
    this.#risk.hearWallet(wallet)
    this.#herald.showAccount(wallet)
  }

  #journalFailed(error: unknown): void {
    this.#journalAlarm.failed(error)
    this.#readiness.report()
  }

  #halt(): void {
    this.#readiness.enter('stopped', 'stopped')
    for (const timer of this.#timers.splice(0)) timer.cancel()
    this.#inquiries.stop()
    this.#agreement.stop()
    this.#deadMan.stop()
    this.#risk.stop()
    this.#wiring.trading.stop()
  }
}

/** From such a record on nothing increases exposure: what waits on the way to the venue ends there. */
const stopsEntries = ({ kind }: TradingRecord): boolean => kind === 'kill-engaged' || kind === 'stop-requested'

const WAYS: readonly KillWay[] = ['cli', 'api', 'signal', 'file']
const wayOf = (said: unknown): KillWay => WAYS.find((one) => one === said) ?? 'command'
const NOT_CLEARED: Clearance = { blocked: 'nothing has been asked yet', funds: null, leverage: null, band: { highestBuyTicks: Number.NaN, lowestSellTicks: Number.NaN, enabled: true, ageMs: Number.NaN } }

const SWEEP: TradingEvent = { kind: 'sweep' }
const PROTECT: TradingEvent = { kind: 'protect' }
