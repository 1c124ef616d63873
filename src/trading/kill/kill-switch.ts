import { errorLine, type Nanos } from '../../core/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import type { VenueWallet } from '../../venues/index.ts'
import type { PriceEvent, PriceSource, TradingEvent } from '../events.ts'
import type { Pipeline } from '../execution/pipeline.ts'
import type { Readiness } from '../execution/readiness.ts'
import type { Recorder } from '../recorder.ts'
import type { TradingRecord } from '../records.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'
import { killId, resultOf, standingCauses } from './decide.ts'
import { FactGatherer } from './fact-gatherer.ts'
import type { Observations } from './observations.ts'
import type { KillEngaged, KillOrder, KillReleased, KillWay } from './records.ts'
import type { KillStatus } from './status.ts'
import type { KillStore } from './store.ts'
import { drawdownPercent, lossOfDay } from './trail.ts'

/** Time between two looks at the files of the kill switch. */
const FILES_NS = 1e9
/** Words that a reason needs to be one. */
const WHY_LENGTH_MIN = 3

export interface KillSwitchParts {
  readonly rules: Rules
  readonly state: TradingState
  readonly recorder: Recorder
  readonly readiness: Readiness
  readonly pipeline: () => Pipeline
  readonly prices: PriceSource
  readonly observations: Observations
  readonly store: KillStore
  readonly context: Pick<ActorContext, 'clock' | 'count' | 'log'>
  /** Hears of every change. */
  readonly onStatus: (status: KillStatus) => void
  /** Asks the venue what it holds, once it is engaged. */
  readonly reconcile: (reason: string) => void
}

export interface ReleaseRequest {
  /** Comes back with the answer. */
  readonly request: string
  readonly by: KillWay
  readonly why: string
  readonly force: boolean
}

/**
 * The kill switch at work: looks at the trips at a bounded rate and after every fill, engages and releases by command,
 * keeps the side file, and closes positions where that is asked for. What any of it means is decided by `decide`.
 */
export class KillSwitch {
  readonly #parts: KillSwitchParts
  readonly #gatherer: FactGatherer
  readonly #flatten: { kind: 'flatten'; symbolIndex: number; price: PriceEvent['price'] } = { kind: 'flatten', symbolIndex: 0, price: { refused: true, reason: 'none asked for' } }
  #due = true
  #lookedNs: Nanos = Number.NEGATIVE_INFINITY
  #filesNs: Nanos = Number.NEGATIVE_INFINITY
  #unkept = false
  #answer: KillStatus['answer'] = null
  #told = ''

  constructor(parts: KillSwitchParts) {
    this.#parts = parts
    const { rules, state, recorder, prices, observations } = parts
    this.#gatherer = new FactGatherer(rules, state, recorder, prices, observations)
  }

  get engaged(): boolean {
    return this.#parts.state.kill.engaged !== null
  }

  /** A fill was booked since the last look: look before the next decision. */
  get due(): boolean {
    return this.#due
  }

  /** At the start of a life, when the journal is folded: the side file may know more than the journal, never less. */
  start(): void {
    this.#files()
    const { kill } = this.#parts.state
    if (kill.engaged !== null) {
      this.#parts.context.log('error', `the kill switch is engaged since ${kill.engaged.sinceMs}: ${kill.engaged.reason}`, { ...kill.engaged, code: codeOf(kill.engaged.code) })
      this.#keep()
    }
    this.#tell()
  }

  hearWallet(wallet: VenueWallet, nowNs: Nanos): void {
    this.#gatherer.hearWallet(wallet, nowNs)
  }

  /** Records that are in the books. */
  hear(records: readonly TradingRecord[]): void {
    for (const record of records) {
      if (record.kind === 'fill-booked' || record.kind === 'funding-booked') this.#due = true
      else if (record.kind === 'kill-engaged') this.#engaged(record)
      else if (record.kind === 'kill-released') this.#released(record)
    }
  }

