/** What recorded lines say, free of the venue's spelling. Prices and sizes stay decimal text: the grid is the reader's to choose. */

/** Price and size as the venue wrote them; further fields of the venue may follow. */
export type TextLevel = readonly [price: string, size: string, ...rest: readonly string[]]

export interface CapturedAt {
  /** Name of the instrument as the venue spells it. */
  readonly symbol: string
  /** Receive time of the recorder: whole seconds since 1970, or -1 where it did not note one. Nanoseconds do not fit a number. */
  readonly receiveS: number
  /** The rest of the receive time, 0 to 999 999 999 ns. */
  readonly receiveNs: number
  /** The venue's own time, ms since 1970; NaN where it gave none. */
  readonly venueMs: number
  /** Line of the file, from 1. */
  readonly line: number
}

/** How a delta must follow on what came before it. */
export type ChainRule =
  /** It names the last id before it (`pu`, `prevSeqId`). */
  | 'follows'
  /** Its first id is the last one plus one (`U`, `u`, `seq`). */
  | 'next'
  /** Ids only rise. */
  | 'rising'
  | 'none'

export interface BookEvent extends CapturedAt {
  readonly kind: 'book'
  /** Name of the stream: a recording may hold several books of one instrument. */
  readonly stream: string
  readonly snapshot: boolean
  /** Where snapshots come from: `rest` ones overlap the stream and may come after its first deltas. */
  readonly sync: 'stream' | 'rest'
  readonly rule: ChainRule
  /** -1 where the venue does not say. */
  readonly previousId: number
  readonly firstId: number
  readonly lastId: number
  /** A size of 0 deletes. */
  readonly bids: readonly TextLevel[]
  readonly asks: readonly TextLevel[]
  /** Signed CRC-32 over the venue's texts, or null. */
  readonly checksum: number | null
}

export interface TradeEvent extends CapturedAt {
  readonly kind: 'trade'
  readonly price: string
  readonly size: string
  /** Side of the aggressor. */
  readonly side: 'buy' | 'sell'
  readonly id: string
  /** First and last trade number that this event stands for, or -1 where numbers are not contiguous on this venue. */
  readonly firstNumber: number
  readonly lastNumber: number
  /** Several trades of one order in one. */
  readonly aggregate: boolean
  /** Told on subscribing: it happened before the recording. */
  readonly history: boolean
}

/** Best bid and ask. */
export interface QuoteEvent extends CapturedAt {
  readonly kind: 'quote'
  readonly bidPrice: string
  readonly bidSize: string
  readonly askPrice: string
  readonly askSize: string
  /** -1 where the venue gives none. */
  readonly updateId: number
}

/** A ticker message; texts are '' for what it does not carry (delta tickers carry changes only). */
export interface TickerEvent extends CapturedAt {
  readonly kind: 'ticker'
  readonly last: string
  readonly bid: string
  readonly ask: string
  readonly mark: string
  readonly index: string
  readonly fundingRate: string
}

export interface CandleEvent extends CapturedAt {
  readonly kind: 'candle'
  readonly of: 'trades' | 'mark' | 'quotes'
  readonly openMs: number
  /** NaN for the first bar of a file that does not name its interval. */
  readonly intervalMs: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  /** Base coin; '' for a mark price or a quote. */
  readonly volume: string
  readonly closed: boolean
  /** The file leaves bars out in which nothing happened. */
  readonly sparse: boolean
}

export interface FundingEvent extends CapturedAt {
  readonly kind: 'funding'
  /** Fraction per interval, decimal text. */
  readonly rate: string
  /** Time of settlement on the whole minute: venues jitter by milliseconds. */
  readonly settleMs: number
  /** Time since the settlement before, NaN for the first: intervals change, 8 h is no rule. */
  readonly intervalMs: number
}

export interface MarkEvent extends CapturedAt {
  readonly kind: 'mark'
  readonly mark: string
  readonly index: string
  readonly fundingRate: string
  readonly nextFundingMs: number
}

/** What one unit of size is. */
export interface SizeUnit {
  /** Coins of one unit, or quote currency of one unit (inverse contracts: coins = size × value ÷ price). */
  readonly in: 'base' | 'quote'
  /** Decimal text. */
  readonly value: string
}

/** The venue's word on an instrument: its grid and what its sizes are. */
export interface InstrumentEvent extends CapturedAt {
  readonly kind: 'instrument'
  /** '' where the venue does not say. */
  readonly tick: string
  readonly lot: string
  readonly unit: SizeUnit
}

export type ControlWhat =
  | 'opened' // a connection was made
  | 'lost' //   a connection ended: what follows until the next snapshot is a known gap
  | 'sent' //   something the client said
  | 'answer' // acknowledgement, greeting, pong
  | 'dropped' // a change that cannot be applied, by the rules of the venue (unknown id, before the snapshot)
  | 'note' //   anything else about the recording itself
  | 'torn' //   the last line is cut off (RM_CAPTURE_TORN)

export interface ControlEvent extends CapturedAt {
  readonly kind: 'control'
  readonly what: ControlWhat
  readonly text: string
}

export type CaptureEvent = BookEvent | TradeEvent | QuoteEvent | TickerEvent | CandleEvent | FundingEvent | MarkEvent | InstrumentEvent | ControlEvent
export type CaptureKind = CaptureEvent['kind']
export type CaptureSink = (event: CaptureEvent) => void
