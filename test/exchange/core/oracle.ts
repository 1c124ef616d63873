import { BUY, type Lots, type PriceTicks, type Side } from '../../../src/core/index.ts'

export interface OracleEntry {
  owner: number
  ticks: PriceTicks
  lots: Lots
}

export type OracleFill = readonly [maker: number, taker: number, side: Side, ticks: PriceTicks, lots: Lots]

/** Price-time priority written plainly: one array per side in order of arrival, searched from the front every time. */
export class OracleBook {
  readonly sides: [OracleEntry[], OracleEntry[]] = [[], []]
  fills: OracleFill[] = []
  withdrawn: number[] = []
  readonly accountOf: (owner: number) => number

  constructor(accountOf: (owner: number) => number) {
    this.accountOf = accountOf
  }

  best(side: Side): PriceTicks | null {
    const prices = this.sides[side].map((entry) => entry.ticks)
    return prices.length === 0 ? null : side === BUY ? Math.max(...prices) : Math.min(...prices)
  }

  crosses(side: Side, ticks: PriceTicks): boolean {
    const best = this.best(side === BUY ? 1 : 0)
    return best !== null && (side === BUY ? best <= ticks : best >= ticks)
  }

  setLevel(side: Side, ticks: PriceTicks, wanted: Lots): void {
    const own = this.sides[side]
    const other: Side = side === BUY ? 1 : 0
    let lots = wanted
    while (lots > 0 && this.crosses(side, ticks)) {
      const best = this.best(other)!
      this.sides[other] = this.sides[other].filter((entry) => entry.ticks !== best || entry.owner !== 0)
      for (const entry of this.sides[other].filter((at) => at.ticks === best)) lots -= this.#trade(other, entry, 0, side, lots)
    }
    const shown = own.filter((entry) => entry.owner === 0 && entry.ticks === ticks).reduce((sum, entry) => sum + entry.lots, 0)
    if (lots > shown) own.push({ owner: 0, ticks, lots: lots - shown })
    let excess = shown - lots
    for (const entry of [...own].reverse()) {
      if (excess <= 0) break
      if (entry.owner !== 0 || entry.ticks !== ticks) continue
      const part = Math.min(excess, entry.lots)
      entry.lots -= part
      excess -= part
    }
    this.#sweep()
  }

  submit(taker: number, side: Side, limit: PriceTicks, wanted: Lots): Lots {
    const other: Side = side === BUY ? 1 : 0
    let lots = wanted
    while (lots > 0 && this.crosses(side, limit)) {
      const best = this.best(other)!
      lots -= this.#trade(other, this.sides[other].find((entry) => entry.ticks === best)!, taker, side, lots)
    }
    return lots
  }

  rest(owner: number, side: Side, ticks: PriceTicks, lots: Lots): void {
    this.sides[side].push({ owner, ticks, lots })
  }

  shrink(owner: number, lots: Lots): void {
    for (const side of this.sides) for (const entry of side) if (entry.owner === owner) entry.lots -= lots
    this.#sweep()
  }

  remove(owner: number): void {
    this.sides[0] = this.sides[0].filter((entry) => entry.owner !== owner)
    this.sides[1] = this.sides[1].filter((entry) => entry.owner !== owner)
  }

  fillable(taker: number, side: Side, limit: PriceTicks): Lots {
    return this.sides[side === BUY ? 1 : 0]
      .filter((entry) => (side === BUY ? entry.ticks <= limit : entry.ticks >= limit))
      .filter((entry) => entry.owner === 0 || this.accountOf(entry.owner) !== this.accountOf(taker))
      .reduce((sum, entry) => sum + entry.lots, 0)
  }

  /** A reported trade: better account orders first, then the queue at the price, the market's part of it going to the tail. */
  print(side: Side, ticks: PriceTicks, wanted: Lots): Lots {
    const other: Side = side === BUY ? 1 : 0
    let lots = wanted
    const better = this.sides[other].filter((entry) => entry.owner !== 0 && (side === BUY ? entry.ticks < ticks : entry.ticks > ticks))
    better.sort((a, b) => (side === BUY ? a.ticks - b.ticks : b.ticks - a.ticks))
    for (const entry of better) lots -= this.#trade(other, entry, 0, side, lots)
    let rotated = 0
    for (const entry of this.sides[other].filter((at) => at.ticks === ticks)) {
      const part = Math.min(lots, entry.lots)
      if (entry.owner === 0) {
        entry.lots -= part
        rotated += part
        lots -= part
      } else lots -= this.#trade(other, entry, 0, side, lots)
    }
    this.#sweep()
    if (rotated > 0) this.sides[other].push({ owner: 0, ticks, lots: rotated })
    return wanted - lots - rotated
  }

  levels(side: Side): [PriceTicks, Lots][] {
    const sums = new Map<PriceTicks, Lots>()
    for (const entry of this.sides[side]) sums.set(entry.ticks, (sums.get(entry.ticks) ?? 0) + entry.lots)
    return [...sums].sort((a, b) => (side === BUY ? b[0] - a[0] : a[0] - b[0]))
  }

  ahead(owner: number): Lots {
    for (const side of this.sides) {
      const at = side.findIndex((entry) => entry.owner === owner)
      if (at >= 0) return side.slice(0, at).filter((entry) => entry.ticks === side[at].ticks).reduce((sum, entry) => sum + entry.lots, 0)
    }
    return Number.NaN
  }

  #trade(side: Side, entry: OracleEntry, taker: number, takerSide: Side, lots: Lots): Lots {
    if (lots <= 0) return 0
    if (entry.owner !== 0 && taker !== 0 && this.accountOf(entry.owner) === this.accountOf(taker)) {
      this.withdrawn.push(entry.owner)
      entry.lots = 0
      this.#sweep()
      return 0
    }
    const part = Math.min(lots, entry.lots)
    entry.lots -= part
    this.fills.push([entry.owner, taker, takerSide, entry.ticks, part])
    this.sides[side] = this.sides[side].filter((at) => at.lots > 0)
    return part
  }

  #sweep(): void {
    this.sides[0] = this.sides[0].filter((entry) => entry.lots > 0)
    this.sides[1] = this.sides[1].filter((entry) => entry.lots > 0)
  }
}
