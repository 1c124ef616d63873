import { fail, DecimalStep, money, type Money } from '../../core/index.ts'
import type { Contract, ExchangePort } from '../port.ts'
import { PlainText } from './plain-text.ts'

/** Coins of one contract where the venue has a customary number. */
const CUSTOMARY: Readonly<Record<string, string>> = { BTC: '0.01', ETH: '0.1', XRP: '100' }
/** Instrument codes as the venue gives them; others are numbered from 20000 on. */
const CODES: Readonly<Record<string, number>> = { 'BTC-USDT-SWAP': 10459, 'ETH-USDT-SWAP': 10461 }

/**
 * Coins of one contract. The venue's customary number when one lot of the exchange is an exact decimal part of it, else
 * ten lots: so that every whole number of lots is an exact decimal number of contracts, and the other way round.
 */
export function contractValue(contract: Contract): Money {
  const lot = money(contract.lot.text)
  const customary = CUSTOMARY[contract.baseCoin]
  if (customary !== undefined) {
    const part = lot.div(customary)
    if (part.lte(1) && part.decimalPlaces() <= 12 && part.times(customary).eq(lot)) return money(customary)
  }
  return lot.times(10)
}

/** A contract of the exchange as the venue lists it: sizes in contracts of `ctVal` coins. */
export class Listing {
  /** Its present terms; units of price and size never change. */
  contract: Contract
  readonly symbol: string
  readonly instId: string
  readonly family: string
  /** The number that trade requests over WebSocket name the instrument by. */
  readonly code: number
  /** Coins of one contract. */
  readonly ctVal: Money
  /** One lot of the exchange, in contracts. */
  readonly lotSz: DecimalStep
  readonly price: PlainText
  /** Lots to contracts. */
  readonly size: PlainText
  /** Lots to coins. */
  readonly coins: PlainText

  constructor(contract: Contract, code: number) {
    this.contract = contract
    this.symbol = contract.symbol
    this.family = `${contract.baseCoin}-${contract.quoteCoin}`
    this.instId = `${this.family}-SWAP`
    this.code = CODES[this.instId] ?? code
    this.ctVal = contractValue(contract)
    this.lotSz = new DecimalStep(money(contract.lot.text).div(this.ctVal).toFixed())
    this.price = new PlainText(contract.tick)
    this.size = new PlainText(this.lotSz)
    this.coins = new PlainText(contract.lot)
  }
}

/** All instruments of the venue, by every name they go by. */
export class Listings {
  readonly all: readonly Listing[]
  readonly #instIds = new Map<string, Listing>()
  readonly #symbols = new Map<string, Listing>()
  readonly #codes = new Map<number, Listing>()
  #stopListening: (() => void) | null = null

  /** @throws RM_EXCHANGE_CONTRACT when two contracts come to the same instrument. */
  constructor(contracts: readonly Contract[]) {
    this.all = contracts.map((contract, index) => new Listing(contract, 20_000 + index))
    for (const listing of this.all) {
      if (this.#instIds.has(listing.instId)) fail('RM_EXCHANGE_CONTRACT', { symbol: listing.symbol, problem: `a second contract is listed as ${listing.instId}` })
      this.#instIds.set(listing.instId, listing)
      this.#symbols.set(listing.symbol, listing)
      this.#codes.set(listing.code, listing)
    }
  }

  /** Follows the terms of the contracts; must listen before those who tell them. */
  follow(exchange: Pick<ExchangePort, 'listen'>): void {
    this.#stopListening = exchange.listen({ onInstrument: (contract) => void (this.bySymbol(contract.symbol).contract = contract) })
  }

  close(): void {
    this.#stopListening?.()
  }

  byInstId(instId: string): Listing | undefined {
    return this.#instIds.get(instId)
  }

  byCode(code: number): Listing | undefined {
    return this.#codes.get(code)
  }

  /** @throws RM_EXCHANGE_SYMBOL: symbols come from the exchange, never from a client. */
  bySymbol(symbol: string): Listing {
    return this.#symbols.get(symbol) ?? fail('RM_EXCHANGE_SYMBOL', { symbol })
  }
}
