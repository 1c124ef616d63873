import type { Config } from '../../src/config/index.ts'
import type { VirtualTime } from '../../src/core/index.ts'
import type { ActorMessage } from '../../src/runtime/index.ts'
import type { EngineProcess } from './engine-process.ts'
import type { MemoryDisk } from './memory-disk.ts'

export interface MachineParts {
  readonly time: VirtualTime
  readonly disk: MemoryDisk
  /** Makes the next process. */
  readonly make: (config: Config) => EngineProcess
  /** The file was cut under the feet of its readers. */
  readonly onCut: () => void
}

/** How long a supervisor takes to see that a process is gone. */
const NOTICE_MS = 100

/** The computer that the engine runs on, with its supervisor: processes come, end in every way, and come back. */
export class Machine {
  readonly #parts: MachineParts
  readonly processes: EngineProcess[] = []
  /** Settings of the next start. */
  config: Config
  /** After the next end of a process that was not asked for, the next one starts so much later, ms. */
  downMs = 0
  skewMs = 0
  #keeping = true
  #starting = false

  constructor(parts: MachineParts, config: Config) {
    this.#parts = parts
    this.config = config
  }

  /** The process that the supervisor keeps, or null while there is none. */
  get current(): EngineProcess | null {
    return this.processes.findLast((one) => one.alive) ?? null
  }

  start(): void {
    this.#starting = false
    const process = this.#parts.make(this.config)
    process.clock.skewMs = this.skewMs
    this.processes.push(process)
    process.start()
  }

  /** Looks whether a process is there, and starts one where none is: called often, and at the end of each. */
  keep(): void {
    if (!this.#keeping || this.#starting || this.current !== null) return
    this.#starting = true
    const waitMs = NOTICE_MS + this.downMs
    this.downMs = 0
    this.#parts.time.after(waitMs, () => {
      if (this.#keeping && this.current === null) this.start()
      this.#starting = false
    })
  }

  /** No process is started any more. */
  release(): void {
    this.#keeping = false
  }

  /** @returns whether there was one to end */
  kill(downMs: number): boolean {
    const process = this.current
    if (process === null) return false
    this.downMs = downMs
    process.kill()
    return true
  }

  killAll(): void {
    for (const process of this.processes) process.kill()
  }

  cutPower(keep: number, zeros: boolean, downMs: number): boolean {
    if ((this.current?.config ?? this.config).journal.durability !== 'power') return false
    const had = this.kill(downMs)
    this.killAll()
    this.#parts.disk.cutPower(keep, zeros)
    this.#parts.onCut()
    return had
  }

  pause(forMs: number): number {
    const process = this.current
    process?.clock.stall(forMs)
    return process === null ? 0 : 1
  }

  skewClock(skewMs: number): number {
    this.skewMs = skewMs
    for (const process of this.processes) process.clock.skewMs = skewMs
    return 1
  }

  /** An exception at the next event of one actor. */
  plant(actor: string): number {
    const process = this.current
    const host = process?.life?.record.host
    if (process === null || host === undefined || !host.ids.includes(actor)) return 0
    host.plant(actor, 'throw')
    return 1
  }

  /** A word of a person to the engine. @returns whether there was one to hear it */
  tell(message: ActorMessage): boolean {
    const process = this.current
    const host = process?.life?.record.host
    if (process === null || host === undefined) return false
    process.clock.enter(() => host.send('execution', message))
    return true
  }

  stopAndStart(downMs: number, config: Config | null = null): boolean {
    const process = this.current
    if (config !== null) this.config = config
    if (process === null || process.stopping || !this.#keeping) return false
    this.downMs = downMs
    process.stop()
    return true
  }

  /** Somebody starts the engine a second time over the same journal; later the first one is ended. */
  startSecond(bothMs: number): boolean {
    const first = this.current
    if (first === null) return false
    this.start()
    this.#parts.time.after(bothMs, () => first.kill())
    return true
  }

  cutAll(): number {
    let cut = 0
    for (const process of this.processes) if (process.alive) cut += process.cut()
    return cut
  }
}
