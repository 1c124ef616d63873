/** What the feed thread of the engine streams to the gateway. Ticks and lots are whole numbers of the grid in `FeedHello`. */

/** An instrument as the feed knows it. */
export interface FeedInstrument {
  readonly index: number
  readonly symbol: string
  readonly tick: string
  readonly lot: string
}

/** First of all, once the token was right. */
export interface FeedHello {
  readonly type: 'hello'
  readonly instruments: readonly FeedInstrument[]
  readonly featureNames: readonly string[]
}

/** Latest of one symbol; null where nothing is known yet. */
export interface FeedSymbol {
  readonly index: number
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
  /** -1 before the first. */
  readonly lastTicks: number
  readonly markTicks: number
  readonly venueTimeMs: number
  /** Age of the price by exchange or receive time, whichever is older; null before the first. */
  readonly ageMs: number | null
  readonly source: 'none' | 'stream' | 'rest'
  readonly bookValid: boolean
  readonly integrity: number | null
  readonly entries: string
  readonly volume24h: number | null
  readonly turnover24h: number | null
  readonly high24h: number | null
  readonly low24h: number | null
  readonly open24h: number | null
  readonly openInterest: number | null
  readonly fundingRate: number | null
  readonly nextFundingMs: number | null
  readonly status: string
  readonly regime: string | null
  readonly buying: { readonly detector: string; readonly confidence: number } | null
  readonly selling: { readonly detector: string; readonly confidence: number } | null
  /** Nearest levels around the mid, ticks, fractional; null: there is none, or the detector is off. */
  readonly support: { readonly ticks: number; readonly strength: number } | null
  readonly resistance: { readonly ticks: number; readonly strength: number } | null
}

/** Symbols whose cells changed since the last frame. */
export interface FeedSymbols {
  readonly type: 'symbols'
  readonly atMs: number
  readonly symbols: readonly FeedSymbol[]
}

/** Sizes and prices best first, `[ticks, lots, ticks, lots, …]`. */
export interface FeedBook {
  readonly index: number
  readonly valid: boolean
  readonly updateId: number
  readonly venueTimeMs: number
  readonly bids: readonly number[]
  readonly asks: readonly number[]
}

/** Books that somebody looks at, when they changed. */
export interface FeedBooks {
  readonly type: 'books'
  readonly atMs: number
  readonly books: readonly FeedBook[]
}

/** Values of a symbol's features, in the order of `featureNames`; only of symbols that somebody looks at. */
export interface FeedFeatures {
  readonly type: 'features'
  readonly atMs: number
  readonly rows: readonly { readonly index: number; readonly values: readonly number[] }[]
}

/** A decision off the ring, with what it rested on where that still stood there. */
export interface FeedDecision {
  readonly index: number
  /** Of the session of execution; 0 before it has one. */
  readonly epoch: number
  readonly sequence: number
  readonly vectorSequence: number
  readonly atMs: number
  readonly venueTimeMs: number
  readonly kind: 'entry' | 'exit' | 'none'
  readonly side: 'buy' | 'sell'
  readonly by: 'model' | 'fallback' | 'consensus'
  readonly confidence: number
  readonly reason: string
  /** In the order of the strategies; NaN: left out. */
  readonly votes: readonly number[]
  readonly model: { readonly sell: number; readonly hold: number; readonly buy: number; readonly confidence: number } | null
  readonly block: { readonly kind: string; readonly confidence: number } | null
  readonly configHash: string
  readonly bidTicks: number
  readonly askTicks: number
  /** From the reading of the frame to the decision, µs. */
  readonly tickToDecisionUs: number
  readonly trace: FeedTrace | null
}

/** Only of decisions that ask for an order. */
export interface FeedTrace {
  readonly features: readonly number[]
  readonly lastTicks: number
  readonly source: 'none' | 'stream' | 'rest'
  readonly receivedAgoUs: number
  readonly integrity: number | null
  readonly entries: string
}

export interface FeedDecisions {
  readonly type: 'decisions'
  /** Decisions that were overwritten before the feed came to them, since it began. */
  readonly lost: number
  readonly decisions: readonly FeedDecision[]
}

/** The account as execution shows it, quote currency. */
export interface FeedAccount {
  readonly type: 'account'
  readonly balance: number
  readonly used: number
  readonly available: number
  readonly ageMs: number
}

export type FeedMessage = FeedHello | FeedSymbols | FeedBooks | FeedFeatures | FeedDecisions | FeedAccount

/** Gateway → feed: the token first, then what it wants beyond the latest of every symbol. */
export type ToFeed = { readonly type: 'token'; readonly token: string } | { readonly type: 'want'; readonly books: readonly number[]; readonly features: readonly number[] }

/** Where the feed listens. */
export type FeedAddress = { readonly path: string } | { readonly host: string; readonly port: number }
