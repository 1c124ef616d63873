import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** What the engine says of itself for the watchdog. */
export interface Pulse {
  /** Names the run of the root supervisor: another one is another engine. */
  readonly run: string
  /** Engine process that wrote it. */
  readonly pid: number
  /** Rises while the execution actor turns. */
  readonly counter: number
  /** `stopped`: in good order, with the venue's word or the deadline's; nothing is left to guard. */
  readonly state: 'running' | 'stopped'
}

/** Bytes of the file: always the same, so that one write in place replaces it whole, also on a full disk. */
const BYTES = 256

/** The one writer of the pulse: the main thread of the engine process. */
export class PulseWriter {
  readonly #run: string
  readonly #fd: number
  #counter = 0

  /** @throws what the file system says */
  constructor(path: string, run: string) {
    this.#run = run
    mkdirSync(dirname(path), { recursive: true })
    closeSync(openSync(path, 'a'))
    this.#fd = openSync(path, 'r+')
  }

  beat(): void {
    this.#counter++
    this.#write('running')
  }

  /** Last word of a clean stop; on the disk before it returns. */
  stopped(): void {
    this.#counter++
    this.#write('stopped')
    fsyncSync(this.#fd)
    closeSync(this.#fd)
  }

  #write(state: Pulse['state']): void {
    const pulse: Pulse = { run: this.#run, pid: process.pid, counter: this.#counter, state }
    writeSync(this.#fd, `${JSON.stringify(pulse).padEnd(BYTES - 1)}\n`, 0)
  }
}

/** @returns null when there is none that can be read, as before the first or in the middle of a write */
export function readPulse(path: string): Pulse | null {
  try {
    const pulse: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isPulse(pulse) ? pulse : null
  } catch {
    return null
  }
}

function isPulse(value: unknown): value is Pulse {
  if (typeof value !== 'object' || value === null) return false
  const { run, pid, counter, state } = value as Record<string, unknown>
  return typeof run === 'string' && Number.isSafeInteger(pid) && Number.isSafeInteger(counter) && (state === 'running' || state === 'stopped')
}