  /** What time makes due: the files, the trips, the closing of positions. Called by every sweep. */
  sweep(nowNs: Nanos): void {
    const { rules, readiness } = this.#parts
    if (nowNs - this.#filesNs >= FILES_NS) this.#files()
    if (this.#due || nowNs - this.#lookedNs >= rules.settings.kill.lookMs * 1e6) this.look()
    if (this.#parts.state.kill.engaged?.flatten === true && readiness.everReconciled && readiness.phase === 'running') this.#close()
  }

  /** One look at all trips. */
  look(): void {
    const { context, pipeline, readiness } = this.#parts
    const now = context.clock.nowNs()
    this.#lookedNs = now
    // Before the first agreement the books may be those of another time: the look stays due, so that no decision comes before it.
    if (!readiness.everReconciled || readiness.phase === 'stopped') return
    this.#due = false
    pipeline().handle({ kind: 'watch', facts: this.#gatherer.gather(now) })
    this.#tell()
  }

  /** @param order without an id it gets one */
  engage(order: KillOrder): void {
    this.#handle({ kind: 'kill', order: order.id === '' ? { ...order, id: killId(this.#parts.state, this.#parts.pipeline().moment()) } : order })
    this.#tell()
  }

  /** Releases it, or says in the status why not. */
  release({ request, by, why, force }: ReleaseRequest): void {
    this.#answer = { request, problem: this.#release(by, why.trim(), force) }
    if (this.#answer.problem !== '') this.#parts.context.log('warn', 'the kill switch is not released', { by, why, problem: this.#answer.problem })
    this.#tell()
  }

  #release(by: KillWay, why: string, force: boolean): string {
    const { state, rules, store, context, pipeline } = this.#parts
    if (state.kill.engaged === null) return 'it is not engaged'
    if (why.length < WHY_LENGTH_MIN) return 'a reason is needed'
    const touched = store.touched()
    if (touched !== null) return `${touched} is there: remove it first`
    const facts = this.#gatherer.gather(context.clock.nowNs())
    const standing = standingCauses(rules, state, facts, pipeline().moment())
    if (standing.length > 0 && !force) return `its cause stands: ${standing.map((trip) => trip.reason).join('; ')}`
    this.#handle({ kind: 'kill-release', by, why, force, facts })
    return ''
  }

  #engaged(record: KillEngaged): void {
    const { context, readiness, reconcile } = this.#parts
    const { kind: _kind, atNs: _ns, ...facts } = record
    context.count('kill_trips', record.code)
    context.log('error', `KILL SWITCH: ${record.reason}`, { ...facts, code: codeOf(record.code) })
    this.#keep()
    if (readiness.linkUp) reconcile('kill switch')
  }

  #released(record: KillReleased): void {
    const { context, store } = this.#parts
    context.log('warn', `the kill switch was released: ${record.why}`, { code: 'KILL_RELEASED', by: record.by, id: record.id, overruled: record.overruled })
    this.#gatherer.forget()
    this.#unkept = false
    try {
      store.release(record.id, record.atMs)
    } catch (error) {
      // The journal says that this engagement is over, so the next start will not take the old file for a new one.
      context.log('error', 'the file of the kill switch still says engaged', { error: errorLine(error) })
    }
  }

  /** Writes the side file; where the disk does not take it, every look at the files tries again. */
  #keep(): void {
    const { store, state, context } = this.#parts
    const { engaged } = state.kill
    if (engaged === null) return
    try {
      store.engage(engaged, engaged.sinceMs)
      this.#unkept = false
    } catch (error) {
      if (!this.#unkept) context.log('error', 'the kill switch is engaged but its file could not be written: only the journal remembers it', { error: errorLine(error) })
      this.#unkept = true
    }
  }

  /** Engages when a file asks for it that this journal has neither engaged nor released. */
  #files(): void {
    const { store, state, rules, context } = this.#parts
    this.#filesNs = context.clock.nowNs()
    if (this.#unkept) this.#keep()
    const found = store.look()
    // A file without a name of its own (touched by a person, or not readable) always means now.
    if (found === null || (found.id !== '' && found.id === state.kill.releasedId)) return
    const order = found.id === '' ? { ...found, id: killId(state, this.#parts.pipeline().moment()), flatten: found.flatten || (found.code === 'manual' && rules.settings.kill.flattenOnTrip) } : found
    if (state.kill.engaged === null || (order.flatten && !state.kill.engaged.flatten)) this.#handle({ kind: 'kill', order })
  }

  #close(): void {
    const { rules, state, prices } = this.#parts
    for (let index = 0; index < rules.symbols.length; index++) {
      if ((state.symbols.get(rules.symbols[index]!.instrument.symbol)?.position ?? null) === null) continue
      this.#flatten.symbolIndex = index
      this.#flatten.price = prices.exitPrice(index)
      this.#handle(this.#flatten)
    }
  }

  #handle(event: TradingEvent): void {
    this.#parts.pipeline().handle(event)
  }

  #tell(): void {
    const { state, onStatus } = this.#parts
    const { trail, engaged } = state.kill
    const facts = this.#gatherer.facts
    const result = trail === null ? null : resultOf(state, facts)
    const status: KillStatus = {
      engaged: engaged === null ? null : { id: engaged.id, by: engaged.by, code: engaged.code, reason: engaged.reason, flatten: engaged.flatten, values: engaged.values, sinceMs: engaged.sinceMs },
      dayLoss: trail === null || result === null ? null : lossOfDay(trail, result).toDecimalPlaces(2).toNumber(),
      drawdownPercent: trail === null || result === null ? null : drawdownPercent(trail, result).toDecimalPlaces(3).toNumber(),
      answer: this.#answer,
    }
    const text = JSON.stringify(status)
    if (text === this.#told) return
    this.#told = text
    onStatus(status)
  }
}

/** Stable name of a cause, for alerts. */
const codeOf = (code: string): string => `KILL_${code.toUpperCase().replaceAll('-', '_')}`
