import { DecimalStep } from '../../core/index.ts'
import type { FeedAccount, FeedBook, FeedHello, FeedMessage, FeedSymbol } from '../link/index.ts'

/** One symbol as the feed told it last. */
export interface LiveSymbol {
  readonly index: number
  readonly symbol: string
  readonly tick: DecimalStep
  readonly lot: DecimalStep
  now: FeedSymbol | null
  /** Monotonic, when `now` came. */
  heardMs: number
  book: FeedBook | null
  features: readonly number[]
}

/** The newest of the market, as the feed of the engine streams it. */
export class MarketView {
  readonly #nowMs: () => number
  readonly #symbols = new Map<string, LiveSymbol>()
  #byIndex: (LiveSymbol | undefined)[] = []
  #featureNames: readonly string[] = []
  #account: { readonly told: FeedAccount; readonly heardMs: number } | null = null
  #up = false

  /** @param nowMs monotonic */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Whether the link to the engine is there. */
  get up(): boolean {
    return this.#up
  }

  get symbols(): IterableIterator<LiveSymbol> {
    return this.#symbols.values()
  }

  get featureNames(): readonly string[] {
    return this.#featureNames
  }

  of(symbol: string): LiveSymbol | undefined {
    return this.#symbols.get(symbol)
  }

  at(index: number): LiveSymbol | undefined {
    return this.#byIndex[index]
  }

  /** The account with its age now; null before the first word. */
  get account(): FeedAccount | null {
    if (this.#account === null) return null
    const { told, heardMs } = this.#account
    return { ...told, ageMs: Math.round(told.ageMs + this.#nowMs() - heardMs) }
  }

  /** Age of the price of a symbol now, ms; null before the first. */
  ageMs({ now, heardMs }: LiveSymbol): number | null {
    return now === null || now.ageMs === null ? null : Math.round(now.ageMs + this.#nowMs() - heardMs)
  }

  onLink(up: boolean): void {
    this.#up = up
    if (up) return
    // Nothing of it may be taken for the price of now.
    for (const live of this.#symbols.values()) {
      if (live.now !== null) live.now = { ...live.now, source: 'none', bookValid: false }
      if (live.book !== null) live.book = { ...live.book, valid: false }
    }
  }

  /** @returns the symbols whose state changed */
  hear(message: FeedMessage): readonly LiveSymbol[] {
    switch (message.type) {
      case 'hello':
        this.#begin(message)
        return []
      case 'symbols':
        return message.symbols.flatMap((now) => this.#set(now.index, (live) => Object.assign(live, { now, heardMs: this.#nowMs() })))
      case 'books':
        return message.books.flatMap((book) => this.#set(book.index, (live) => void (live.book = book)))
      case 'features':
        return message.rows.flatMap(({ index, values }) => this.#set(index, (live) => void (live.features = values)))
      case 'account':
        this.#account = { told: message, heardMs: this.#nowMs() }
        return []
      case 'decisions':
        return []
    }
  }

  #set(index: number, change: (live: LiveSymbol) => void): LiveSymbol[] {
    const live = this.#byIndex[index]
    if (live === undefined) return []
    change(live)
    return [live]
  }

  #begin({ instruments, featureNames }: FeedHello): void {
    this.#featureNames = featureNames
    this.#byIndex = []
    const gone = new Set(this.#symbols.keys())
    for (const { index, symbol, tick, lot } of instruments) {
      gone.delete(symbol)
      const known = this.#symbols.get(symbol)
      const live: LiveSymbol = known !== undefined && known.tick.text === tick && known.lot.text === lot && known.index === index ? known : { index, symbol, tick: new DecimalStep(tick), lot: new DecimalStep(lot), now: null, heardMs: 0, book: null, features: [] }
      this.#symbols.set(symbol, live)
      this.#byIndex[index] = live
    }
    for (const symbol of gone) this.#symbols.delete(symbol)
  }
}
