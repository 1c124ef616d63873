import type { SymbolIndex } from '../core/index.ts'
import { fail } from '../core/index.ts'
import type { Field, Layout, View } from '../memory/index.ts'
import { ACCOUNT_VIEW, BOOK_PICTURE, CURRENT_TICK, Cell, MARKET_STATS, POSITION_VIEW } from '../memory/index.ts'

type Fields = Readonly<Record<string, Field>>

const MAGIC = 0x524d5243
const WORD_MAGIC = 0
const WORD_SYMBOLS = 1
const HEADER_BYTES = 64

const SYMBOL_LAYOUTS: readonly Layout[] = [CURRENT_TICK, MARKET_STATS, BOOK_PICTURE, POSITION_VIEW] as unknown as readonly Layout[]
const cellBytes = (layout: { readonly byteLength: number }): number => Cell.bytesFor(layout.byteLength)
/** Byte of each cell from the start of its symbol's block, and the length of the block. */
const OFFSETS: readonly number[] = SYMBOL_LAYOUTS.map((_, i) => SYMBOL_LAYOUTS.slice(0, i).reduce((sum, layout) => sum + cellBytes(layout), 0))
const BLOCK_BYTES = SYMBOL_LAYOUTS.reduce((sum, layout) => sum + cellBytes(layout), 0)
const ACCOUNT_BYTES = cellBytes(ACCOUNT_VIEW)

/** CURRENT_TICK.source */
export const SOURCE_NONE = 0
export const SOURCE_STREAM = 1
export const SOURCE_REST = 2

/** The one writer of a cell. Between `begin` and `end` readers see nothing of it, so write every field. */
export class CellWriter<F extends Fields> {
  readonly cell: Cell
  readonly #view: View<F>

  constructor(cell: Cell, layout: Layout<F>) {
    this.cell = cell
    this.#view = layout.view(cell.buffer).at(cell.payload)
  }

  /** Opens the cell and returns the window to write to. */
  begin(): View<F> {
    this.cell.begin()
    return this.#view
  }

  end(): void {
    this.cell.end()
  }
}

/** One reader of a cell, with its own copy: `value` stays as it was read until the next `read`. */
export class CellReader<F extends Fields> {
  readonly cell: Cell
  readonly value: View<F>
  readonly #copy: Float64Array

  constructor(cell: Cell, layout: Layout<F>) {
    this.cell = cell
    const buffer = new ArrayBuffer(layout.byteLength)
    this.#copy = new Float64Array(buffer)
    this.value = layout.view(buffer)
  }

  /** Copies the newest whole value. @returns false when there is none: `value` must not be used. */
  read(): boolean {
    return this.cell.tryRead(this.#copy)
  }
}

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
    return HEADER_BYTES + ACCOUNT_BYTES + symbols * BLOCK_BYTES
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

  accountView(): Cell {
    return new Cell(this.buffer, HEADER_BYTES, ACCOUNT_VIEW.byteLength)
  }

  /**
   * For the supervisor, when the writers of a symbol's market cells are known to be dead: what they left half-written
   * becomes "nothing known". @returns how many cells were repaired.
   */
  repairMarket(symbol: SymbolIndex): number {
    return [this.currentTick(symbol), this.marketStats(symbol), this.bookPicture(symbol)].filter((cell) => cell.repair()).length
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

  readAccount(): CellReader<typeof ACCOUNT_VIEW.fields> {
    return new CellReader(this.accountView(), ACCOUNT_VIEW)
  }

  #cell(symbol: SymbolIndex, which: number): Cell {
    if (!Number.isSafeInteger(symbol) || symbol < 0 || symbol >= this.symbols) fail('RM_REGISTRY_SYMBOL', { symbol, last: this.symbols - 1 })
    return new Cell(this.buffer, HEADER_BYTES + ACCOUNT_BYTES + symbol * BLOCK_BYTES + OFFSETS[which]!, SYMBOL_LAYOUTS[which]!.byteLength)
  }

  /** "Not seen yet" for the fields where zero would be a number. */
  #blank(symbol: SymbolIndex): void {
    const stats = this.writeStats(symbol)
    const at = stats.begin()
    for (const name of Object.keys(MARKET_STATS.fields) as (keyof typeof MARKET_STATS.fields)[]) at[name] = Number.NaN
    stats.end()
    const tick = this.writeTick(symbol)
    const current = tick.begin()
    current.lastTicks = -1
    current.markTicks = -1
    current.source = SOURCE_NONE
    tick.end()
  }
}
