import { fail, type Instrument, money } from '../core/index.ts'
import { REGIME_NAMES } from '../market/index.ts'
import type { RegimeName } from './conditions.ts'

/** Regimes that a symbol needs exit parameters for: all that a decision can be made in. */
export const REGIMES: readonly RegimeName[] = REGIME_NAMES.filter((name) => name !== 'unknown')

/** Who may have made the decision behind an entry, by its number in the decision record. */
export const MAKERS = ['model', 'fallback', 'consensus'] as const
export type MakerName = (typeof MAKERS)[number]

/** A trailing stop, in percent of the entry price and, where they are given, in average true ranges. Decimal text. */
export interface TrailingParameters {
  /** Profit from which it trails. */
  readonly activationPercent: string
  readonly activationAtr: string | null
  /** How far behind the best price it stays. */
  readonly distancePercent: string
  readonly distanceAtr: string | null
  /** Path of the section they come from. */
  readonly source: string
}

/** One whole set of exit parameters, all from one section. Decimal text. */
export interface ExitParameters {
  /** Path of that section; stored with every position that goes by it. */
  readonly source: string
  /** Percent of the entry price. */
  readonly takeProfitPercent: string
  readonly stopLossPercent: string
  /** Multiples of the average true range; null: percent only. */
  readonly takeProfitAtr: string | null
  readonly stopLossAtr: string | null
  readonly holdMsMax: number
  /** null: the stop stays where it is. */
  readonly trailing: TrailingParameters | null
}

export type ExitSets = Readonly<Partial<Record<RegimeName, ExitParameters>>>

/** What the trading settings say about where a position is left. */
export interface ExitSettings {
  /** For symbols that have no set of their own. */
  readonly byRegime: ExitSets
  /** A symbol that has one set here has all of them here. */
  readonly bySymbol: Readonly<Record<string, ExitSets>>
  /** Trailing stop of a maker of decisions, whole, in place of the one in the set. */
  readonly trailingByMaker: Readonly<Partial<Record<MakerName, TrailingParameters>>>
  /** Bounds of a distance by range, as factors of the percent beside it. */
  readonly rangeFactorMin: string
  readonly rangeFactorMax: string
  /** Fee that entry and exit are counted with, each, in percent. */
  readonly takerFeePercent: string
  /** What a take profit must leave after both fees, in percent of the entry price. */
  readonly profitPercentMin: string
  /** A trailing stop moves by this much or not at all, in percent of the entry price. */
  readonly trailingStepPercent: string
}

/** The sets of one symbol, complete. */
export type SymbolExits = Readonly<Record<RegimeName, ExitParameters>>

/**
 * The sets of every instrument in every regime (EX-16): `bySymbol.{S}.{R}`, else, for a symbol that has none at all there,
 * `byRegime.{R}`. Sets are taken whole, and the sets of a symbol all from one of the two.
 * @throws RM_EXIT_PARAMETERS with every symbol and regime that has none
 */
export function compileExits(settings: ExitSettings, instruments: readonly Instrument[]): readonly SymbolExits[] {
  const missing: string[] = []
  const compiled = instruments.map(({ symbol }): SymbolExits => {
    const own = settings.bySymbol[symbol]
    const profiled = own !== undefined && REGIMES.some((regime) => own[regime] !== undefined)
    const sets = profiled ? own : settings.byRegime
    const lacking = REGIMES.filter((regime) => sets[regime] === undefined)
    for (const regime of lacking) missing.push(profiled ? `bySymbol.${symbol}.${regime}` : `byRegime.${regime} for ${symbol}`)
    return Object.fromEntries(REGIMES.map((regime) => [regime, sets[regime]])) as SymbolExits
  })
  if (missing.length > 0) fail('RM_EXIT_PARAMETERS', { count: missing.length, list: missing.join(', ') })
  return compiled
}

const DECIMAL = /^\d+(?:\.\d+)?$/

/** @throws RM_TRADING_SETTINGS for the first value that no position can be left by */
export function checkExitSettings(exit: ExitSettings): void {
  for (const [regime, set] of Object.entries(exit.byRegime)) checkSet(`exit.byRegime.${regime}`, regime, set)
  for (const [symbol, sets] of Object.entries(exit.bySymbol)) for (const [regime, set] of Object.entries(sets)) checkSet(`exit.bySymbol.${symbol}.${regime}`, regime, set)
  for (const [maker, trailing] of Object.entries(exit.trailingByMaker)) {
    if (!(MAKERS as readonly string[]).includes(maker)) refuse(`exit.trailingByMaker.${maker}`, maker, `one of ${MAKERS.join(', ')} is wanted`)
    checkTrailing(`exit.trailingByMaker.${maker}`, trailing)
  }
  for (const name of ['rangeFactorMin', 'rangeFactorMax', 'trailingStepPercent'] as const) above0(`exit.${name}`, exit[name])
  if (money(exit.rangeFactorMin).gt(exit.rangeFactorMax)) refuse('exit.rangeFactorMin', exit.rangeFactorMin, `more than exit.rangeFactorMax, which is ${exit.rangeFactorMax}`)
  below100('exit.trailingStepPercent', exit.trailingStepPercent)
  for (const name of ['takerFeePercent', 'profitPercentMin'] as const) if (!DECIMAL.test(exit[name])) refuse(`exit.${name}`, exit[name], 'a decimal from 0 up is wanted')
}

function checkSet(field: string, regime: string, set: ExitParameters): void {
  if (!(REGIMES as readonly string[]).includes(regime)) refuse(field, regime, `one of ${REGIMES.join(', ')} is wanted`)
  if (set.source === '') refuse(`${field}.source`, '""', 'the path of its section is wanted')
  above0(`${field}.takeProfitPercent`, set.takeProfitPercent)
  above0(`${field}.stopLossPercent`, set.stopLossPercent)
  below100(`${field}.stopLossPercent`, set.stopLossPercent)
  if (set.takeProfitAtr !== null) above0(`${field}.takeProfitAtr`, set.takeProfitAtr)
  if (set.stopLossAtr !== null) above0(`${field}.stopLossAtr`, set.stopLossAtr)
  if (!Number.isSafeInteger(set.holdMsMax) || set.holdMsMax <= 0) refuse(`${field}.holdMsMax`, set.holdMsMax, 'a whole number above 0 is wanted')
  if (set.trailing !== null) checkTrailing(`${field}.trailing`, set.trailing)
}

function checkTrailing(field: string, trailing: TrailingParameters): void {
  if (trailing.source === '') refuse(`${field}.source`, '""', 'the path of its section is wanted')
  above0(`${field}.activationPercent`, trailing.activationPercent)
  above0(`${field}.distancePercent`, trailing.distancePercent)
  below100(`${field}.distancePercent`, trailing.distancePercent)
  if (trailing.activationAtr !== null) above0(`${field}.activationAtr`, trailing.activationAtr)
  if (trailing.distanceAtr !== null) above0(`${field}.distanceAtr`, trailing.distanceAtr)
}

function above0(field: string, value: string): void {
  if (!DECIMAL.test(value) || !money(value).gt(0)) refuse(field, value, 'a decimal above 0 is wanted')
}

function below100(field: string, value: string): void {
  if (!money(value).lt(100)) refuse(field, value, '100 percent or more')
}

const refuse = (field: string, value: unknown, problem: string): never => fail('RM_TRADING_SETTINGS', { field, value, problem })
