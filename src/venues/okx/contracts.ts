import { DecimalStep, errorLabel, fail, type Instrument, type Lots, money } from '../../core/index.ts'
import type { InstrumentState, InstrumentStatus } from '../market-port.ts'
import type { OkxQueries } from './queries.ts'
import { attempt, inTurn } from '../common/in-turn.ts'
import { type Json, show } from '../common/json.ts'

/** The venue's side of an instrument: its name there, and the grid of its sizes, which are contracts. */
export interface OkxContract {
  readonly instrument: Instrument
  readonly instId: string
  /** Needed by order operations over the socket; null where the venue gives none. */
  readonly instIdCode: number | null
  /** `lotSz`: one lot of ours (base coin) is one step of this (contracts). */
  readonly size: DecimalStep
  /** Base coin of one contract, ctVal × ctMult, decimal text. */
  readonly coins: string
  /** Fee group, '' where the venue names none. */
  readonly groupId: string
}

/** The engine's name of an instrument of the venue: `BTC-USDT-SWAP` is `BTCUSDT`; null for one that is no swap. */
export function symbolOf(instId: string): string | null {
  const parts = instId.split('-')
  return parts.length === 3 && parts[2] === 'SWAP' ? `${parts[0]}${parts[1]}` : null
}

/** The venue's name of an instrument of ours. */
export const instIdOf = (instrument: Instrument): string => `${instrument.baseCoin}-${instrument.quoteCoin}-SWAP`

/** Exact size of one lot in base coin: lotSz × ctVal × ctMult, as decimal text. */
export const lotInCoins = (lotSz: string, ctVal: string, ctMult: string): string => money(lotSz).mul(ctVal).mul(ctMult).toFixed()

/** A contract that trades. @throws RM_VENUE_SYMBOL_NOT_TRADING, RM_VENUE_INSTRUMENT. */
export function readContract(row: Json, index: number): OkxContract {
  const instId = String(row['instId'])
  const state = row['state']
  if (state !== 'live') fail('RM_VENUE_SYMBOL_NOT_TRADING', { symbol: symbolOf(instId) ?? instId, status: String(state) })
  return readTerms(row, index)
}

/** What the venue says of an instrument now, trading or not. @throws RM_VENUE_INSTRUMENT */
export function readInstrumentState(row: Json, index: number, fundingIntervalMs: number): InstrumentState {
  const { instrument, coins } = readTerms(row, index)
  const statusText = String(row['state'])
  return { instrument, status: STATUS[statusText] ?? 'suspended', statusText, fundingIntervalMs, contractValue: coins }
}

/** States of the venue; one that is not listed (preopen, rebase, test, post_only, …) takes no market orders, so it is no trading. */
const STATUS: Readonly<Record<string, InstrumentStatus>> = { live: 'trading', expired: 'closed' }

/** One row of the instruments list, whatever its state. @throws RM_VENUE_INSTRUMENT */
function readTerms(row: Json, index: number): OkxContract {
  const instId = String(row['instId'])
  const symbol = symbolOf(instId) ?? instId
  const refuse = (field: string, actual: unknown, expected: string, cause?: unknown): never => fail('RM_VENUE_INSTRUMENT', { symbol, field, actual: show(actual), expected }, cause)
  const text = (field: string): string => {
    const value = row[field]
    return typeof value === 'string' && value !== '' ? value : refuse(field, value, 'text')
  }
  const grid = (field: string, value: string): DecimalStep => {
    try {
      return new DecimalStep(value)
    } catch (error) {
      return refuse(field, value, 'a positive decimal', error)
    }
  }
  if (row['ctType'] !== 'linear') refuse('ctType', row['ctType'], 'linear')
  const [baseCoin, quoteCoin] = instId.split('-') as [string, string]
  // The contract's value must be in the coin that the symbol names, or lots would mean something else.
  if (text('ctValCcy') !== baseCoin) refuse('ctValCcy', row['ctValCcy'], baseCoin)
  if (text('settleCcy') !== quoteCoin) refuse('settleCcy', row['settleCcy'], quoteCoin)
  const size = grid('lotSz', text('lotSz'))
  grid('ctVal', text('ctVal'))
  grid('ctMult', text('ctMult'))
  const lots = (field: string): Lots => {
    const count = size.tryParse(text(field))
    return count > 0 ? count : refuse(field, row[field], `a positive multiple of ${size.text}`)
  }
  const maxLeverage = Number(text('lever'))
  if (!(maxLeverage > 0)) refuse('lever', row['lever'], 'a positive number')
  const instIdCode = row['instIdCode']
  return {
    instrument: {
      symbol,
      index,
      baseCoin,
      quoteCoin,
      tick: grid('tickSz', text('tickSz')),
      lot: grid('lotSz × ctVal', lotInCoins(text('lotSz'), text('ctVal'), text('ctMult'))),
      minLots: lots('minSz'),
      // Market and limit orders have different maxima; the smaller one is legal for both.
      maxLots: Math.min(lots('maxLmtSz'), lots('maxMktSz')),
      // The venue has a smallest size only.
      minNotional: '0',
      maxLeverage,
      venueLot: size.text,
    },
    instId,
    instIdCode: typeof instIdCode === 'number' && Number.isSafeInteger(instIdCode) ? instIdCode : null,
    size,
    coins: money(text('ctVal')).mul(text('ctMult')).toFixed(),
    groupId: typeof row['groupId'] === 'string' ? row['groupId'] : '',
  }
}

