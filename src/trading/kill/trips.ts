import { money, type Money, ZERO } from '../../core/index.ts'
import type { TradingState } from '../state.ts'
import type { KillFacts } from './facts.ts'
import type { KillCode } from './records.ts'
import type { KillSettings } from './settings.ts'
import { drawdownPercent, lossOfDay, type Trail } from './trail.ts'

export interface Trip {
  readonly code: KillCode
  readonly reason: string
  readonly values: Readonly<Record<string, string>>
  /** False for what happened once and is over: it does not hold up a release. */
  readonly lasts: boolean
}

/** What one evaluator looks at. */
export interface TripInput {
  readonly settings: KillSettings
  readonly state: TradingState
  readonly trail: Trail | null
  /** Result of trading at this moment; null while a price for it was never there. */
  readonly result: Money | null
  readonly facts: KillFacts
  readonly nowNs: number
}

type Evaluator = (input: TripInput) => Trip | null

const trip = (code: KillCode, reason: string, values: Readonly<Record<string, string>>, lasts = true): Trip => ({ code, reason, values, lasts })

/** Result of all trading in the books without what is open: realised profit less fees and funding, quote currency. */
export function realisedResult(state: TradingState): Money {
  let sum = ZERO
  for (const symbol of state.symbols.values()) sum = sum.add(symbol.ledger.net)
  return sum
}

/** True while anything of ours is at the market or may come to be: then what cannot be seen cannot be left alone. */
export const exposed = (state: TradingState): boolean => state.exposure.total > 0

export const dailyLossTrip: Evaluator = ({ settings, trail, result }) => {
  if (trail === null || result === null) return null
  const loss = lossOfDay(trail, result)
  const share = trail.baseEquity.mul(settings.dailyLossPercentMax).div(100)
  const limit = money(settings.dailyLossMax)
  const bound = share.gt(0) && share.lt(limit) ? share : limit
  if (loss.lt(bound)) return null
  return trip('daily-loss', `the day has lost ${shown(loss)}, the limit is ${shown(bound)}`, { loss: loss.toFixed(), limit: bound.toFixed(), equityAtStart: trail.baseEquity.toFixed() })
}

export const drawdownTrip: Evaluator = ({ settings, trail, result }) => {
  if (trail === null || result === null) return null
  const percent = drawdownPercent(trail, result)
  if (percent.lt(settings.drawdownPercentMax)) return null
  return trip('drawdown', `${shown(percent)} % below the peak, the limit is ${settings.drawdownPercentMax} %`, { percent: percent.toDecimalPlaces(6).toFixed(), limit: settings.drawdownPercentMax })
}

export const rejectStormTrip: Evaluator = ({ settings, state: { kill }, nowNs }) => {
  const nth = kill.refusals[kill.refusals.length - settings.rejectsMax]
  if (nth === undefined || nowNs - nth.ns > settings.rejectWindowMs * 1e6) return null
  return trip('reject-storm', `the venue refused ${settings.rejectsMax} orders within ${settings.rejectWindowMs} ms`, { refused: String(settings.rejectsMax), windowMs: String(settings.rejectWindowMs) })
}

export const staleDataTrip: Evaluator = ({ settings, state, facts }) => {
  if (facts.staleMs < settings.staleMs || !exposed(state)) return null
  return trip('stale-data', `no fresh data of at least ${settings.staleShare * 100} % of the symbols for ${Math.floor(facts.staleMs)} ms, with exposure`, { staleMs: ms(facts.staleMs), limitMs: String(settings.staleMs) })
}

/** A trip that cannot look is no protection: what it lacks for too long trips in its place. */
export const inputsMissingTrip: Evaluator = ({ settings, state, facts }) => {
  const { missingMs, walletAgeMsMax } = settings
  const price = facts.priceMissingMs >= missingMs
  const wallet = facts.walletAgeMs >= walletAgeMsMax
  if (!(price || wallet) || !exposed(state)) return null
  const what = price ? `an open position has had no price for ${Math.floor(facts.priceMissingMs)} ms` : `nothing was heard of the wallet for ${ms(facts.walletAgeMs)} ms`
  return trip('inputs-missing', `${what}: loss and drawdown cannot be told`, { priceMissingMs: ms(facts.priceMissingMs), walletAgeMs: ms(facts.walletAgeMs) })
}

export const unexplainedTrip: Evaluator = ({ settings, state: { kill } }) => {
  const { size } = kill.strangers
  if (size === 0) return null
  const reasons = [...kill.strangers.values()]
  const foreign = settings.foreignTrips && reasons.some((reason) => / foreign: /.test(reason))
  if (!foreign && (settings.frozenSymbolsMax === 0 || size < settings.frozenSymbolsMax)) return null
  return trip('unexplained', `${size} ${size === 1 ? 'symbol' : 'symbols'} changed without an order of ours: ${reasons.join('; ')}`.slice(0, 500), { symbols: [...kill.strangers.keys()].join(','), limit: foreign ? '1' : String(settings.frozenSymbolsMax) })
}

export const clockTrip: Evaluator = ({ settings, state, facts }) => {
  if (facts.clockJumpMs >= settings.clockJumpMs)
    return trip('clock', `the clocks of this machine and of the venue moved ${Math.round(facts.clockJumpMs)} ms against each other`, { jumpMs: ms(facts.clockJumpMs), limitMs: String(settings.clockJumpMs) }, false)
  if (facts.clockUnknownMs < settings.missingMs || !exposed(state)) return null
  return trip('clock', `the venue's clock has not been known for ${Math.floor(facts.clockUnknownMs)} ms, with exposure`, { unknownMs: ms(facts.clockUnknownMs), limitMs: String(settings.missingMs) })
}

export const journalTrip: Evaluator = ({ settings, facts }) => {
  if (facts.journalMs < settings.journalMs) return null
  return trip('journal', `the journal has not been writable for ${Math.floor(facts.journalMs)} ms: ${facts.journalProblem}`, { journalMs: ms(facts.journalMs), limitMs: String(settings.journalMs) })
}

export const losingStreakTrip: Evaluator = ({ settings, state }) => {
  const { losingTradesMax } = settings
  if (losingTradesMax === 0) return null
  let losses = 0
  for (let i = state.closed.length - 1; i >= 0 && losses < losingTradesMax; i--) {
    const position = state.closed[i]!
    const last = position.closes.at(-1)
    if (last === undefined) continue
    if (last.atMs <= state.kill.releasedMs || !position.realised.sub(position.fees).sub(position.funding).lt(0)) return null
    losses++
  }
  return losses < losingTradesMax ? null : trip('losing-streak', `${losses} positions in a row were closed at a loss`, { losses: String(losses), limit: String(losingTradesMax) }, false)
}

const EVALUATORS: readonly Evaluator[] = [dailyLossTrip, drawdownTrip, rejectStormTrip, unexplainedTrip, journalTrip, clockTrip, staleDataTrip, inputsMissingTrip, losingStreakTrip]

/** Every trip whose bound is broken at this moment, the gravest first. */
export function standingTrips(input: TripInput): readonly Trip[] {
  let found: Trip[] | null = null
  for (const evaluate of EVALUATORS) {
    const one = evaluate(input)
    if (one !== null) (found ??= []).push(one)
  }
  return found ?? NO_TRIPS
}

const NO_TRIPS: readonly Trip[] = []
const shown = (value: Money): string => value.toDecimalPlaces(4).toFixed()
const ms = (value: number): string => String(Number.isFinite(value) ? Math.floor(value) : -1)
