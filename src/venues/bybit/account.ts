import { errorLine, fail, type Instrument } from '../../core/index.ts'
import { attempt } from '../common/in-turn.ts'
import { type Json, show } from '../common/json.ts'
import { decimal } from '../common/row-fields.ts'
import type { VenueServices } from '../services.ts'
import type { AccountPort, CommandOutcome, FeeRates, PositionMode, Protection, VenueLeverage } from '../trading-port.ts'
import { ENTRY, REDUCE, type Urgency } from '../resilience/urgency.ts'
import { checkTicks, instrumentOf, positionIndexOf, TRIGGER_BY } from './order-args.ts'
import { outcomeOf } from './outcomes.ts'
import type { PrivateStream } from './private-stream.ts'
import type { BybitQueries } from './queries.ts'
import type { BybitRest, LimitGroup } from './rest.ts'
import type { BybitSettings } from './settings.ts'

type Done = (outcome: CommandOutcome) => void

/** What the venue's disconnect protection can be set to, s (reference: Bybit V5, disconnected-cancel-all). */
const DEAD_MAN_MIN_S = 3
const DEAD_MAN_MAX_S = 300
/** The venue's numbers of the position modes. */
const MODES = { 'one-way': 0, hedge: 3 } as const

export interface BybitAccountParts {
  readonly services: VenueServices
  readonly settings: BybitSettings
  readonly rest: BybitRest
  readonly queries: BybitQueries
  readonly stream: PrivateStream
  readonly instruments: ReadonlyMap<string, Instrument>
  readonly quoteCoin: string
}

/** Settings and safety of the account, over REST. "Already so" is refused as `unchanged`, which is what was wanted. */
export class BybitAccount implements AccountPort {
  readonly #parts: BybitAccountParts

  constructor(parts: BybitAccountParts) {
    this.#parts = parts
  }

  setLeverage(symbol: string, leverage: string, done: Done): void {
    this.#post('/v5/position/set-leverage', 'leverage', { category: 'linear', symbol, buyLeverage: leverage, sellLeverage: leverage }, done)
  }

