import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, test } from 'vitest'
import { Random } from '../../src/core/index.ts'
import { Cell, Door, Ring } from '../../src/memory/index.ts'
import { patternMemory, readPattern } from './pattern.ts'
import {
  CELL_BLANKS, CELL_F64S, CELL_READS, DOOR_PRODUCER, DOORS, DUPLICATES, FIRST_SEQUENCE, GATING_LINE, HANDLED, LEDGER_BYTES, LOSSY_ACCOUNT, LOSSY_LINE,
  LOSSY_LOST, LOSSY_MAX, LOSSY_NEXT, RECORD_BYTES, ROLES, type Role, SLOTS, STOP, STOP_READING, STOP_WRITING, type Task, VISITOR_LINE,
} from './torture-plan.ts'

/** A longer run: RINGMASTER_TORTURE_RECORDS=100000000 (a bit of memory for each). */
const RECORDS = Number(process.env.RINGMASTER_TORTURE_RECORDS ?? 2_000_000)
const KILLS_MIN = 5
const seed = Number(process.env.RINGMASTER_TORTURE_SEED ?? Date.now() % 2 ** 31)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Starts the threads of all roles, kills them at random moments, and puts new ones in their place. */
class Torturer {
  readonly random = new Random(seed, 'torturer')
  readonly ring = Ring.create(SLOTS, RECORD_BYTES, FIRST_SEQUENCE)
  readonly cell = Cell.create(CELL_F64S * 8)
  readonly doors = Door.buffer(DOORS)
  readonly ledger = new SharedArrayBuffer(LEDGER_BYTES)
  readonly marks: SharedArrayBuffer
  readonly out = new SharedArrayBuffer(LOSSY_MAX * RECORD_BYTES)
  readonly idle = new Int32Array(new SharedArrayBuffer(4))
  readonly end: number
  readonly alive = new Map<Role, { readonly worker: Worker; readonly exited: Promise<void> }>()
  readonly kills: Record<Role, number> = { producer: 0, gating: 0, lossy: 0, writer: 0, reader: 0 }
  failure: Error | null = null
  repairs = 0
  takeovers = 0
  visited = 0
  #seed = 0

  constructor() {
    const capacity = RECORDS * 2 + 1_000_000
    this.end = FIRST_SEQUENCE + capacity
    this.marks = new SharedArrayBuffer((capacity >> 3) + 1)
    this.ring.open(GATING_LINE, 'gating')
    this.ring.open(LOSSY_LINE, 'lossy')
    const numbers = new Float64Array(this.ledger)
    numbers[HANDLED] = numbers[LOSSY_NEXT] = FIRST_SEQUENCE
  }

  start(role: Role): void {
    const task: Task = {
      role, seed: seed + this.#seed++, ring: this.ring.buffer, cell: this.cell.buffer, doors: this.doors, ledger: this.ledger,
      marks: this.marks, out: this.out, end: this.end,
    }
    const worker = new Worker(new URL('./torture-worker.ts', import.meta.url), { workerData: task })
    worker.on('error', (error) => void (this.failure ??= error as Error))
    this.alive.set(role, { worker, exited: new Promise((resolve) => void worker.once('exit', () => resolve())) })
  }

  async kill(role: Role): Promise<void> {
    await this.alive.get(role)!.worker.terminate()
    this.kills[role]++
    if (role === 'writer' && this.cell.open) this.#mend()
    this.start(role)
  }

