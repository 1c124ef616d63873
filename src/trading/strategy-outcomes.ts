import { type Money, ZERO } from '../core/index.ts'
import { STRATEGY_NAMES, type StrategyName } from '../memory/index.ts'
import type { DecisionBasis } from './basis.ts'

/** Who can have brought a position: a strategy that voted for it, or who had the word. */
export type Bringer = StrategyName | 'model' | 'consensus' | 'single'

export interface StrategyOutcome {
  trades: number
  /** Trades that left something after fees and funding. */
  wins: number
  /** Quote currency, after fees and funding. */
  net: Money
}

/** What is looked at of a position that has closed; amounts in quote currency. */
export interface ClosedBasis {
  readonly basis: DecisionBasis | null
  readonly voters: number
  readonly realised: Money
  readonly fees: Money
  readonly funding: Money
}

/**
 * What became of the positions that each strategy voted for (SG-14): a fold over positions as they close, so it is the same after every
 * restart. Funding that is told after the close is taken in when it is told. Fees in other coins are not in it.
 */
export class StrategyOutcomes {
  readonly #by = new Map<Bringer, StrategyOutcome>()

  /** A position has closed. One without a basis counts for nobody. */
  note(closed: ClosedBasis): void {
    for (const name of bringersOf(closed)) this.#add(name, netOf(closed))
  }

  /** Funding of a position that is noted already. @param closed with the funding in it @param fee the part that was told just now, quote currency */
  fund(closed: ClosedBasis, fee: Money): void {
    const net = netOf(closed)
    const won = Number(net.gt(0)) - Number(net.add(fee).gt(0))
    for (const name of bringersOf(closed)) {
      const outcome = this.#by.get(name)
      if (outcome === undefined) continue
      outcome.net = outcome.net.sub(fee)
      outcome.wins += won
    }
  }

  entries(): IterableIterator<[Bringer, Readonly<StrategyOutcome>]> {
    return this.#by.entries()
  }

  /** Takes over what `entries` of another one gave. */
  restore(entries: Iterable<[Bringer, StrategyOutcome]>): void {
    for (const [name, outcome] of entries) this.#by.set(name, { ...outcome })
  }

  of(name: Bringer): Readonly<StrategyOutcome> | undefined {
    return this.#by.get(name)
  }

  #add(name: Bringer, net: Money): void {
    let outcome = this.#by.get(name)
    if (outcome === undefined) this.#by.set(name, (outcome = { trades: 0, wins: 0, net: ZERO }))
    outcome.trades++
    if (net.gt(0)) outcome.wins++
    outcome.net = outcome.net.add(net)
  }
}

const netOf = ({ realised, fees, funding }: ClosedBasis): Money => realised.sub(fees).sub(funding)

function bringersOf({ basis, voters }: ClosedBasis): Bringer[] {
  if (basis === null) return []
  const names: Bringer[] = STRATEGY_NAMES.filter((_, i) => (voters & (1 << i)) !== 0)
  if (basis.reason === 'model' || basis.reason === 'consensus' || basis.reason === 'single') names.push(basis.reason)
  return names
}
