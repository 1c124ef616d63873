import { createRequire } from 'node:module'
import { fail } from '../../src/core/index.ts'
import { OrderBook } from '../../src/market/index.ts'
import type { BookUpdate } from '../../src/venues/index.ts'
import type { DeltaStream } from './streams.ts'

interface TardisLevel {
  readonly price: number
  readonly amount: number
}
interface TardisBook {
  update(change: { readonly isSnapshot: boolean; readonly bids: readonly TardisLevel[]; readonly asks: readonly TardisLevel[] }): void
  bestBid(): TardisLevel | undefined
  bestAsk(): TardisLevel | undefined
}
const { OrderBook: Tardis } = createRequire(import.meta.url)('tardis-dev') as { OrderBook: new () => TardisBook }

/** Applies the next `messages` messages of its stream, which is cycled; answers the sum of the best bids after each. */
export interface Contestant {
  readonly messages: number
  apply(messages: number): number
}

/** Plain sorted arrays, best level last: binary search and splice, with the crossed check. */
export class PlainArrays {
  valid = false
  readonly #keys: readonly [number[], number[]] = [[], []]
  readonly #lots: readonly [number[], number[]] = [[], []]

  get bestBid(): number {
    return this.#keys[0].at(-1) ?? -1
  }

  get bestAsk(): number {
    return -(this.#keys[1].at(-1) ?? -Number.MAX_SAFE_INTEGER)
  }

  apply(update: BookUpdate): number {
    if (update.snapshot) {
      this.#keys.forEach((keys) => (keys.length = 0))
      this.#lots.forEach((lots) => (lots.length = 0))
      this.valid = true
    }
    if (!this.valid) return 1
    for (let i = 0; i < update.bidCount; i++) set(this.#keys[0], this.#lots[0], update.bidTicks[i]!, update.bidLots[i]!)
    for (let i = 0; i < update.askCount; i++) set(this.#keys[1], this.#lots[1], -update.askTicks[i]!, update.askLots[i]!)
    if (this.bestBid >= this.bestAsk) this.valid = false
    return this.valid ? 0 : 2
  }
}

function set(keys: number[], lots: number[], key: number, size: number): void {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  if (keys[low] === key) {
    if (size !== 0) lots[low] = size
    else {
      keys.splice(low, 1)
      lots.splice(low, 1)
    }
  } else if (size !== 0) {
    keys.splice(low, 0, key)
    lots.splice(low, 0, size)
  }
}

const record = (levels: number): BookUpdate => ({
  snapshot: true, updateId: 1, sequence: -1, venueTimeMs: 0, pushTimeMs: 0, bidCount: 0, askCount: 0,
  bidTicks: new Float64Array(levels), bidLots: new Float64Array(levels), askTicks: new Float64Array(levels), askLots: new Float64Array(levels),
})

/** Feeds a book with the reused record of a decoder; copying a delta into it is part of the time. */
function overRecords(book: { apply(update: BookUpdate): number; readonly bestBid: number; readonly bestAsk: number }, stream: DeltaStream, perMessage: number): Contestant {
  const { sides, ticks, lots, count } = stream
  const update = record(perMessage)
  book.apply(update)
  update.snapshot = false
  const { bidTicks, bidLots, askTicks, askLots } = update
  let i = 0
  return {
    messages: Math.ceil(count / perMessage),
    apply(messages) {
      let sum = 0
      for (let m = 0; m < messages; m++) {
        if (i >= count) i = 0
        let bids = 0
        let asks = 0
        for (const end = Math.min(i + perMessage, count); i < end; i++) {
          if (sides[i] === 0) {
            bidTicks[bids] = ticks[i]!
            bidLots[bids++] = lots[i]!
          } else {
            askTicks[asks] = ticks[i]!
            askLots[asks++] = lots[i]!
          }
        }
        update.bidCount = bids
        update.askCount = asks
        update.updateId = i
        const result = book.apply(update)
        if (result !== 0) fail('RM_ASSERT', { what: `delta ${i} of the benchmark is applied (${result})` })
        sum += book.bestBid
      }
      return sum
    },
  }
}

export const ours = (stream: DeltaStream, perMessage = 1): Contestant => overRecords(OrderBook.create(), stream, perMessage)
export const plain = (stream: DeltaStream, perMessage = 1): Contestant => overRecords(new PlainArrays(), stream, perMessage)

/** tardis-dev gets its messages ready-made, as its own decoder would hand them over. */
export function tardis(stream: DeltaStream, perMessage = 1): Contestant {
  const book = new Tardis()
  book.update({ isSnapshot: true, bids: [], asks: [] })
  const messages: { isSnapshot: boolean; bids: TardisLevel[]; asks: TardisLevel[] }[] = []
  for (let i = 0; i < stream.count; i++) {
    if (i % perMessage === 0) messages.push({ isSnapshot: false, bids: [], asks: [] })
    const message = messages.at(-1)!
    ;(stream.sides[i] === 0 ? message.bids : message.asks).push({ price: stream.ticks[i]!, amount: stream.lots[i]! })
  }
  let i = 0
  return {
    messages: messages.length,
    apply(count) {
      let sum = 0
      for (let m = 0; m < count; m++) {
        if (i >= messages.length) i = 0
        book.update(messages[i++]!)
        sum += book.bestBid()?.price ?? -1
      }
      return sum
    },
  }
}
