import { fail, type Instrument, type Nanos, type Side, type SymbolIndex, type Timer } from '../src/core/index.ts'
import { DECISION } from '../src/memory/index.ts'
import type { Actor, ActorContext, ActorMessage } from '../src/runtime/index.ts'
import {
  apply,
  compileRules,
  createState,
  decide,
  describeRecord,
  drains,
  Inquiries,
  openingRecords,
  PositionAudit,
  positionsHeld,
  Reconciler,
  Recorder,
  symbolState,
  type Decided,
  type DecisionEvent,
  type Effect,
  type Journal,
  type Moment,
  type PriceEvent,
  type PriceSource,
  type Rules,
  type StopPolicy,
  type SymbolState,
  type TradingEvent,
  type TradingRecord,
  type TradingSettings,
  type TradingState,
  type ViewSink,
} from '../src/trading/index.ts'
import type { LinkState, TradingPort, VenueFill, VenueOrder, VenuePosition, VenueWallet } from '../src/venues/index.ts'

export interface StopSummary {
  readonly policy: StopPolicy
  /** False when the deadline came before the venue's evidence. */
  readonly drained: boolean
  readonly liveOrders: number
  readonly openPositions: number
}

export interface ExecutionWiring {
  /** In the order of their index; the decision ring of `instruments[i]` is input i. */
  readonly instruments: readonly Instrument[]
  readonly decisions: readonly SharedArrayBuffer[]
  readonly prices: PriceSource
  readonly trading: TradingPort
  readonly journal: Journal
  readonly settings: TradingSettings
  readonly views: ViewSink | null
  /** Epoch of an earlier life in the same engine process, which goes on; null in a new process: a new epoch begins. */
  readonly sessionEpoch: number | null
  /** To be kept and given to the next life of this actor in the same process. */
  readonly onEpoch: (epoch: number) => void
  readonly onStopped: ((summary: StopSummary) => void) | null
}

type Phase = 'starting' | 'running' | 'draining' | 'stopped'

/**
 * The one place where orders and positions change. Every event goes the same way: decide (pure), append to the
 * journal, apply to the books, run the effects; what increases exposure never leaves before its intent is written.
 */
export class ExecutionActor implements Actor {
  readonly #context: ActorContext
  readonly #wiring: ExecutionWiring
  readonly #rules: Rules
  readonly #state: TradingState = createState()
  readonly #recorder: Recorder
  readonly #inquiries: Inquiries
  readonly #reconciler: Reconciler
  /** By symbol index; the books of active symbols exist from the start. */
  readonly #symbols: SymbolState[] = []
  readonly #decisionViews: ReturnType<typeof DECISION.view>[]
  /** Highest decision looked at in this life: a repeat costs one comparison. */
  readonly #handled: Float64Array
  readonly #positions: PositionAudit
  readonly #now: { ns: Nanos; wallMs: number; opens: boolean } = { ns: 0, wallMs: 0, opens: false }
  readonly #decision: DecisionEvent = { kind: 'decision', symbolIndex: 0, sequence: 0, tickSequence: 0, receiveNs: 0, side: 0, confidence: 0, by: 0, price: { refused: true, reason: 'none asked for' } }
  readonly #price: PriceEvent = { kind: 'price', symbolIndex: 0, price: { refused: true, reason: 'none asked for' } }
  readonly #timers: Timer[] = []
  readonly #stopDone: ((() => void) | null)[] = []
  #again: Timer | null = null
  #phase: Phase = 'starting'
  #linkUp = false
  #reconciled = false
  #everReconciled = false
  #stopPolicy: StopPolicy = 'leave'
  #stopByNs: Nanos = 0
  #note = 'not started'

