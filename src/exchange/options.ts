import { fail, money, type Clock, type Timers } from '../core/index.ts'
import { INSURANCE } from './accounts/account.ts'
import type { Ledger } from './ledger/facts.ts'
import type { MarketSource } from './market/source.ts'

export interface ExchangeOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** One source per symbol. */
  readonly markets: readonly MarketSource[]
  readonly ledger: Ledger
  /** Quote currency that a new account starts with, decimal text. */
  readonly startingBalance: string
  /** Accounts that start with another balance. */
  readonly balances?: Readonly<Record<string, string>>
  /** Leverage of a position that nobody has set, decimal text; capped by the contract. */
  readonly defaultLeverage: string
  /** What the insurance fund starts with, decimal text; `rules.insuranceStart` unless told. */
  readonly insurance?: string
}

/** @throws RM_EXCHANGE_SETUP for options that contradict each other. */
export function checkOptions(options: ExchangeOptions): void {
  const seen = new Set<string>()
  for (const { contract } of options.markets) {
    if (seen.has(contract.symbol)) fail('RM_EXCHANGE_SETUP', { what: `two markets for ${contract.symbol}` })
    seen.add(contract.symbol)
  }
  if (seen.size === 0) fail('RM_EXCHANGE_SETUP', { what: 'no markets' })
  if (options.balances?.[INSURANCE] !== undefined) fail('RM_EXCHANGE_SETUP', { what: `account ${INSURANCE} belongs to the exchange` })
  if (!(Number(options.defaultLeverage) >= 1)) fail('RM_EXCHANGE_SETUP', { what: `default leverage "${options.defaultLeverage}"` })
  for (const [account, text] of Object.entries({ ...options.balances, startingBalance: options.startingBalance, insurance: options.insurance ?? '0' })) {
    if (!/^\d+(\.\d+)?$/.test(text) || !money(text).isFinite()) fail('RM_EXCHANGE_SETUP', { what: `balance "${text}" of ${account}` })
  }
}
