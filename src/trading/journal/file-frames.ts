import type { FrameSource } from './frame.ts'

/** Read at a time. Large enough that reading costs little beside unpacking, small enough to be no burden beside the engine. */
const WINDOW_BYTES = 4 * 1024 * 1024

export type ReadFs = { readonly readSync: (fd: number, buffer: Buffer, offset: number, length: number, position: number) => number }

/** The bytes of an open file through a window that moves over it: a journal may be larger than any buffer can be. */
export class FileFrames implements FrameSource {
  readonly bytes: number
  readonly #fs: ReadFs
  readonly #fd: number
  readonly #window: Buffer
  #from = 0
  #length = 0

  /** @param bytes of the file that count @param windowBytes at least as much as is ever asked for */
  constructor(fs: ReadFs, fd: number, bytes: number, windowBytes = WINDOW_BYTES) {
    this.#fs = fs
    this.#fd = fd
    this.bytes = bytes
    this.#window = Buffer.allocUnsafe(Math.min(bytes, windowBytes))
  }

  at(offset: number, wanted: number): Buffer {
    const need = Math.min(wanted, this.bytes - offset)
    if (offset < this.#from || offset + need > this.#from + this.#length) this.#move(offset)
    return this.#window.subarray(offset - this.#from, this.#length)
  }

  #move(offset: number): void {
    const due = Math.min(this.#window.length, this.bytes - offset)
    this.#from = offset
    this.#length = 0
    while (this.#length < due) {
      const read = this.#fs.readSync(this.#fd, this.#window, this.#length, due - this.#length, offset + this.#length)
      if (read <= 0) break
      this.#length += read
    }
  }
}