  constructor(context: ActorContext, wiring: ExecutionWiring) {
    this.#context = context
    this.#wiring = wiring
    this.#rules = compileRules(wiring.settings, wiring.instruments)
    if (wiring.decisions.length !== wiring.instruments.length)
      fail('RM_TRADING_SETTINGS', { field: 'decisions', value: `${wiring.decisions.length} rings`, problem: `${wiring.instruments.length} instruments need one each` })
    this.#decisionViews = wiring.decisions.map((buffer) => DECISION.view(buffer))
    const count = wiring.instruments.length
    this.#handled = new Float64Array(count).fill(-1)
    const { venue, journal, reconcile } = wiring.settings
    this.#positions = new PositionAudit(count, reconcile.mismatchMs)
    this.#recorder = new Recorder(wiring.journal, this.#state, journal.durability === 'flushed', (error) => this.#journalFailed(error))
    this.#inquiries = new Inquiries(wiring.trading, context.timers, this.#state, venue.askMs, venue.askMsMax, (clientId, evidence) => this.#handle({ kind: 'evidence', clientId, evidence }))
    this.#reconciler = new Reconciler(this.#rules, this.#state, wiring.trading, context.timers, context.clock, {
      moment: () => this.#moment(),
      commit: (records, effects) => this.#act({ records, effects, refusal: null, increases: false }),
      onWallet: (wallet) => this.#onWallet(wallet),
      onDone: (reason, problem) => this.#onReconciled(reason, problem),
    })
  }

  /** The books, to be looked at only. */
  get state(): TradingState {
    return this.#state
  }

  /**
   * Folds the journal, opens or resumes the epoch, connects.
   * @throws RM_ACCOUNT_MISMATCH, RM_EPOCH_FENCED, RM_INSTRUMENT_CHANGED, RM_JOURNAL_WRITE
   */
  start(): void {
    const { journal, settings, sessionEpoch } = this.#wiring
    const startNs = this.#context.clock.nowNs()
    journal.replay((record) => apply(this.#state, record))
    this.#context.observe('journal_fold', this.#context.clock.nowNs() - startNs)
    if (journal.tornBytes > 0) this.#context.log('warn', 'torn tail of the journal was cut off', { bytes: journal.tornBytes, records: journal.length })
    const state = this.#state
    if (state.epoch > 0 && state.account !== settings.account) fail('RM_ACCOUNT_MISMATCH', { journal: state.account, settings: settings.account })
    if (sessionEpoch !== null && sessionEpoch !== state.epoch) fail('RM_EPOCH_FENCED', { journal: state.epoch, session: sessionEpoch })

    const opening = openingRecords(this.#rules, state, sessionEpoch === null, this.#moment())
    if (opening.length > 0) {
      journal.append(opening)
      // Client ids carry the epoch: it must be on the disk before the first of them leaves.
      journal.flush()
      for (const record of opening) apply(state, record)
    }
    this.#wiring.onEpoch(state.epoch)
    for (const own of this.#rules.symbols) this.#symbols.push(symbolState(state, own.instrument.symbol))
    for (const symbol of state.symbols.values())
      if (!this.#rules.indexOf.has(symbol.symbol) && (symbol.ledger.signedLots !== 0 || symbol.live.length > 0))
        this.#context.log('warn', 'the books hold a symbol that is not active: it is not watched', { symbol: symbol.symbol, lots: symbol.ledger.signedLots, liveOrders: symbol.live.length })

    this.#setPhase('running', 'waiting for the private stream')
    const { timers } = this.#context
    this.#timers.push(
      timers.every(settings.sweepMs, () => this.#sweep()),
      timers.every(settings.journal.flushMs, () => journal.flushLater()),
      timers.every(settings.reconcile.auditMs, () => this.#audit()),
    )
    this.#wiring.trading.start({
      onOrder: (order) => this.#onOrder(order),
      onFill: (fill) => this.#onFill(fill),
      onPosition: (position) => this.#onPosition(position),
      onWallet: (wallet) => this.#onWallet(wallet),
      onLink: (link, reason) => this.#onLink(link, reason),
    })
    for (let index = 0; index < this.#symbols.length; index++) this.#publish(index)
  }

  /** A decision of the ring of symbol `input`. */
  onRecord(input: number, slot: number): void {
    const view = this.#decisionViews[input]!.at(slot)
    const { sequence } = view
    if (sequence <= this.#handled[input]!) return this.#context.count('decisions_refused', 'seen-decision')
    this.#handled[input] = sequence
    const now = this.#moment()
    this.#context.observe('decision_execution', now.ns - view.publishNs)
    this.#context.count('decisions')
    const symbol = this.#symbols[input]!
    if (symbol.position !== null) this.onWake(input)
    const event = this.#decision
    event.symbolIndex = input
    event.sequence = sequence
    event.tickSequence = view.tickSequence
    event.receiveNs = view.receiveNs
    event.side = view.side as Side
    event.confidence = view.confidence
    event.by = view.by
    event.price = symbol.position === null ? this.#wiring.prices.orderPrice(input) : this.#wiring.prices.exitPrice(input)
    const result = decide(this.#rules, this.#state, event, now)
    if (result.refusal !== null) this.#context.count('decisions_refused', result.refusal)
    this.#act(result)
  }

  /** A new price of a symbol is there: looks at the exit rules of its position. Cheap when there is none. */
  onWake(symbolIndex: SymbolIndex): void {
    const symbol = this.#symbols[symbolIndex]
    if (symbol === undefined || symbol.position === null || !this.#everReconciled || this.#phase !== 'running') return
    const event = this.#price
    event.symbolIndex = symbolIndex
    event.price = this.#wiring.prices.exitPrice(symbolIndex)
    const result = decide(this.#rules, this.#state, event, this.#moment())
    if (result.refusal !== null) this.#context.count('exits_refused', result.refusal)
    this.#act(result)
  }

  /** `suspend-symbol`, `resume-symbol`, `release-symbol` {symbol, why?}; `reconcile`; `stop` {policy}. */
  onMessage(message: ActorMessage): void {
    const why = typeof message['why'] === 'string' ? message['why'] : 'by command'
    switch (message.type) {
      case 'suspend-symbol':
      case 'resume-symbol':
      case 'release-symbol': {
        const symbol = message['symbol']
        if (typeof symbol !== 'string' || !this.#rules.indexOf.has(symbol)) return this.#context.log('warn', 'command for a symbol that is not active', { ...message })
        const kind = message.type === 'suspend-symbol' ? 'suspend' : message.type === 'resume-symbol' ? 'resume' : 'release'
        return this.#handle({ kind, symbol, why })
      }
      case 'reconcile':
        return this.#reconciler.run(why)
      case 'stop': {
        const policy = message['policy']
        if (policy !== 'cancel-entries' && policy !== 'leave' && policy !== 'cancel-all') return this.#context.log('warn', 'stop without a known policy', { ...message })
        return this.#drain(policy, null)
      }
      default:
        this.#context.log('warn', 'unknown command', { ...message })
    }
  }

  stop(graceful: boolean, done: () => void): void {
    if (this.#phase === 'stopped' || this.#phase === 'starting') return done()
    if (graceful) return this.#drain(this.#wiring.settings.stop.policy, done)
    this.#halt()
    this.#recorder.flush()
    done()
  }

  // ---- one way for every event -------------------------------------------------------------------------------

  #handle(event: TradingEvent): void {
    const result = decide(this.#rules, this.#state, event, this.#moment())
    if (result.refusal !== null) this.#context.count('events_absorbed', result.refusal)
    this.#act(result)
  }

  #act(result: Decided): void {
    const { records, effects } = result
    if (records.length > 0) {
      const startNs = this.#context.clock.nowNs()
      const may = this.#recorder.commit(records, result.increases)
      this.#context.observe('journal_append', this.#context.clock.nowNs() - startNs)
      this.#tell(records)
      if (!may) return this.#withhold(effects)
    }
    for (let i = 0; i < effects.length; i++) this.#run(effects[i]!)
  }

  /** The journal did not take an intent, or not for sure: its order stays here, and the books say so where they know of it. */
  #withhold(effects: readonly Effect[]): void {
    this.#context.count('decisions_refused', 'journal')
    for (const effect of effects) {
      if (effect.kind !== 'place' || !this.#state.orders.has(effect.request.clientId)) continue
      this.#handle({ kind: 'place-outcome', clientId: effect.request.clientId, outcome: { kind: 'unsent', reason: `journal: ${this.#recorder.problem}` } })
    }
  }

  #run(effect: Effect): void {
    const { trading } = this.#wiring
    switch (effect.kind) {
      case 'place': {
        const { clientId } = effect.request
        trading.place(effect.request, (outcome) => this.#handle({ kind: 'place-outcome', clientId, outcome }))
        this.#context.observe('tick_to_order', this.#context.clock.nowNs() - effect.receiveNs)
        this.#context.count('orders_sent', effect.request.reduceOnly ? 'exit' : 'entry')
        return
      }
      case 'cancel': {
        const { clientId } = effect
        trading.cancel(effect.symbol, clientId, (outcome) => this.#handle({ kind: 'cancel-outcome', clientId, outcome }))
        this.#context.count('orders_sent', 'cancel')
        return
      }
      case 'ask':
        return this.#inquiries.ask(effect.symbol, effect.clientId, effect.afterMs, effect.filledLots, effect.always)
      case 'reconcile':
        return this.#reconciler.run(effect.reason)
    }
  }

  #tell(records: readonly TradingRecord[]): void {
    for (const record of records) {
      this.#context.count('records', record.kind)
      if (ALARMING.has(record.kind)) this.#context.log('warn', describeRecord(record))
      else this.#context.log('info', describeRecord(record), { ...record })
      const symbol = 'symbol' in record ? record.symbol : 'clientId' in record ? this.#state.orders.get(record.clientId)?.symbol : undefined
      const index = symbol === undefined ? undefined : this.#rules.indexOf.get(symbol)
      if (index !== undefined) this.#publish(index)
    }
  }

  #publish(symbolIndex: SymbolIndex): void {
    const symbol = this.#symbols[symbolIndex]
    if (symbol !== undefined) this.#wiring.views?.position(symbolIndex, symbol, this.#context.clock.nowNs())
  }

  #moment(): Moment {
    this.#now.ns = this.#context.clock.nowNs()
    this.#now.wallMs = this.#context.clock.wallMs()
    this.#now.opens = this.#phase === 'running' && this.#linkUp && this.#reconciled && this.#recorder.healthy
    return this.#now
  }

  // ---- the venue speaks --------------------------------------------------------------------------------------

  #onOrder(order: VenueOrder): void {
    if (this.#phase !== 'stopped') this.#handle({ kind: 'venue-order', order })
  }

  #onFill(fill: VenueFill): void {
    if (this.#phase !== 'stopped') this.#handle({ kind: 'venue-fill', fill })
  }

  /** Positions are never taken from pushes: they only tell when the books may be wrong. */
  #onPosition(position: VenuePosition): void {
    const index = this.#rules.indexOf.get(position.symbol)
    if (index !== undefined) this.#positions.hear(index, position.signedLots)
  }

  #onWallet(wallet: VenueWallet): void {
    this.#wiring.views?.account(wallet, this.#context.clock.nowNs())
  }

  #onLink(link: LinkState, reason: string): void {
    if (this.#phase === 'stopped') return
    this.#linkUp = link === 'up'
    this.#reconciled = false
    this.#reconciler.cancel()
    this.#positions.forget()
    this.#note = this.#linkUp ? 'reconciling' : `private stream down: ${reason}`
    this.#report()
    if (this.#linkUp) this.#reconciler.run(this.#everReconciled ? 'link up again' : 'start')
  }

  #onReconciled(reason: string, problem: string): void {
    if (this.#phase === 'stopped') return
    if (problem === '') {
      this.#positions.forget()
      this.#reconciled = this.#linkUp
      this.#everReconciled = true
      this.#note = ''
      return this.#report()
    }
    const { tries, againMs } = this.#wiring.settings.reconcile
    this.#context.count('reconciliations_failed', reason)
    this.#context.log('warn', 'the books and the venue do not agree yet', { reason, tries, problem })
    if (!this.#reconciled) {
      this.#note = `not reconciled: ${problem}`
      this.#report()
    }
    this.#again?.cancel()
    this.#again = this.#context.timers.after(againMs, () => {
      if (this.#linkUp && this.#phase === 'running') this.#reconciler.run(reason)
    })
  }

  // ---- time passes -------------------------------------------------------------------------------------------

  #sweep(): void {
    const wasHealthy = this.#recorder.healthy
    this.#recorder.retry()
    if (this.#recorder.healthy !== wasHealthy) this.#report()
    this.#handle(SWEEP)
    const now = this.#context.clock.nowNs()
    for (let index = 0; index < this.#symbols.length; index++) {
      this.onWake(index)
      const symbol = this.#symbols[index]!
      const venueLots = this.#positions.check(index, symbol.ledger.signedLots, now)
      if (!Number.isNaN(venueLots)) this.#handle({ kind: 'position-mismatch', symbol: symbol.symbol, venueLots })
    }
    if (this.#phase === 'draining') this.#tryFinish(now)
  }

  #audit(): void {
    if (this.#linkUp && this.#phase === 'running') this.#reconciler.run('audit')
  }

  #journalFailed(error: unknown): void {
    this.#context.count('journal_failures')
    this.#context.log('error', 'the journal cannot be written: nothing that increases exposure is sent', { error: String(error) })
    this.#report()
  }

  // ---- the end -----------------------------------------------------------------------------------------------

  #drain(policy: StopPolicy, done: (() => void) | null): void {
    this.#stopDone.push(done)
    if (this.#phase === 'draining') return
    if (this.#phase === 'stopped') return this.#callStopDone()
    this.#stopPolicy = policy
    this.#stopByNs = this.#context.clock.nowNs() + this.#wiring.settings.stop.deadlineMs * 1e6
    this.#setPhase('draining', `stopping: ${policy}`)
    this.#handle({ kind: 'stop', policy })
    this.#tryFinish(this.#context.clock.nowNs())
  }

  #tryFinish(nowNs: Nanos): void {
    let waiting = 0
    let live = 0
    for (const symbol of this.#state.symbols.values())
      for (const order of symbol.live) {
        live++
        if (drains(this.#stopPolicy, order)) waiting++
      }
    if (waiting > 0 && nowNs < this.#stopByNs) return this.#handle({ kind: 'drain', policy: this.#stopPolicy })
    const summary: StopSummary = { policy: this.#stopPolicy, drained: waiting === 0, liveOrders: live, openPositions: positionsHeld(this.#state) }
    const now = this.#moment()
    this.#act({
      records: [{ kind: 'epoch-ended', atMs: now.wallMs, atNs: now.ns, epoch: this.#state.epoch, liveOrders: summary.liveOrders, openPositions: summary.openPositions, drained: summary.drained }],
      effects: [],
      refusal: null,
      increases: false,
    })
    const flushed = this.#recorder.flush()
    this.#halt()
    this.#context.log(summary.drained && flushed ? 'info' : 'warn', 'execution stopped', { ...summary, flushed })
    this.#wiring.onStopped?.(summary)
    this.#callStopDone()
  }

  #callStopDone(): void {
    for (const done of this.#stopDone.splice(0)) done?.()
  }

  #halt(): void {
    this.#setPhase('stopped', 'stopped')
    for (const timer of this.#timers.splice(0)) timer.cancel()
    this.#again?.cancel()
    this.#inquiries.stop()
    this.#reconciler.cancel()
    this.#wiring.trading.stop()
  }

  #setPhase(phase: Phase, note: string): void {
    this.#phase = phase
    this.#note = note
    this.#report()
  }

  #report(): void {
    if (this.#phase === 'draining' || this.#phase === 'stopped') return this.#context.report({ state: 'stopping', note: this.#note })
    if (!this.#recorder.healthy) return this.#context.report({ state: 'degraded', note: `journal: ${this.#recorder.problem}` })
    if (this.#reconciled) return this.#context.report({ state: 'ready' })
    this.#context.report({ state: this.#everReconciled ? 'degraded' : 'starting', note: this.#note })
  }
}

const SWEEP: TradingEvent = { kind: 'sweep' }

/** Records that a person should hear of. */
const ALARMING: ReadonlySet<string> = new Set(['order-unknown', 'order-absent', 'order-adopted', 'order-hanging', 'hanging-resolved', 'transition-refused', 'position-adopted', 'symbol-frozen'])