  /** Half of the dead writers' marks are repaired here, the others are left for the successor to take over. */
  #mend(): void {
    if (this.random.chance(0.5)) {
      this.takeovers++
      return
    }
    const out = new Float64Array(CELL_F64S).fill(1)
    expect(this.cell.tryRead(out), 'a cell whose writer died inside is readable').toBe(false)
    expect(this.cell.repair()).toBe(true)
    expect(this.cell.tryRead(out), 'a repaired cell is readable').toBe(true)
    expect(out.every((x) => x === 0)).toBe(true)
    this.repairs++
  }

  /** Joins the running ring as a gating consumer for a moment, and leaves again. */
  visit(): void {
    const memory = patternMemory(this.ring.buffer)
    const producer = new Door(this.doors, DOOR_PRODUCER)
    this.ring.open(VISITOR_LINE, 'gating')
    const visitor = this.ring.gatingConsumer(VISITOR_LINE)
    for (let looks = this.random.below(40); looks > 0; looks--) {
      if (visitor.available() === 0) Atomics.wait(this.idle, 0, 0, 0.2)
      const available = visitor.available()
      if (available > SLOTS) throw new Error(`visitor is ${available} records behind in ${SLOTS} slots`)
      for (let i = 0; i < available; i++) {
        const sequence = readPattern(memory, visitor.slot(i), RECORD_BYTES)
        if (sequence !== visitor.next + i) throw new Error(`visitor reads ${sequence} where ${visitor.next + i} belongs`)
      }
      visitor.advance(available)
      this.visited += available
      producer.ring()
    }
    this.ring.close(VISITOR_LINE)
    producer.ring()
  }

  /** Every kind of accident has happened, however the dice fell. */
  get enough(): boolean {
    const accidents = Math.min(...Object.values(this.kills)) >= KILLS_MIN && this.repairs > 0 && this.takeovers > 0 && this.visited > 0
    return accidents && this.ring.published >= FIRST_SEQUENCE + RECORDS
  }

  get killed(): number {
    return Object.values(this.kills).reduce((sum, kills) => sum + kills)
  }

  async run(): Promise<void> {
    for (const role of ROLES) this.start(role)
    while (this.failure === null && !this.enough && this.ring.published < this.end) {
      await pause(20 + this.random.below(100))
      if (this.random.chance(0.3)) this.visit()
      await this.kill(ROLES[this.random.below(ROLES.length)]!)
    }
    const ledger = new Int32Array(this.ledger)
    Atomics.store(ledger, STOP, STOP_WRITING)
    await this.alive.get('producer')!.exited
    Atomics.store(ledger, STOP, STOP_READING)
    await Promise.all([...this.alive.values()].map(({ exited }) => exited))
  }
}

const torturer = new Torturer()

afterAll(async () => {
  await Promise.all([...torturer.alive.values()].map(({ worker }) => worker.terminate()))
})

describe(`shared memory under threads that die at random moments (RINGMASTER_TORTURE_SEED=${seed})`, () => {
  test('tears nothing, loses nothing for the gating consumer, and counts every loss of the lossy one', { timeout: 60_000 + RECORDS / 20 }, async () => {
    await torturer.run()
    if (torturer.failure !== null) throw torturer.failure

    const numbers = new Float64Array(torturer.ledger)
    const published = torturer.ring.published
    const records = published - FIRST_SEQUENCE
    expect(records).toBeGreaterThanOrEqual(RECORDS)
    expect(numbers[HANDLED]).toBe(published)

    const account = new Int32Array(torturer.ledger)[LOSSY_ACCOUNT]! & 1
    const lost = numbers[LOSSY_LOST + 2 * account]!
    let marked = 0
    for (const byte of new Uint8Array(torturer.marks)) for (let bits = byte; bits !== 0; bits &= bits - 1) marked++
    expect(numbers[LOSSY_NEXT + 2 * account]).toBe(published)
    expect(torturer.ring.lost(LOSSY_LINE)).toBe(lost)
    expect(marked + lost).toBe(records)
    expect(marked).toBeGreaterThan(0)
    expect(lost).toBeGreaterThan(0)

    for (const role of ROLES) expect(torturer.kills[role], `kills of ${role}`).toBeGreaterThanOrEqual(KILLS_MIN)
    expect(torturer.repairs).toBeGreaterThan(0)
    expect(torturer.takeovers).toBeGreaterThan(0)
    expect(numbers[CELL_READS]).toBeGreaterThan(0)
    // The last writer may have been told to stop before it took a dead one's mark over.
    if (torturer.cell.open) torturer.cell.repair()
    const last = new Float64Array(CELL_F64S)
    torturer.cell.read(last)
    expect([...last]).toEqual([...last].map((_, i) => last[0]! * (i + 1)))
    expect(torturer.visited).toBeGreaterThan(0)
    console.log(
      `${records} records, ${torturer.killed} kills ${JSON.stringify(torturer.kills)}; gating: ${numbers[DUPLICATES]} repeats; lossy: ${marked} read + ${lost} lost; ` +
        `visitor: ${torturer.visited}; cell: ${torturer.cell.writes} writes, ${numbers[CELL_READS]} reads, ${numbers[CELL_BLANKS]} blank, ` +
        `${torturer.repairs} repairs, ${torturer.takeovers} takeovers`,
    )
  })
})
