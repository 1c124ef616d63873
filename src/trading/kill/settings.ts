import { fail, money } from '../../core/index.ts'
import { REFUSALS_MAX } from './state.ts'

/** Bounds of the trips and manner of the kill switch. Amounts and percents are decimal text. */
export interface KillSettings {
  /** Loss of a day that trips, quote currency; the smaller of it and the percentage holds. */
  readonly dailyLossMax: string
  /** Of the equity at the beginning of the day. */
  readonly dailyLossPercentMax: string
  readonly drawdownPercentMax: string
  /** Hour UTC at which a trading day begins. */
  readonly dayStartHour: number
  /** Orders refused by the venue, over all symbols, within the window. */
  readonly rejectsMax: number
  readonly rejectWindowMs: number
  /** Share of the symbols without fresh data, for so long, while anything is exposed. */
  readonly staleShare: number
  readonly staleMs: number
  /** How long loss and drawdown may lack a price, a wallet or a clock while anything is exposed. */
  readonly missingMs: number
  /** Oldest word of the venue about the wallet. */
  readonly walletAgeMsMax: number
  /** Symbols frozen for a stranger's or an unexplained change; 0: does not trip. */
  readonly frozenSymbolsMax: number
  /** One such symbol trips where a stranger traded or placed an order. */
  readonly foreignTrips: boolean
  /** Change of the venue clock's offset from one look to the next. */
  readonly clockJumpMs: number
  readonly journalMs: number
  /** Positions closed in a row at a loss; 0: does not trip. */
  readonly losingTradesMax: number
  /** A trip closes the positions too. */
  readonly flattenOnTrip: boolean
  /** Limit exits that filled nothing before positions are closed at market, and the longest time until then. */
  readonly flattenLimitExits: number
  readonly flattenMarketMs: number
  /** Time between two looks at all trips. */
  readonly lookMs: number
  /** Time between two records of equity while it changes. */
  readonly recordMs: number
}

export const killDefaults: KillSettings = {
  dailyLossMax: '1000',
  dailyLossPercentMax: '3',
  drawdownPercentMax: '10',
  dayStartHour: 0,
  rejectsMax: 20,
  rejectWindowMs: 60_000,
  staleShare: 0.5,
  staleMs: 30_000,
  missingMs: 60_000,
  walletAgeMsMax: 300_000,
  frozenSymbolsMax: 2,
  foreignTrips: false,
  clockJumpMs: 5000,
  journalMs: 10_000,
  losingTradesMax: 0,
  flattenOnTrip: false,
  flattenLimitExits: 2,
  flattenMarketMs: 5000,
  lookMs: 250,
  recordMs: 60_000,
}

const DECIMAL = /^\d+(?:\.\d+)?$/

/** @throws RM_TRADING_SETTINGS for the first value that protects nothing. */
export function checkKillSettings(kill: KillSettings): void {
  for (const field of ['dailyLossMax', 'dailyLossPercentMax', 'drawdownPercentMax'] as const) {
    const value = kill[field]
    if (!DECIMAL.test(value) || !money(value).gt(0)) refuse(field, value, 'a decimal above 0 is wanted')
    if (field !== 'dailyLossMax' && money(value).gt(100)) refuse(field, value, 'more than 100 percent')
  }
  for (const field of ['rejectsMax', 'rejectWindowMs', 'staleMs', 'missingMs', 'walletAgeMsMax', 'clockJumpMs', 'journalMs', 'flattenMarketMs', 'lookMs', 'recordMs'] as const)
    if (!Number.isSafeInteger(kill[field]) || kill[field] <= 0) refuse(field, kill[field], 'a whole number above 0 is wanted')
  for (const field of ['frozenSymbolsMax', 'losingTradesMax', 'flattenLimitExits'] as const)
    if (!Number.isSafeInteger(kill[field]) || kill[field] < 0) refuse(field, kill[field], 'a whole number from 0 up is wanted')
  if (!Number.isSafeInteger(kill.dayStartHour) || kill.dayStartHour < 0 || kill.dayStartHour > 23) refuse('dayStartHour', kill.dayStartHour, 'an hour of 0 to 23 is wanted')
  if (!(kill.staleShare > 0 && kill.staleShare <= 1)) refuse('staleShare', kill.staleShare, 'outside 0 to 1')
  if (kill.rejectsMax > REFUSALS_MAX) refuse('rejectsMax', kill.rejectsMax, `more than ${REFUSALS_MAX}`)
}

const refuse = (field: string, value: unknown, problem: string): never => fail('RM_TRADING_SETTINGS', { field: `kill.${field}`, value, problem })
