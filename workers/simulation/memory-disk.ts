import type { VirtualTime } from '../../src/core/index.ts'
import { type JournalFs, type KillStore, MemoryKillStore } from '../../src/trading/index.ts'
import type { ProcessTime } from './process-time.ts'

/** What a write of the journal meets. `before`, `torn` and `after` end the process at that point of the write. */
export type WriteFault = 'before' | 'torn' | 'after'

interface ArmedWrite {
  readonly fault: WriteFault
  /** Writes that pass before it strikes. */
  skip: number
}

const FLUSH_MS = 2

/**
 * One file on a disk in memory, as the journal sees it. It outlives processes; what was written but not flushed is
 * lost with the power. Every process has a handle of its own.
 */
export class MemoryDisk {
  /** The side file of the kill switch, which is flushed whenever it is written. */
  readonly killStore: KillStore = new MemoryKillStore()
  #bytes = Buffer.alloc(64 * 1024)
  #size = 0
  #durable = 0
  readonly #time: VirtualTime
  readonly #writes: ArmedWrite[] = []
  /** Each write and flush takes this long, ms. */
  slowMs = 0
  /** Writes fail: no space is left. */
  full = false
  /** Flushes fail. */
  failFlushes = false
  /** Whether the last write that ended a process was on the disk as a whole. */
  lastWriteWhole = false
  /** How often each fault struck. */
  readonly struck = { before: 0, torn: 0, after: 0, full: 0, flush: 0, slow: 0 }

  constructor(time: VirtualTime) {
    this.#time = time
  }

  /** The content, to be looked at at once. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }

  /** Bytes that a power cut leaves for sure. */
  get durableBytes(): number {
    return this.#durable
  }

  /** Whether the flushed part holds this text: an id, for example. */
  coversText(text: string): boolean {
    return this.#bytes.subarray(0, this.#durable).lastIndexOf(text, undefined, 'latin1') >= 0
  }

  arm(fault: WriteFault, skip: number): void {
    this.#writes.push({ fault, skip })
  }

  /**
   * The power goes: what was flushed stays, of the rest the first `keep` (0 to 1) part.
   * @param zeros the rest of the file is there and empty, as after a size that was written before the data
   */
  cutPower(keep: number, zeros: boolean): void {
    const left = this.#durable + Math.floor((this.#size - this.#durable) * keep)
    this.#bytes.fill(0, left, this.#size)
    if (!zeros) this.#size = left
    this.#durable = this.#size
  }

  /** Every fault of it ends. */
  heal(): void {
    this.#writes.length = 0
    this.slowMs = 0
    this.full = this.failFlushes = false
  }

  /** The calls of one process. @param die ends the process in the middle of a call */
  handle(process: ProcessTime, die: () => void): JournalFs {
    const dead = (): boolean => !process.alive
    const slow = (): void => {
      if (this.slowMs <= 0) return
      this.struck.slow++
      process.stall(this.slowMs)
    }
    const flush = (): void => {
      slow()
      if (!this.failFlushes) return void (this.#durable = this.#size)
      this.struck.flush++
      throw new Error('EIO: i/o error, fdatasync')
    }
    const calls = {
      openSync: () => 3,
      closeSync: () => {},
      mkdirSync: () => undefined,
      fstatSync: () => ({ size: this.#size }),
      readSync: (_fd: number, to: Buffer, offset: number, length: number, position: number): number => this.#bytes.copy(to, offset, position, Math.min(this.#size, position + length)),
      ftruncateSync: (_fd: number, size: number) => {
        if (dead()) return
        this.#size = Math.min(this.#size, size)
        this.#durable = Math.min(this.#durable, size)
      },
      writeSync: (_fd: number, data: Uint8Array, offset: number, length: number, position: number): number => {
        if (dead()) return length
        const fault = this.#next()
        if (fault !== null) {
          this.struck[fault]++
          this.lastWriteWhole = fault === 'after'
          if (fault === 'torn') this.#write(data.subarray(offset, offset + Math.floor(length / 2)), position)
          if (fault === 'after') this.#write(data.subarray(offset, offset + length), position)
          die()
          return length
        }
        if (this.full) {
          this.struck.full++
          // A disk that fills up takes what fits.
          this.#write(data.subarray(offset, offset + Math.floor(length / 3)), position)
          throw new Error('ENOSPC: no space left on device, write')
        }
        slow()
        this.#write(data.subarray(offset, offset + length), position)
        return length
      },
      fsyncSync: () => {
        if (!dead()) flush()
      },
      fdatasyncSync: () => {
        if (!dead()) flush()
      },
      fdatasync: (_fd: number, done: (error: Error | null) => void) => {
        if (dead()) return
        const end = this.#size
        this.#time.after(FLUSH_MS, () => {
          // The system goes on with it, whether the process that asked still lives or not.
          if (!this.failFlushes) this.#durable = Math.max(this.#durable, Math.min(end, this.#size))
          else this.struck.flush++
          const error = this.failFlushes ? new Error('EIO: i/o error, fdatasync') : null
          process.enter(() => done(error))
        })
      },
    }
    return calls as unknown as JournalFs
  }

  #next(): WriteFault | null {
    const first = this.#writes[0]
    if (first === undefined || first.skip-- > 0) return null
    this.#writes.shift()
    return first.fault
  }

  #write(data: Uint8Array, position: number): void {
    const end = position + data.length
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * this.#bytes.length))
      this.#bytes.copy(larger, 0, 0, this.#size)
      this.#bytes = larger
    }
    this.#bytes.set(data, position)
    this.#size = Math.max(this.#size, end)
    this.#durable = Math.min(this.#durable, position)
  }
}