const INSTRUMENTS = '/api/v5/public/instruments'

const rowOf = (instrument: Instrument, rows: readonly Json[]): Json | null => rows.find((row) => row['instId'] === instIdOf(instrument)) ?? null

/** What a contract of its own says no to: it does not trade, or not as the engine knows it. Others have nothing to do with it. */
const ASIDE: ReadonlySet<string> = new Set(['RM_VENUE_SYMBOL_UNKNOWN', 'RM_VENUE_SYMBOL_NOT_TRADING', 'RM_VENUE_INSTRUMENT'])

/**
 * The contract by which rows of an account are read and positions are left: sizes by what the instrument itself knows of its
 * contract. null where it knows nothing, or a contract is worth something else by now.
 * @param row of the venue, null where it lists none
 */
function contractAsKnown(instrument: Instrument, row: Json | null): OkxContract | null {
  const { venueLot } = instrument
  if (venueLot === undefined) return null
  const size = new DecimalStep(venueLot)
  const coins = money(instrument.lot.text).div(size.text).toFixed()
  let terms: OkxContract | null = null
  try {
    if (row !== null) terms = readTerms(row, instrument.index)
  } catch {
    // What cannot be read says nothing about a change of value.
  }
  if (terms !== null && !money(terms.coins).eq(coins)) return null
  return { instrument, instId: instIdOf(instrument), instIdCode: terms?.instIdCode ?? null, size, coins, groupId: terms?.groupId ?? '' }
}

/** Whether two grids are the same, however they are written. */
const sameStep = (a: DecimalStep, b: DecimalStep): boolean => a.units === b.units && a.decimals === b.decimals

/**
 * The contracts of a venue as far as asked for. The engine's instruments do not carry the contract's size, so whoever
 * talks to the venue asks here first; a contract that no longer fits its instrument is an error, never a wrong size.
 */
export class OkxContracts {
  readonly #queries: OkxQueries
  readonly #known = new Map<string, OkxContract>()
  /** Of symbols that do not trade, or not on the grid that the engine knows: good for the account, and for nothing else. */
  readonly #aside = new Map<string, OkxContract>()

  constructor(queries: OkxQueries) {
    this.#queries = queries
  }

  /** Of a loaded instrument, by the engine's symbol. */
  of(symbol: string): OkxContract | undefined {
    return this.#known.get(symbol)
  }

  /** As `of`, for the account: also of a symbol that does not trade any more, or not on this grid. */
  forAccount(symbol: string): OkxContract | undefined {
    return this.#known.get(symbol) ?? this.#aside.get(symbol)
  }