  /** The venue has no question of its own for it: the rows of a position say by their index how the account is kept. */
  positionMode(symbol: string, done: (error: unknown, mode: PositionMode | null) => void): void {
    this.#parts.queries.list('/v5/position/list', 'position-query', true, [['category', 'linear'], ['symbol', symbol]], (error, rows) => {
      let mode: PositionMode | null = null
      const problem = error ?? attempt(() => {
        const row = rows.find((one) => one['symbol'] === symbol) ?? fail('RM_VENUE_ROW', { what: 'position', symbol, field: 'list', actual: `${rows.length} rows of others`, expected: 'a row of the symbol' })
        const index = row['positionIdx']
        mode = index === 0 ? 'one-way' : index === 1 || index === 2 ? 'hedge' : fail('RM_VENUE_ROW', { what: 'position', symbol, field: 'positionIdx', actual: show(index), expected: '0, 1 or 2' })
      })
      done(problem, problem === null ? mode : null)
    })
  }

  leverage(symbol: string, done: (error: unknown, found: VenueLeverage | null) => void): void {
    this.#parts.queries.list('/v5/position/list', 'position-query', true, [['category', 'linear'], ['symbol', symbol]], (error, rows) => {
      let found: VenueLeverage | null = null
      const problem = error ?? attempt(() => {
        const row = rows.find((one) => one['symbol'] === symbol) ?? fail('RM_VENUE_ROW', { what: 'position', symbol, field: 'list', actual: `${rows.length} rows of others`, expected: 'a row of the symbol' })
        found = { lever: row['lever'], leverage: row['leverage'], raw: JSON.stringify(row) }
      })
      done(problem, problem === null ? found : null)
    })
  }

  setPositionMode(mode: PositionMode, done: Done): void {
    this.#post('/v5/position/switch-mode', 'position-mode', { category: 'linear', coin: this.#parts.quoteCoin, mode: MODES[mode] }, done)
  }

  fees(symbol: string, done: (error: unknown, fees: FeeRates | null) => void): void {
    this.#parts.queries.list('/v5/account/fee-rate', 'fee-query', true, [['category', 'linear'], ['symbol', symbol]], (error, rows) => {
      let fees: FeeRates | null = null
      const problem = error ?? attempt(() => {
        const row = rows.find((one) => one['symbol'] === symbol) ?? fail('RM_VENUE_ROW', { what: 'fee', symbol, field: 'list', actual: `${rows.length} rows of others`, expected: 'a row of the symbol' })
        fees = { makerRate: decimal(row, 'makerFeeRate', 'fee', symbol), takerRate: decimal(row, 'takerFeeRate', 'fee', symbol) }
      })
      done(problem, problem === null ? fees : null)
    })
  }

  /**
   * The venue's disconnect protection. It counts from the loss of the private connection, not from this call, and only
   * for connections that listen to its topic: armed is when the window is set and the topic is acknowledged.
   */
  armDeadMan(timeoutMs: number, done: Done): void {
    const { stream, services, settings } = this.#parts
    if (timeoutMs === 0) {
      stream.leaveDeadMan(done)
      return
    }
    if (!stream.up) {
      services.timers.after(0, () => done({ kind: 'unsent', reason: 'the private connection is not up' }))
      return
    }
    const seconds = Math.ceil(timeoutMs / 1000)
    if (!(seconds >= DEAD_MAN_MIN_S && seconds <= DEAD_MAN_MAX_S)) {
      services.timers.after(0, () => done({ kind: 'unsent', reason: `dead-man time is ${timeoutMs} ms, the venue takes ${DEAD_MAN_MIN_S} to ${DEAD_MAN_MAX_S} s` }))
      return
    }
    const deadlineNs = services.clock.nowNs() + settings.commandMs * 1e6
    this.#post('/v5/order/disconnected-cancel-all', 'dead-man', { product: 'DERIVATIVES', timeWindow: seconds }, (outcome) => {
      if (outcome.kind === 'accepted' || (outcome.kind === 'refused' && outcome.errorClass === 'unchanged')) stream.joinDeadMan(Math.max(0, (deadlineNs - services.clock.nowNs()) / 1e6), done)
      else done(outcome)
    }, REDUCE)
  }

  setProtection(symbol: string, protection: Protection, done: Done): void {
    const { instruments, settings, services } = this.#parts
    let params: Json
    try {
      const { tick } = instrumentOf(symbol, instruments)
      const { takeProfitTicks, stopLossTicks } = protection
      const by = TRIGGER_BY[settings.protectionBy]
      // "0" takes one away; a trigger goes with a price only.
      params = {
        category: 'linear', symbol, tpslMode: 'Full', positionIdx: positionIndexOf(protection.leg),
        takeProfit: takeProfitTicks === null ? '0' : tick.format(checkTicks(`take-profit of ${symbol}`, takeProfitTicks)),
        stopLoss: stopLossTicks === null ? '0' : tick.format(checkTicks(`stop-loss of ${symbol}`, stopLossTicks)),
        ...(takeProfitTicks === null ? {} : { tpTriggerBy: by }),
        ...(stopLossTicks === null ? {} : { slTriggerBy: by }),
      }
    } catch (error) {
      services.timers.after(0, () => done({ kind: 'unsent', reason: errorLine(error) }))
      return
    }
    const removes = protection.takeProfitTicks === null && protection.stopLossTicks === null
    // The venue has one code for all that is wrong with a call, also for a position that is closed: its stops went with it.
    const told: Done = (outcome) => done(removes && outcome.kind === 'refused' && outcome.errorClass === 'rejected' ? { ...outcome, errorClass: 'not-found' } : outcome)
    this.#post('/v5/position/trading-stop', 'protection', params, told, REDUCE)
  }

  #post(path: string, group: LimitGroup, params: Json, done: Done, urgency: Urgency = ENTRY): void {
    const { commandMs } = this.#parts.settings
    this.#parts.rest.call({ method: 'POST', path, group, urgency, params, signed: true, deadlineMs: commandMs, waitMs: commandMs, again: true }, (answer) => done(outcomeOf(answer)))
  }
}
