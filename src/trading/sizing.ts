import { money, type Lots, type Money, type PriceTicks } from '../core/index.ts'

/** Whole lots that a value buys at a price, rounded down. @param unit quote currency of one tick·lot */
export const lotsFor = (value: Money, priceTicks: PriceTicks, unit: Money): Lots => value.div(unit.mul(priceTicks)).floor().toNumber()

/** Value of lots at a price in quote currency, exact. */
export const valueOf = (lots: Lots, priceTicks: PriceTicks, unit: Money): Money => money(lots).mul(priceTicks).mul(unit)

/** Contracts of an instrument to its base coin, exact; `contractValue` is decimal text (OKX `ctVal`). */
export const contractsToCoins = (contracts: string, contractValue: string): Money => money(contracts).mul(money(contractValue))

/** Base coin to contracts, exact where it is a whole number of them, else the quotient at 40 digits. */
export const coinsToContracts = (coins: string, contractValue: string): Money => money(coins).div(money(contractValue))
