import { errorLine, type Nanos, RingmasterError } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { CommandOutcome, FeeRates, PositionMode, VenueLeverage } from '../trading-port.ts'
import { attempt } from '../common/in-turn.ts'
import { isObject, type Json, show } from '../common/json.ts'
import { decimal, refuseRow } from '../common/row-fields.ts'
import type { OkxContracts } from './contracts.ts'
import { ENTRY, REDUCE, type Urgency } from '../resilience/urgency.ts'
import type { LimitGroup } from './limits.ts'
import { outcomeOf } from './outcomes.ts'
import { ENTRY_TAG } from './order-args.ts'
import type { OkxQueries } from './queries.ts'
import type { OkxRest } from './rest.ts'
import { negated } from './rows.ts'
import type { OkxSettings } from './settings.ts'
import { POSITION_MODES } from './snapshot.ts'

type Done = (outcome: CommandOutcome) => void
type ModeDone = (error: unknown, mode: PositionMode | null) => void

/** How long the mode of the account, once read, is taken for what it is, ms. */
const MODE_FRESH_MS = 1000

/** What the venue takes for its own dead-man switch, whole seconds. */
const DEAD_MAN_MIN_S = 10
const DEAD_MAN_MAX_S = 120

/** Settings of the account. */
export class OkxAccount {
  readonly #services: VenueServices
  readonly #settings: OkxSettings
  readonly #rest: OkxRest
  readonly #queries: OkxQueries
  readonly #contracts: OkxContracts
  /** Everybody who waits for the one answer that is on its way. */
  #modeWaiting: ModeDone[] | null = null
  #mode: PositionMode | null = null
  #modeNs: Nanos = 0

  constructor(services: VenueServices, settings: OkxSettings, rest: OkxRest, queries: OkxQueries, contracts: OkxContracts) {
    this.#services = services
    this.#settings = settings
    this.#rest = rest
    this.#queries = queries
    this.#contracts = contracts
  }

  /** Of the cross position; with legs it holds for both. */
  setLeverage(symbol: string, leverage: string, done: Done): void {
    const contract = this.#contracts.forAccount(symbol)
    if (contract === undefined) this.#services.timers.after(0, () => done({ kind: 'unsent', reason: `the contract of ${symbol} is not known yet` }))
    else this.#post('/api/v5/account/set-leverage', 'leverage', { instId: contract.instId, lever: leverage, mgnMode: 'cross' }, done)
  }

