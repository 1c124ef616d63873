import { createHash } from 'node:crypto'
import { type Nanos, Random, VirtualTime } from '../../src/core/index.ts'
import type { ActorMessage } from '../../src/runtime/index.ts'
import { defaultContracts, defaultStartTicks, generatedMarket } from '../../src/exchange/index.ts'
import { MemoryJournal, type TradingRecord } from '../../src/trading/index.ts'
import { PAPER_ACCOUNT } from '../exchange-messages.ts'
import { VirtualVenue } from '../virtual-venue.ts'
import { SYMBOLS } from './draw-plan.ts'
import { Court } from './court.ts'
import { EngineProcess } from './engine-process.ts'
import { faultTerms } from './fault-kinds.ts'
import { Machine } from './machine.ts'
import { MemoryDisk } from './memory-disk.ts'
import { ModelFaults } from './model-faults.ts'
import { feesProblem } from './oracles/account.ts'
import { makeOracles } from './oracles/index.ts'
import { commandsOfFrame, commandsOfRequest, isRefusal, refusedRequest } from './out-frame.ts'
import { protectionProblem } from './oracles/protection.ts'
import type { SimulationCase } from './plan.ts'
import { type WireTap, Uplink } from './process-wire.ts'
import { drawVariant, simulationConfig } from './settings.ts'
import type { Stage } from './stage.ts'
import type { Row, Violation } from './violation.ts'

export interface SimulationResult {
  readonly seed: number
  readonly venue: 'bybit' | 'okx'
  /** SHA-256 over the journal and everything the exchange executed. */
  readonly hash: string
  readonly violations: readonly Violation[]
  /** How often each kind of fault struck; kinds of the plan that never did are there with 0. */
  readonly struck: Readonly<Record<string, number>>
  /** Steps of each kind that were due. */
  readonly applied: Readonly<Record<string, number>>
  /** How often each row had something to judge. */
  readonly judgements: Readonly<Partial<Record<Row, number>>>
  readonly seconds: number
  readonly records: number
  readonly executions: number
  /** Entries that the venue took, and all that it took of ours. */
  readonly entries: number
  readonly orders: number
  readonly processes: number
  /** Virtual seconds from the end of the faults until all agreed, or -1. */
  readonly healedS: number
  /** Log lines of errors and of crashes, the last ones, for people. */
  readonly log: readonly string[]
}

/** A funding of every contract comes so long after the start. */
const FUNDING_AFTER_MS = 31_000
const FUNDING_MS = Date.UTC(2024, 6, 24, 8)
/** Market events a second and levels a side: enough to trade on, and little to compute. */
const MARKET = { rate: 8, levels: 20, historyMin: 60 } as const
const KEEP_MS = 50
/** All must agree so long after the last fault, virtual. */
const HEAL_NS = 60e9
const HEAL_STEP_NS = 250e6
/** Agreement must last: what is still under way would show within this. */
const REST_NS = 1.5e9
const STOP_NS = 30e9
/** One of so many seeds is started twice more at its end. */
const STILL_ONE_IN = 4
/** A person looks at a symbol that waits for one, and lets it trade again. */
const PERSON_MS = [1_000, 8_000] as const
/** Less than the shortest pause before a command is tried again. */
const CUT_MS = 5
const LOG_LINES = 60

/** One engine, one exchange, one plan of faults, on one queue of virtual time. */
export class Simulation {
  readonly #case: SimulationCase
  readonly #time: VirtualTime
  readonly #venue: VirtualVenue
  readonly #court: Court
  readonly #disk: MemoryDisk
  readonly machine: Machine
  readonly #stage: Stage
  readonly #random: Random
  readonly #counts = new Map<string, number>()
  readonly #struck = new Map<string, number>()
  readonly #applied = new Map<string, number>()
  readonly #codes: ReadonlyMap<number, string>
  readonly #log: string[] = []
  readonly #waitingForPerson = new Set<string>()

