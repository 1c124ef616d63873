import type { SymbolIndex } from '../core/index.ts'
import { fail } from '../core/index.ts'
import type { Field, Layout, View } from '../memory/index.ts'
import { ACCOUNT_VIEW, BOOK_PICTURE, CURRENT_TICK, Cell, DETECTION, FEED_HEALTH, INDICATORS, MARKET_STATS, POSITION_VIEW, REGIME, REST_QUOTE, VENUE_CLOCK } from '../memory/index.ts'
import { CellReader, CellWriter, SharedCount } from './cell-ends.ts'
import { SOURCE_NONE } from './registry-words.ts'
import { SharedClock } from './shared-clock.ts'

const MAGIC = 0x524d5243
const WORD_MAGIC = 0
const WORD_SYMBOLS = 1
/** Times that a feed of any symbol came to life: those that wait for their next try need not wait any longer. */
const WORD_FEEDS_LIVE = 2
/** Byte of the word that says until when one thread measures the venue's clock for all. */
const CLAIM_BYTE = 16
const HEADER_BYTES = 64

const SYMBOL_LAYOUTS: readonly Layout[] = [CURRENT_TICK, MARKET_STATS, BOOK_PICTURE, POSITION_VIEW, REST_QUOTE, FEED_HEALTH, INDICATORS, REGIME, DETECTION] as unknown as readonly Layout[]
const cellBytes = (layout: { readonly byteLength: number }): number => Cell.bytesFor(layout.byteLength)
/** Byte of each cell from the start of its symbol's block, and the length of the block. */
const OFFSETS: readonly number[] = SYMBOL_LAYOUTS.map((_, i) => SYMBOL_LAYOUTS.slice(0, i).reduce((sum, layout) => sum + cellBytes(layout), 0))
const CELLS_BYTES = SYMBOL_LAYOUTS.reduce((sum, layout) => sum + cellBytes(layout), 0)
/** Behind the cells of a symbol: words that say what somebody wants of its ingest actor. */
const WISH_BYTES = 64
const BLOCK_BYTES = CELLS_BYTES + WISH_BYTES
/** Behind the header: the account, and the clock of the venue. */
const ACCOUNT_BYTES = cellBytes(ACCOUNT_VIEW)
const COMMON_BYTES = ACCOUNT_BYTES + cellBytes(VENUE_CLOCK)

/**
 * The latest truth of every symbol in one shared buffer, readable from any thread: the current tick, the statistics,
 * a picture of the book, the position; and one account for all. The buffer belongs to the supervisor.
 */
export class RegistryMemory {
  readonly buffer: SharedArrayBuffer
  readonly symbols: number

  private constructor(buffer: SharedArrayBuffer, symbols: number) {
    this.buffer = buffer
    this.symbols = symbols
  }

  static bytesFor(symbols: number): number {
    return HEADER_BYTES + COMMON_BYTES + symbols * BLOCK_BYTES
  }

  /** @throws RM_REGISTRY_BUFFER unless `symbols` is a positive integer. */
  static create(symbols: number): RegistryMemory {
    if (!Number.isSafeInteger(symbols) || symbols <= 0) fail('RM_REGISTRY_BUFFER', { expected: 'at least one symbol', actual: `${symbols} symbols` })
    const registry = new RegistryMemory(new SharedArrayBuffer(RegistryMemory.bytesFor(symbols)), symbols)
    for (let symbol = 0; symbol < symbols; symbol++) registry.#blank(symbol)
    const words = new Int32Array(registry.buffer)
    words[WORD_SYMBOLS] = symbols
    Atomics.store(words, WORD_MAGIC, MAGIC)
    return registry
  }

  /** The registry that another thread created. @throws RM_REGISTRY_BUFFER when it is none, or of other symbols. */
  static attach(buffer: SharedArrayBuffer, symbols: number): RegistryMemory {
    const head = buffer.byteLength >= HEADER_BYTES ? new Int32Array(buffer, 0, 2) : null
    const found = head !== null && Atomics.load(head, WORD_MAGIC) === MAGIC ? `${head[WORD_SYMBOLS]} symbols` : 'no registry'
    if (found !== `${symbols} symbols` || buffer.byteLength < RegistryMemory.bytesFor(symbols)) fail('RM_REGISTRY_BUFFER', { expected: `${symbols} symbols`, actual: found })
    return new RegistryMemory(buffer, symbols)
  }

