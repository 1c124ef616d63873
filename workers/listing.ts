import { type Instrument, RingmasterError } from '../src/core/index.ts'

/** What a venue says of the symbols that are to be traded. */
export interface Listing {
  readonly instruments: readonly Instrument[]
  /** Those that it does not list, or that do not trade now, with what it says of them. */
  readonly leftOut: readonly { readonly symbol: string; readonly error: RingmasterError }[]
}

export type AskInstruments = (symbols: readonly string[]) => Promise<readonly Instrument[]>

/** Errors that are about one symbol, and say nothing of the others. */
const OF_ONE_SYMBOL = new Set(['RM_VENUE_SYMBOL_UNKNOWN', 'RM_VENUE_SYMBOL_NOT_TRADING', 'RM_VENUE_INSTRUMENT'])

/**
 * The instruments of the symbols that can be traded. One that a venue has delisted, or halted, must not keep the others
 * from trading, least of all at a restart in the night.
 * @throws the error of the first symbol when none is left, and whatever is wrong with the question itself
 */
export async function listing(symbols: readonly string[], ask: AskInstruments): Promise<Listing> {
  const leftOut: { readonly symbol: string; readonly error: RingmasterError }[] = []
  for (let rest = [...symbols]; rest.length > 0; ) {
    try {
      return { instruments: await ask(rest), leftOut }
    } catch (error) {
      if (!(error instanceof RingmasterError) || !OF_ONE_SYMBOL.has(error.code)) throw error
      const symbol = String(error.details['symbol'])
      if (!rest.includes(symbol)) throw error
      leftOut.push({ symbol, error })
      rest = rest.filter((one) => one !== symbol)
    }
  }
  throw leftOut[0]!.error
}