  constructor(simulationCase: SimulationCase) {
    const { seed, venue: venueName, plan } = simulationCase
    this.#case = simulationCase
    this.#random = new Random(seed, 'person')
    const symbols = SYMBOLS
    const variant = drawVariant(new Random(seed, 'settings'), plan.some((step) => step.kind === 'power-cut') ? 'power' : undefined)
    const config = simulationConfig(venueName, symbols, seed, variant)
    const time = new VirtualTime(FUNDING_MS - FUNDING_AFTER_MS)
    this.#time = time
    const markets = symbols.map((symbol) => generatedMarket({ contract: defaultContracts.find((one) => one.symbol === symbol)!, seed, startTicks: defaultStartTicks[symbol]!, ...MARKET }))
    this.#venue = new VirtualVenue(config, markets, time)
    this.#codes = new Map('listings' in this.#venue.front ? this.#venue.front.listings.all.map((listing) => [listing.code, listing.contract.symbol]) : [])
    this.#court = new Court(time, this.#venue.exchange, symbols, config)
    this.#disk = new MemoryDisk(time)
    const model = new ModelFaults(time)
    const uplink = new Uplink()
    let number = 0
    this.machine = new Machine(
      {
        time,
        disk: this.#disk,
        onCut: () => this.#reread(),
        make: (next) => {
          // A person takes a symbol that the venue no longer lists out of the settings: no process would start with it.
          const listed = symbols.filter((symbol) => this.#venue.exchange.contract(symbol)!.status !== 'Closed')
          const process = new EngineProcess({
            number: number++,
            config: { ...next, trading_pairs: listed },
            // Chance of a process is its own: two of them never say the same.
            seed: new Random(seed, `process ${number}`).nextInt32(),
            time,
            venue: this.#venue,
            disk: this.#disk,
            uplink,
            symbols: listed,
            tapOf: (one) => this.#tap(one),
            wrapSpec: (one, spec) => (spec.kind === 'execution' ? model.wrap(spec, one) : spec),
            listener: {
              onRecords: (one, records) => this.#onRecords(one, records),
              onReady: (one) => this.#court.onProcess(one),
              onFailed: (one, why) => {
                this.#say(`process ${one.number} failed: ${why}`)
                one.kill()
              },
              onStopped: (one, summary) => this.#court.onStopped(one, summary),
              onLog: (one, line) => {
                if (line.level === 'error' || line.level === 'warn') this.#say(`process ${one.number} ${line.actor} ${line.level}: ${line.message} ${JSON.stringify(line.data)}`)
              },
            },
          })
          return process
        },
      },
      config,
    )
    const counts = this.#counts
    this.#stage = {
      time,
      venueName,
      venue: this.#venue,
      symbols,
      machine: this.machine,
      disk: this.#disk,
      uplink,
      model,
      fillOnCancel: { left: 0, percent: 0, struck: 0 },
      stopOnSubmit: { armed: false, downMs: 0, struck: 0 },
      cutOnRefusal: { left: 0, struck: 0 },
      killFileNs: -1,
      note: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
      noted: (name) => counts.get(name) ?? 0,
      healed: () => this.#court.healedNs >= 0,
      restartWith: (next, downMs) => void this.machine.stopAndStart(downMs, simulationConfig(venueName, symbols, seed, next)),
    }
    this.#court.seat(...makeOracles({ court: this.#court, stage: this.#stage, kinds: new Set(plan.map((step) => step.kind)) }))
  }

