import type { Cell, Field, Layout, View } from '../memory/index.ts'

type Fields = Readonly<Record<string, Field>>

/** The one writer of a cell. Between `begin` and `end` readers see nothing of it, so write every field. */
export class CellWriter<F extends Fields> {
  readonly cell: Cell
  readonly #view: View<F>
  readonly #payload: Float64Array

  constructor(cell: Cell, layout: Layout<F>) {
    this.cell = cell
    this.#payload = new Float64Array(cell.buffer, cell.payload, layout.byteLength / 8)
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

  /** Writes the whole payload at once. @param copy as many doubles as the layout has */
  put(copy: Float64Array): void {
    this.cell.begin()
    this.#payload.set(copy)
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

/** A counter in shared memory that any thread may raise and any may watch. */
export class SharedCount {
  readonly #word: Int32Array

  constructor(buffer: SharedArrayBuffer, byteOffset: number) {
    this.#word = new Int32Array(buffer, byteOffset, 1)
  }

  /** Differs from an earlier reading exactly when somebody raised it in between, but for 2^32 times in a row. */
  get value(): number {
    return Atomics.load(this.#word, 0)
  }

  raise(): void {
    Atomics.add(this.#word, 0, 1)
  }
}
