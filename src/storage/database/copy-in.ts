import type pg from 'pg'

/** Bytes of one message: the socket takes the next while the server reads the last. */
const CHUNK_BYTES = 1 << 18

/** What the driver's connection can do besides what its types say. */
interface CopyConnection extends pg.Connection {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

type Done = (error: Error | null | undefined, count?: number) => void

/** A `copy … from stdin` as the driver runs it: the statement, then all rows. */
export class CopyIn implements pg.Submittable {
  readonly #text: string
  readonly #rows: Buffer
  #count = 0
  /** Wrapped by the driver, which stops waiting after its time. */
  callback: Done

  /** @param rows in the text format of COPY @param done called once, with the number of rows */
  constructor(text: string, rows: Buffer, done: Done) {
    this.#text = text
    this.#rows = rows
    this.callback = done
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#text)
  }

  handleCopyInResponse(connection: CopyConnection): void {
    for (let from = 0; from < this.#rows.length; from += CHUNK_BYTES) connection.sendCopyFromChunk(this.#rows.subarray(from, from + CHUNK_BYTES))
    connection.endCopyFrom()
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#count = Number(/\d+$/.exec(text)?.[0] ?? 0)
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#count)
  }

  handleError(error: Error): void {
    this.callback(error)
  }
}