  /** Plays the case: faults, then none, then a stop in good order. */
  run(): SimulationResult {
    const { minutes, plan, seed, venue } = this.#case
    this.#venue.start()
    this.machine.start()
    this.#time.every(KEEP_MS, () => this.machine.keep())
    for (const step of plan) this.#time.at(step.atMs * 1e6, () => this.#strike(step.kind, step.fields))
    this.#time.runUntil(minutes * 60e9)
    this.#heal()
    const healedS = this.#settle()
    this.#finish(healedS >= 0)
    if (healedS >= 0 && seed % STILL_ONE_IN === 0) this.#restartStill()
    this.#venue.stop()
    this.machine.killAll()
    const facts = this.#court.executions.map((one) => `${one.executionId} ${one.clientId} ${one.side} ${one.priceTicks} ${one.lots} ${one.timeMs}`).join('\n')
    return {
      seed,
      venue,
      hash: createHash('sha256').update(this.#disk.bytes).update(facts).digest('hex'),
      violations: this.#court.violations,
      struck: Object.fromEntries(this.#struck),
      applied: Object.fromEntries(this.#applied),
      judgements: Object.fromEntries(this.#court.judgements),
      seconds: this.#time.nowNs() / 1e9,
      records: this.#court.log.records,
      executions: this.#court.executions.length,
      entries: [...this.#court.orders.values()].filter((order) => order.kind === 'decision').length,
      orders: this.#court.orders.size,
      processes: this.machine.processes.length,
      healedS,
      log: this.#log,
    }
  }

  #strike(kind: string, fields: SimulationCase['plan'][number]['fields']): void {
    this.#applied.set(kind, (this.#applied.get(kind) ?? 0) + 1)
    const terms = faultTerms(kind)
    const struck = terms.apply(this.#stage, fields)
    if (terms.struck === undefined) this.#struck.set(kind, (this.#struck.get(kind) ?? 0) + (struck ?? 0))
  }

  /** Nothing is wrong from here on but what cannot be undone. */
  #heal(): void {
    for (const kind of this.#applied.keys()) {
      const { struck } = faultTerms(kind)
      if (struck !== undefined) this.#struck.set(kind, struck(this.#stage))
    }
    const { uplink, model, fillOnCancel, stopOnSubmit, venue } = this.#stage
    venue.front.faults.heal()
    for (const { symbol, status } of venue.exchange.contracts) if (status === 'Suspended') venue.exchange.operator.changeContract(symbol, { status: 'Trading' })
    this.#disk.heal()
    model.heal()
    uplink.delayMs = 0
    uplink.unplugged = false
    fillOnCancel.left = 0
    this.#stage.cutOnRefusal.left = 0
    stopOnSubmit.armed = false
    this.machine.skewClock(0)
    // An address that was banned is left alone for ten minutes, by design; a person who knows better starts the engine anew.
    if (this.#applied.has('ban-address')) this.machine.stopAndStart(0)
    this.#court.healedNs = this.#time.nowNs()
  }

  /** Runs on until engine and venue agree for a while. @returns seconds that took, or -1 */
  #settle(): number {
    const endNs = this.#court.healedNs + HEAL_NS
    let agreedNs: Nanos = -1
    let last = ''
    while (this.#time.nowNs() < endNs) {
      this.#time.runUntil(this.#time.nowNs() + HEAL_STEP_NS)
      const disagreement = this.#disagreement()
      if (disagreement !== '') {
        agreedNs = -1
        last = disagreement
      }
      else if (agreedNs < 0) agreedNs = this.#time.nowNs()
      else if (this.#time.nowNs() - agreedNs >= REST_NS) {
        this.#court.atRest()
        return (agreedNs - this.#court.healedNs) / 1e9
      }
    }
    this.#court.report('heal', `one virtual minute after the last fault, never for ${REST_NS / 1e9} s without this, the last time: ${last}`)
    return -1
  }

  /** What still stands between the engine and the venue, '' for nothing. */
  #disagreement(): string {
    return this.#difference() || protectionProblem(this.#court)
  }

  #difference(): string {
    const process = this.machine.current
    if (process === null) return 'no process runs'
    if (process.stopping) return `process ${process.number} is stopping`
    if (!process.ready) return `process ${process.number} is not ready: ${this.#noteOf(process)}`
    const { log } = this.#court
    for (const symbol of this.#court.listed) {
      const venueLots = this.#venue.exchange.position(PAPER_ACCOUNT, symbol).signedLots
      const engineLots = log.state.symbols.get(symbol)?.ledger.signedLots ?? 0
      if (venueLots !== engineLots) return `${symbol} has ${venueLots} lots at the venue and ${engineLots} in the books`
      const open = this.#court.openOrders(symbol).map((order) => order.clientId)
      const live = log.state.symbols.get(symbol)?.live ?? []
      const unknown = live.find((order) => order.unknown !== '')
      if (unknown !== undefined) return `${unknown.clientId} has an unknown outcome: ${unknown.unknown}`
      const ghost = live.find((order) => !open.includes(order.clientId))
      if (ghost !== undefined) return `${ghost.clientId} is live in the books and not at the venue`
      const stray = open.find((id) => !live.some((order) => order.clientId === id))
      if (stray !== undefined) return `${stray} is open at the venue and not in the books`
      const fees = feesProblem({ court: this.#court }, symbol)
      if (fees !== '') return fees
    }
    return ''
  }

  #noteOf(process: EngineProcess): string {
    const life = process.life
    return life === null ? 'no reference data yet' : life.record.table.read(life.executionRow).state
  }

  /** A stop in good order at the end. */
  #finish(agreed: boolean): void {
    this.machine.release()
    const process = this.machine.current
    if (process === null || !agreed) return
    process.stop()
    const endNs = this.#time.nowNs() + STOP_NS
    while (!process.stopped && process.alive && this.#time.nextNs <= endNs) this.#time.step()
    if (!process.stopped) this.#court.report('F13', `the stop of process ${process.number} did not end within ${STOP_NS / 1e9} s`)
  }

  /** F5: starts over an account at which nothing happens; from the second one on nothing may be found there. */
  #restartStill(): void {
    const { seed, venue } = this.#case
    const { exchange } = this.#venue
    if (exchange.positions(PAPER_ACCOUNT).length > 0 || exchange.orders(PAPER_ACCOUNT, { open: true }).length > 0) return
    this.machine.config = simulationConfig(venue, SYMBOLS, seed, drawVariant(new Random(seed, 'settings')), false)
    for (const round of ['settling', 'judged'] as const) {
      this.#court.log.events.length = 0
      this.machine.start()
      const process = this.machine.current!
      const endNs = this.#time.nowNs() + STOP_NS
      while (!process.ready && this.#time.nowNs() < endNs) this.#time.runUntil(this.#time.nowNs() + HEAL_STEP_NS)
      if (!process.ready) return this.#court.report('F8', `process ${process.number} did not get ready within ${STOP_NS / 1e9} s at a still account`)
      process.stop()
      while (!process.stopped && process.alive && this.#time.nextNs <= endNs + STOP_NS) this.#time.step()
      const { events } = this.#court.log
      if (round === 'judged') this.#court.judge('F5')
      if (round === 'judged' && events.length > 0) this.#court.report('F5', `a second start over a still account wrote ${events.join(', ')}`)
    }
  }

  #tap(process: EngineProcess): WireTap {
    const out = (commands: ReturnType<typeof commandsOfFrame>): void => {
      for (const command of commands) {
        this.#court.onCommand(command, process)
        this.#provoke(command.op, command.clientId, command.symbol)
      }
    }
    return {
      opened: (url) => this.#court.onOpened(url, process),
      closed: (url) => this.#court.onClosed(url, process),
      sent: (_url, text) => out(commandsOfFrame(text, this.#codes)),
      asked: (request) => {
        this.#court.onAsked(request, process)
        out(commandsOfRequest(request, this.#codes))
      },
      answered: (request, outcome) => {
        this.#court.onAnswered(request, outcome, process)
        if (request.method === 'POST' && this.#stage.cutOnRefusal.left > 0 && isRefusal(outcome)) this.#cutOnRefusal(process)
      },
      heard: (url, frame) => {
        this.#court.onFrame(url, frame, process)
        if (this.#stage.cutOnRefusal.left > 0 && !url.includes('/public') && refusedRequest(Buffer.from(frame).toString()) !== '') this.#cutOnRefusal(process)
      },
    }
  }

  /** The venue said no, and before anything can be asked again the connections are gone. */
  #cutOnRefusal(process: EngineProcess): void {
    const { cutOnRefusal } = this.#stage
    cutOnRefusal.left--
    cutOnRefusal.struck++
    this.#time.after(CUT_MS, () => void process.cut())
  }

  /** Faults whose occasion is a command. */
  #provoke(op: string, clientId: string, symbol: string): void {
    const { fillOnCancel, stopOnSubmit, venue } = this.#stage
    if (op === 'cancel' && fillOnCancel.left > 0) {
      fillOnCancel.left--
      fillOnCancel.struck += venue.front.faults.accounts.fillOrder(fillOnCancel.percent, symbol, clientId) > 0 ? 1 : 0
    }
    if (op === 'place' && stopOnSubmit.armed) {
      stopOnSubmit.armed = false
      if (this.machine.stopAndStart(stopOnSubmit.downMs)) stopOnSubmit.struck++
    }
  }

  #onRecords(process: EngineProcess, records: readonly TradingRecord[]): void {
    this.#court.onRecords(records, process)
    for (const record of records) {
      if (record.kind === 'symbol-frozen' && record.code !== 'mismatch') this.#callPerson(record.symbol, { type: 'release-symbol', symbol: record.symbol, why: 'looked at' })
      else if (record.kind === 'kill-engaged') this.#callPerson('kill switch', { type: 'release', by: 'command', why: 'looked at', force: true })
    }
  }

  /** Somebody looks at what happened and releases it, as long as faults last; afterwards a freeze may stay. */
  #callPerson(what: string, message: ActorMessage): void {
    if (this.#waitingForPerson.has(what)) return
    this.#waitingForPerson.add(what)
    this.#time.after(this.#random.between(...PERSON_MS), () => {
      this.#waitingForPerson.delete(what)
      if (this.#court.healedNs < 0 && !this.machine.tell(message)) this.#callPerson(what, message)
    })
  }

  #reread(): void {
    const records: TradingRecord[] = []
    if (this.#disk.bytes.length >= 16) new MemoryJournal(this.#disk.bytes).replay((record) => void records.push(record))
    this.#court.reread(records)
  }

  #say(line: string): void {
    this.#log.push(`${(this.#time.nowNs() / 1e9).toFixed(3)} s  ${line}`)
    if (this.#log.length > LOG_LINES) this.#log.shift()
  }
}

export const simulate = (simulationCase: SimulationCase): SimulationResult => new Simulation(simulationCase).run()
