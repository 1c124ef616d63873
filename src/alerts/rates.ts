import type { SymbolHealth } from '../runtime/health/index.ts'
import type { CountGrowth } from '../telemetry/root/index.ts'

/** Rates of the last while, as far as it has been looked at. */
export interface MeasuredRates {
  /** Share of the looks at which a direction was blocked, by symbol; only symbols that were looked at through the whole while. */
  readonly blockedShare: ReadonlyMap<string, number>
  /** Votes in which somebody had an opinion, and those that led to a consensus. */
  readonly votes: number
  readonly agreed: number
}

/** Parts that a while is cut into: it moves on by one of them. */
const PARTS = 10

interface Part {
  readonly number: number
  votes: number
  agreed: number
  readonly looks: Map<string, { all: number; blocked: number }>
}

/** Sums over a sliding while, in parts: what is older than the while is forgotten, a tenth at a time. */
export class Rates {
  readonly #partMs: number
  #parts: Part[] = []

  constructor(whileMs: number) {
    this.#partMs = whileMs / PARTS
  }

  onCounts(counts: readonly CountGrowth[], nowMs: number): void {
    for (const { name, label, by } of counts) {
      if (name !== 'votes') continue
      const part = this.#part(nowMs)
      part.votes += by
      if (label === 'agreed') part.agreed += by
    }
  }

  onLook(symbols: readonly SymbolHealth[], nowMs: number): void {
    const { looks } = this.#part(nowMs)
    for (const { symbol, detection } of symbols) {
      if (detection === null) continue
      const seen = looks.get(symbol) ?? { all: 0, blocked: 0 }
      seen.all += 1
      if (detection.buying !== null || detection.selling !== null) seen.blocked += 1
      looks.set(symbol, seen)
    }
  }

  measured(nowMs: number): MeasuredRates {
    this.#part(nowMs)
    const parts = this.#parts
    const total = (of: (part: Part) => number): number => parts.reduce((sum, part) => sum + of(part), 0)
    const blockedShare = new Map<string, number>()
    if (parts.length === PARTS) {
      for (const symbol of parts[0]!.looks.keys()) {
        if (!parts.every(({ looks }) => looks.has(symbol))) continue
        blockedShare.set(symbol, total(({ looks }) => looks.get(symbol)!.blocked) / total(({ looks }) => looks.get(symbol)!.all))
      }
    }
    return { blockedShare, votes: total(({ votes }) => votes), agreed: total(({ agreed }) => agreed) }
  }

  #part(nowMs: number): Part {
    const number = Math.floor(nowMs / this.#partMs)
    this.#parts = this.#parts.filter((part) => part.number > number - PARTS)
    const last = this.#parts.at(-1)
    if (last?.number === number) return last
    const part = { number, votes: 0, agreed: 0, looks: new Map<string, { all: number; blocked: number }>() }
    this.#parts.push(part)
    return part
  }
}