  /** Of the cross position: the venue keeps it apart from positions, so that it is known before there is one. */
  leverage(symbol: string, done: (error: unknown, found: VenueLeverage | null) => void): void {
    const contract = this.#contracts.forAccount(symbol)
    if (contract === undefined) {
      this.#services.timers.after(0, () => done(new RingmasterError('RM_VENUE_SYMBOL_UNKNOWN', { symbol, count: 0 }), null))
      return
    }
    this.#queries.rows('/api/v5/account/leverage-info', 'leverage', true, [['instId', contract.instId], ['mgnMode', 'cross']], (error, rows) => {
      if (error !== null) return done(error, null)
      const row = rows.find((one) => one['instId'] === contract.instId) ?? {}
      done(null, { lever: row['lever'], leverage: row['leverage'], raw: JSON.stringify(row) })
    })
  }

  /**
   * One mode for all symbols, and the venue takes five questions for it in two seconds: an answer serves whoever asks within a second of it, or
   * a start with many symbols would wait for its places. Errors: RM_VENUE_ACCOUNT_MODE for a mode that is neither, RM_VENUE_REQUEST,
   * RM_VENUE_REFUSED.
   */
  positionMode(done: ModeDone): void {
    const { clock, timers } = this.#services
    const mode = this.#mode
    if (mode !== null && clock.nowNs() - this.#modeNs < MODE_FRESH_MS * 1e6) return void timers.after(0, () => done(null, mode))
    if (this.#modeWaiting !== null) return void this.#modeWaiting.push(done)
    const waiting = [done]
    this.#modeWaiting = waiting
    this.#queries.rows('/api/v5/account/config', 'config', true, [], (error, rows) => {
      const word = rows[0]?.['posMode']
      const found = (Object.keys(POSITION_MODES) as PositionMode[]).find((one) => POSITION_MODES[one] === word) ?? null
      const problem = error ?? (found === null ? new RingmasterError('RM_VENUE_ACCOUNT_MODE', { setting: 'posMode', actual: show(word), expected: Object.values(POSITION_MODES).join(' or ') }) : null)
      // A question from before the mode was switched answers those who asked then, and nobody after.
      if (this.#modeWaiting === waiting) {
        this.#modeWaiting = null
        this.#mode = problem === null ? found : null
        this.#modeNs = clock.nowNs()
      }
      for (const tell of waiting) tell(problem, problem === null ? found : null)
    })
  }

  /** The venue refuses it while there are positions or orders. */
  setPositionMode(mode: PositionMode, done: Done): void {
    this.#forgetMode()
    this.#post('/api/v5/account/set-position-mode', 'position-mode', { posMode: POSITION_MODES[mode] }, (outcome) => {
      this.#forgetMode()
      done(outcome)
    })
  }

  #forgetMode(): void {
    this.#mode = this.#modeWaiting = null
  }

  /** Of the fee group that the instrument is in. Errors: RM_VENUE_ROW where the venue names no rate, RM_VENUE_REQUEST, RM_VENUE_REFUSED. */
  fees(symbol: string, done: (error: unknown, fees: FeeRates | null) => void): void {
    const groupId = this.#contracts.forAccount(symbol)?.groupId ?? ''
    this.#queries.rows('/api/v5/account/trade-fee', 'fees', true, [['instType', 'SWAP']], (error, rows) => {
      let fees: FeeRates | null = null
      const problem = error ?? attempt(() => {
        fees = readFees(rows[0] ?? {}, groupId, symbol)
      })
      done(problem, problem === null ? fees : null)
    })
  }

  /**
   * Whole seconds, rounded up; the venue takes 10 to 120 of them. Set for the tag of our entries, so that neither exits nor
   * stops nor anybody else's orders go with them.
   */
  armDeadMan(timeoutMs: number, done: Done): void {
    const seconds = Math.ceil(timeoutMs / 1000)
    if (timeoutMs !== 0 && !(seconds >= DEAD_MAN_MIN_S && seconds <= DEAD_MAN_MAX_S)) {
      this.#services.timers.after(0, () => done({ kind: 'unsent', reason: `a dead-man switch of ${timeoutMs} ms: the venue takes 0 or ${DEAD_MAN_MIN_S} to ${DEAD_MAN_MAX_S} s` }))
      return
    }
    this.#post('/api/v5/trade/cancel-all-after', 'dead-man', { timeOut: String(seconds), tag: ENTRY_TAG }, done, REDUCE)
  }

  #post(path: string, group: LimitGroup, params: Json, done: Done, urgency: Urgency = ENTRY): void {
    const { commandMs } = this.#settings
    try {
      this.#rest.call({ method: 'POST', path, group, urgency, params, signed: true, deadlineMs: commandMs, waitMs: commandMs, again: true }, (answer) => done(outcomeOf(answer)))
    } catch (error) {
      this.#services.timers.after(0, () => done({ kind: 'unsent', reason: errorLine(error) }))
    }
  }
}

/** Rates are negative there when they cost something. Accounts of before the groups have one pair for all USDT swaps. */
function readFees(row: Json, groupId: string, symbol: string): FeeRates {
  const what = 'fee'
  const groups = row['feeGroup']
  const listed: readonly unknown[] = Array.isArray(groups) ? groups : []
  const group = listed.find((one) => isObject(one) && one['groupId'] === groupId)
  if (isObject(group)) return { makerRate: negated(decimal(group, 'maker', what, symbol)), takerRate: negated(decimal(group, 'taker', what, symbol)) }
  if (listed.length > 0 && groupId !== '') refuseRow(what, symbol, 'feeGroup', show(listed), `a group ${groupId}`)
  const old = typeof row['makerU'] === 'string' && row['makerU'] !== '' ? (['makerU', 'takerU'] as const) : (['maker', 'taker'] as const)
  return { makerRate: negated(decimal(row, old[0], what, symbol)), takerRate: negated(decimal(row, old[1], what, symbol)) }
}