  currentTick(symbol: SymbolIndex): Cell {
    return this.#cell(symbol, 0)
  }

  marketStats(symbol: SymbolIndex): Cell {
    return this.#cell(symbol, 1)
  }

  bookPicture(symbol: SymbolIndex): Cell {
    return this.#cell(symbol, 2)
  }

  positionView(symbol: SymbolIndex): Cell {
    return this.#cell(symbol, 3)
  }

  restQuote(symbol: SymbolIndex): Cell {
    return this.#cell(symbol, 4)
  }

  feedHealth(symbol: SymbolIndex): Cell {
    return this.#cell(symbol, 5)
  }

  indicators(symbol: SymbolIndex): Cell {
    return this.#cell(symbol, 6)
  }

  regime(symbol: SymbolIndex): Cell {
    return this.#cell(symbol, 7)
  }

  detection(symbol: SymbolIndex): Cell {
    return this.#cell(symbol, 8)
  }

  /** A word that counts how often a new connection of the symbol's feed was wished for, from any thread. */
  reconnectWish(symbol: SymbolIndex): SharedCount {
    this.#check(symbol)
    return new SharedCount(this.buffer, HEADER_BYTES + COMMON_BYTES + symbol * BLOCK_BYTES + CELLS_BYTES)
  }

  /** A word that counts how often a reader of the symbol's ticks wished to be told everything anew. */
  refreshWish(symbol: SymbolIndex): SharedCount {
    this.#check(symbol)
    return new SharedCount(this.buffer, HEADER_BYTES + COMMON_BYTES + symbol * BLOCK_BYTES + CELLS_BYTES + 4)
  }

  /** Counts how often a feed of any symbol came to life. */
  feedsLive(): SharedCount {
    return new SharedCount(this.buffer, WORD_FEEDS_LIVE * 4)
  }

  /** The venue's clock, measured by one thread for all. */
  venueClock(): SharedClock {
    return new SharedClock(new Cell(this.buffer, HEADER_BYTES + ACCOUNT_BYTES, VENUE_CLOCK.byteLength), new BigInt64Array(this.buffer, CLAIM_BYTE, 1))
  }

  accountView(): Cell {
    return new Cell(this.buffer, HEADER_BYTES, ACCOUNT_VIEW.byteLength)
  }

  /**
   * For the supervisor, when the writers of a symbol's market cells are known to be dead: what they left half-written
   * becomes "nothing known". @returns how many cells were repaired.
   */
  repairMarket(symbol: SymbolIndex): number {
    return [this.currentTick(symbol), this.marketStats(symbol), this.bookPicture(symbol), this.feedHealth(symbol)].filter((cell) => cell.repair()).length
  }

  /** As `repairMarket`, for the cells of a symbol's features and inference actors. */
  repairSignals(symbol: SymbolIndex): number {
    return [this.indicators(symbol), this.regime(symbol), this.detection(symbol)].filter((cell) => cell.repair()).length
  }

  /** As `repairMarket`, for what the execution actor writes. */
  repairTrading(): number {
    let repaired = this.accountView().repair() ? 1 : 0
    for (let symbol = 0; symbol < this.symbols; symbol++) repaired += [this.positionView(symbol), this.restQuote(symbol)].filter((cell) => cell.repair()).length
    return repaired
  }

  writeTick(symbol: SymbolIndex): CellWriter<typeof CURRENT_TICK.fields> {
    return new CellWriter(this.currentTick(symbol), CURRENT_TICK)
  }

  writeStats(symbol: SymbolIndex): CellWriter<typeof MARKET_STATS.fields> {
    return new CellWriter(this.marketStats(symbol), MARKET_STATS)
  }

  writePicture(symbol: SymbolIndex): CellWriter<typeof BOOK_PICTURE.fields> {
    return new CellWriter(this.bookPicture(symbol), BOOK_PICTURE)
  }

  writePosition(symbol: SymbolIndex): CellWriter<typeof POSITION_VIEW.fields> {
    return new CellWriter(this.positionView(symbol), POSITION_VIEW)
  }

  writeQuote(symbol: SymbolIndex): CellWriter<typeof REST_QUOTE.fields> {
    return new CellWriter(this.restQuote(symbol), REST_QUOTE)
  }