  /**
   * Loads what the account needs. A symbol whose contract is not there or has changed is set aside: told with its error, and read by
   * what the engine knows of it. Only an answer that did not come fails the whole: RM_VENUE_REQUEST, RM_VENUE_REFUSED.
   * Several symbols are one question for the whole list: one by one, they would wait for their places between the questions of all market feeds.
   */
  loadForAccount(instruments: readonly Instrument[], setAside: (instrument: Instrument, error: unknown) => void, done: (error: unknown) => void): void {
    const missing = instruments.filter(({ symbol }) => this.forAccount(symbol) === undefined)
    const take = (instrument: Instrument, error: unknown, row: Json | null): unknown => {
      if (error === null) return null
      if (!ASIDE.has(errorLabel(error))) return error
      const contract = contractAsKnown(instrument, row)
      if (contract !== null) this.#aside.set(instrument.symbol, contract)
      setAside(instrument, error)
      return null
    }
    if (missing.length < 2) return inTurn(missing, (instrument, next) => this.#ask(instrument, (error, row) => next(take(instrument, error, row))), done)
    this.#queries.rows(INSTRUMENTS, 'instruments', false, [['instType', 'SWAP']], (error, rows) => {
      if (error !== null) return done(error)
      for (const instrument of missing) {
        const row = rowOf(instrument, rows)
        const problem = take(instrument, this.#tryLearn(row, instrument, rows.length), row)
        if (problem !== null) return done(problem)
      }
      done(null)
    })
  }

  /** Errors: RM_VENUE_SYMBOL_UNKNOWN, _SYMBOL_NOT_TRADING, _INSTRUMENT, _REQUEST, _REFUSED. `done` may run inside the call when all are known. */
  load(instruments: readonly Instrument[], done: (error: unknown) => void): void {
    inTurn(instruments.filter(({ symbol }) => !this.#known.has(symbol)), (instrument, next: (error: unknown) => void) => this.#ask(instrument, next), done)
  }

  /** @param done the row too, where there is one and it is refused */
  #ask(instrument: Instrument, done: (error: unknown, row: Json | null) => void): void {
    this.#queries.rows(INSTRUMENTS, 'instruments', false, [['instType', 'SWAP'], ['instId', instIdOf(instrument)]], (error, rows, answer) => {
      // The venue may also refuse the name of what it does not list any more.
      const gone = answer.kind === 'refused' && answer.errorClass === 'not-found'
      if (error !== null && !gone) return done(error, null)
      const row = rowOf(instrument, rows)
      done(this.#tryLearn(row, instrument, rows.length), row)
    })
  }

  /** @returns why the row is not taken, or null */
  #tryLearn(row: Json | null, instrument: Instrument, count: number): unknown {
    return attempt(() => this.learn(row ?? fail('RM_VENUE_SYMBOL_UNKNOWN', { symbol: instrument.symbol, count }), instrument))
  }

  /**
   * Takes a row that the venue sent while the engine runs. A contract that no longer fits its instrument is forgotten, so
   * that nothing is counted or sent by the old size: whoever needs it asks again and is refused.
   * @returns whether it still fits. @throws RM_VENUE_INSTRUMENT for a row that cannot be read.
   */
  refresh(row: Json, instrument: Instrument): boolean {
    const now = readTerms(row, instrument.index)
    const known = this.#known.get(instrument.symbol)
    const fits = sameStep(now.instrument.tick, instrument.tick) && sameStep(now.instrument.lot, instrument.lot) && (known === undefined || sameStep(now.size, known.size))
    if (!fits) {
      this.#known.delete(instrument.symbol)
      const aside = contractAsKnown(instrument, row)
      if (aside !== null) this.#aside.set(instrument.symbol, aside)
    }
    else if (row['state'] === 'live') this.#known.set(instrument.symbol, { ...now, instrument })
    return fits
  }

  /** Keeps the contract of a row for an instrument that is in use. @throws as `readContract`, and when the grids differ. */
  learn(row: Json, instrument: Instrument): void {
    const contract = readContract(row, instrument.index)
    for (const grid of ['tick', 'lot'] as const) {
      const actual = contract.instrument[grid]
      if (!sameStep(actual, instrument[grid])) fail('RM_VENUE_INSTRUMENT', { symbol: instrument.symbol, field: grid, actual: actual.text, expected: `${instrument[grid].text} as the engine knows it` })
    }
    this.#known.set(instrument.symbol, { ...contract, instrument })
    this.#aside.delete(instrument.symbol)
  }
}
