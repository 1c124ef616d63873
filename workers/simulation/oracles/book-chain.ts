import type { EngineProcess } from '../engine-process.ts'

interface Chain {
  /** Number of the last update heard; NaN while the next one begins the chain. */
  last: number
  /** Time of the process at which an update was missing and no snapshot has come since; -1 for none. */
  brokenNs: number
}

const numberOf = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN)
const UPDATE = /"u":(\d+)/
const SEQUENCE = /"seqId":(-?\d+)/
const BEFORE = /"prevSeqId":(-?\d+)/

/** The numbers of book updates as they reach a process, read off the wire: when one was missing, its book is none until a snapshot (F15). */
export class BookChain {
  readonly #chains = new Map<string, Chain>()

  /** @param text a book frame that reached the process */
  heard(process: EngineProcess, symbol: string, text: string): void {
    const chain = this.#of(process, symbol)
    const okx = text.includes('"prevSeqId"')
    const number = numberOf(text, okx ? SEQUENCE : UPDATE)
    const follows = okx ? numberOf(text, BEFORE) === chain.last : number === chain.last + 1
    if (text.includes('"snapshot"') || (!okx && number === 1)) chain.brokenNs = -1
    // A repetition is told by its number, and left out.
    else if (number <= chain.last && !follows) return
    else if (!Number.isNaN(chain.last) && !follows && chain.brokenNs < 0) chain.brokenNs = process.clock.nowNs()
    chain.last = number
  }

  /** A connection is gone: whatever comes next over another begins with a snapshot, or is not looked at. */
  closed(process: EngineProcess): void {
    for (const [key, chain] of this.#chains) if (key.startsWith(`${process.number}/`)) chain.last = Number.NaN
  }

  /** Since when the book of a process has a hole, by its own clock; -1 for whole. */
  brokenNs(process: EngineProcess, symbol: string): number {
    return this.#of(process, symbol).brokenNs
  }

  #of(process: EngineProcess, symbol: string): Chain {
    const key = `${process.number}/${symbol}`
    let chain = this.#chains.get(key)
    if (chain === undefined) this.#chains.set(key, (chain = { last: Number.NaN, brokenNs: -1 }))
    return chain
  }
}