  writeFeedHealth(symbol: SymbolIndex): CellWriter<typeof FEED_HEALTH.fields> {
    return new CellWriter(this.feedHealth(symbol), FEED_HEALTH)
  }

  writeIndicators(symbol: SymbolIndex): CellWriter<typeof INDICATORS.fields> {
    return new CellWriter(this.indicators(symbol), INDICATORS)
  }

  writeRegime(symbol: SymbolIndex): CellWriter<typeof REGIME.fields> {
    return new CellWriter(this.regime(symbol), REGIME)
  }

  writeDetection(symbol: SymbolIndex): CellWriter<typeof DETECTION.fields> {
    return new CellWriter(this.detection(symbol), DETECTION)
  }

  writeAccount(): CellWriter<typeof ACCOUNT_VIEW.fields> {
    return new CellWriter(this.accountView(), ACCOUNT_VIEW)
  }

  readTick(symbol: SymbolIndex): CellReader<typeof CURRENT_TICK.fields> {
    return new CellReader(this.currentTick(symbol), CURRENT_TICK)
  }

  readStats(symbol: SymbolIndex): CellReader<typeof MARKET_STATS.fields> {
    return new CellReader(this.marketStats(symbol), MARKET_STATS)
  }

  readPicture(symbol: SymbolIndex): CellReader<typeof BOOK_PICTURE.fields> {
    return new CellReader(this.bookPicture(symbol), BOOK_PICTURE)
  }

  readPosition(symbol: SymbolIndex): CellReader<typeof POSITION_VIEW.fields> {
    return new CellReader(this.positionView(symbol), POSITION_VIEW)
  }

  readQuote(symbol: SymbolIndex): CellReader<typeof REST_QUOTE.fields> {
    return new CellReader(this.restQuote(symbol), REST_QUOTE)
  }

  readFeedHealth(symbol: SymbolIndex): CellReader<typeof FEED_HEALTH.fields> {
    return new CellReader(this.feedHealth(symbol), FEED_HEALTH)
  }

  readIndicators(symbol: SymbolIndex): CellReader<typeof INDICATORS.fields> {
    return new CellReader(this.indicators(symbol), INDICATORS)
  }

  readRegime(symbol: SymbolIndex): CellReader<typeof REGIME.fields> {
    return new CellReader(this.regime(symbol), REGIME)
  }

  readDetection(symbol: SymbolIndex): CellReader<typeof DETECTION.fields> {
    return new CellReader(this.detection(symbol), DETECTION)
  }

  readAccount(): CellReader<typeof ACCOUNT_VIEW.fields> {
    return new CellReader(this.accountView(), ACCOUNT_VIEW)
  }

  #check(symbol: SymbolIndex): void {
    if (!Number.isSafeInteger(symbol) || symbol < 0 || symbol >= this.symbols) fail('RM_REGISTRY_SYMBOL', { symbol, last: this.symbols - 1 })
  }

  #cell(symbol: SymbolIndex, which: number): Cell {
    this.#check(symbol)
    return new Cell(this.buffer, HEADER_BYTES + COMMON_BYTES + symbol * BLOCK_BYTES + OFFSETS[which]!, SYMBOL_LAYOUTS[which]!.byteLength)
  }

  /** "Not seen yet" for the fields where zero would be a number. */
  #blank(symbol: SymbolIndex): void {
    const stats = this.writeStats(symbol)
    const at = stats.begin()
    blankStats(at)
    stats.end()
    const health = this.writeFeedHealth(symbol)
    const feed = health.begin()
    feed.clockOffsetMs = Number.NaN
    feed.clockRoundTripMs = Number.NaN
    health.end()
    const tick = this.writeTick(symbol)
    const current = tick.begin()
    current.lastTicks = -1
    current.markTicks = -1
    current.source = SOURCE_NONE
    tick.end()
  }
}

/** Writes "not seen yet" to every field of the statistics. */
export function blankStats(stats: View<typeof MARKET_STATS.fields>): void {
  for (const [name, { type }] of Object.entries(MARKET_STATS.fields) as [keyof typeof MARKET_STATS.fields, Field][]) stats[name] = type === 'f64' ? Number.NaN : 0
}
