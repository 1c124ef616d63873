import { fail, Random, type Timer, type Timers } from '../../core/index.ts'
import { runFault } from './fault-actions.ts'
import type { FaultPlan } from './faults.ts'
import { isFields } from './json.ts'

/** One fault of a plan: an action of the control page, so many ms after the start. */
export interface FaultStep {
  readonly atMs: number
  readonly action: string
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

/** Names that the faults of one front need. */
export interface FaultNames {
  /** Book topics, as the protocol writes them. */
  readonly books: readonly string[]
  /** Text by which every frame of a book is known. */
  readonly bookMark: string
}

/** Faults per minute, by kind; what is left out does not happen. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>

type Draw = (random: Random, names: FaultNames) => Omit<FaultStep, 'atMs'>

const book = (random: Random, names: FaultNames): string => names.books[random.below(names.books.length)]!
const frames = (action: string, more: (random: Random) => Readonly<Record<string, number>> = () => ({})): Draw => (random, names) => ({
  action: 'frames', fields: { action, match: names.bookMark, count: 1 + random.below(3), ...more(random) },
})
const ms = (random: Random, from: number, to: number): number => Math.round(random.between(from, to))

/** What can be drawn. Each kind takes its chances from a stream of its own: another rate of one moves no other. */
const draws = {
  'drop-frames': frames('drop'),
  'duplicate-frames': frames('duplicate'),
  'reorder-frames': frames('reorder'),
  'delay-frames': frames('delay', (random) => ({ delayMs: ms(random, 10, 3_000) })),
  'cut-frames': frames('cut', (random) => ({ count: 1, at: random.below(100_000) })),
  'damage-frames': frames('damage', (random) => ({ count: 1, at: random.below(100_000), bit: random.below(7) })),
  silence: (random) => ({ action: 'silence', fields: { connection: 'public', forMs: ms(random, 1_000, 30_000) } }),
  'slow-drain': (random) => ({ action: 'slow-drain', fields: { bytesPerSecond: 1_000 * (1 + random.below(20)), forMs: ms(random, 500, 10_000) } }),
  'skip-updates': (random, names) => ({ action: 'skip-updates', fields: { topic: book(random, names), count: 1 + random.below(3) } }),
  stall: (random, names) => ({ action: 'stall', fields: { topic: book(random, names), forMs: ms(random, 500, 15_000) } }),
  resnapshot: (random, names) => ({ action: 'resnapshot', fields: { topic: book(random, names), restart: false } }),
  restart: (random, names) => ({ action: 'resnapshot', fields: { topic: book(random, names), restart: true } }),
  'drop-connections': (random) => ({ action: 'drop-connections', fields: { connection: ['public', 'private', 'trade', 'all'][random.below(4)]!, code: [1000, 1001, 1006, 1011][random.below(4)]! } }),
  'refuse-connections': (random) => ({ action: 'refuse-connections', fields: { connection: 'all', forMs: ms(random, 500, 8_000) } }),
  'lag-replica': (random) => ({ action: 'lag-replica', fields: { lagMs: ms(random, 100, 10_000) } }),
  'fresh-replica': () => ({ action: 'lag-replica', fields: { lagMs: 0 } }),
  'lose-replies': (random) => ({ action: 'lose-replies', fields: { count: 1 + random.below(2), command: 'any' } }),
  'fail-replies': (random) => ({ action: 'fail-replies', fields: { count: 1, command: 'any', status: [500, 502, 504][random.below(3)]! } }),
  'delay-replies': (random) => ({ action: 'delay-replies', fields: { delayMs: ms(random, 50, 4_000), count: 1 + random.below(3), command: 'any' } }),
  'limit-rates': (random) => ({ action: 'limit-rates', fields: { count: 1 + random.below(5), group: '' } }),
  'shorten-lists': (random) => ({ action: 'shorten-lists', fields: { count: 1, keep: random.below(3), path: '' } }),
  'lose-pushes': (random) => ({ action: 'lose-pushes', fields: { count: 1 + random.below(3) } }),
  'duplicate-pushes': (random) => ({ action: 'duplicate-pushes', fields: { count: 1 + random.below(5) } }),
  'fill-next': (random) => ({ action: 'fill-next', fields: { count: 1, percent: 1 + random.below(99) } }),
  'close-positions': () => ({ action: 'close-positions', fields: { symbol: '' } }),
  'step-clock': (random) => ({ action: 'skew-clock', fields: { ms: ms(random, -900, 900) } }),
  maintenance: (random) => ({ action: 'plan-maintenance', fields: { afterMs: ms(random, 0, 5_000), forMs: ms(random, 1_000, 10_000), by: 'http' } }),
} as const satisfies Record<string, Draw>

export type FaultKind = keyof typeof draws
export const FAULT_KINDS = Object.keys(draws) as readonly FaultKind[]

const RATE = /^([a-z-]+)=(\d+(?:\.\d+)?)$/

/** Rates as settings have them: `kind=faults per minute`. @throws RM_FAULT_RATE for another text or an unknown kind. */
export function parseFaultRates(texts: readonly string[]): FaultRates {
  const rates: Partial<Record<FaultKind, number>> = {}
  for (const text of texts) {
    const match = RATE.exec(text)
    const kind = FAULT_KINDS.find((one) => one === match?.[1])
    if (match === null || kind === undefined) return fail('RM_FAULT_RATE', { text: text.slice(0, 100), kinds: FAULT_KINDS.join(', ') })
    rates[kind] = Number(match[2])
  }
  return rates
}

/** Kinds that draw once per 1/rate minutes; an endless plan in the order of time. */
export function* drawFaults(seed: number, rates: FaultRates, names: FaultNames): Generator<FaultStep, void> {
  const due = FAULT_KINDS.filter((kind) => (rates[kind] ?? 0) > 0).map((kind) => ({ kind, random: new Random(seed, kind), meanMs: 60_000 / rates[kind]!, atMs: 0 }))
  const advance = (one: (typeof due)[number]): void => void (one.atMs += one.random.exponential(one.meanMs))
  due.forEach(advance)
  while (due.length > 0) {
    // Of two at one moment the one that stands first in the table.
    const next = due.reduce((first, one) => (one.atMs < first.atMs ? one : first))
    yield { atMs: Math.round(next.atMs), ...draws[next.kind](next.random, names) }
    advance(next)
  }
}

/** Steps of a plan as they are kept while it runs; the oldest are forgotten. */
const STEPS_MAX = 10_000

/**
 * Arms the faults of a plan one by one on the exchange's timers. The same steps do the same: a plan that was drawn from a
 * seed can be printed (`JSON.stringify`) and played again, whole or in part.
 */
export class SeededFaults {
  readonly #faults: FaultPlan
  readonly #timers: Timers
  readonly #steps: Iterator<FaultStep>
  readonly #done: FaultStep[] = []
  #timer: Timer | null = null
  #atMs = 0

  constructor(faults: FaultPlan, timers: Timers, steps: Iterable<FaultStep>) {
    this.#faults = faults
    this.#timers = timers
    this.#steps = steps[Symbol.iterator]()
  }

  start(): void {
    if (this.#timer === null) this.#next()
  }

  /** Nothing more comes, and whatever is armed or under way ends. */
  heal(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#faults.heal()
  }

  /** What was armed so far: a plan of its own. */
  toJSON(): readonly FaultStep[] {
    return this.#done
  }

  describe(): Readonly<Record<string, unknown>> {
    return { running: this.#timer !== null, armed: this.#done.length, last: this.#done.slice(-20) }
  }

  #next(): void {
    const next: IteratorResult<FaultStep, unknown> = this.#steps.next()
    if (next.done === true) {
      this.#timer = null
      return
    }
    const step = next.value
    this.#timer = this.#timers.after(Math.max(0, step.atMs - this.#atMs), () => {
      this.#atMs = step.atMs
      this.#done.push(step)
      if (this.#done.length > STEPS_MAX) this.#done.shift()
      runFault(this.#faults, step.action, step.fields)
      this.#next()
    })
  }
}

/** A printed plan. @throws RM_FAULT_PLAN for text that is none; the fields of a step are looked at when it is its turn. */
export function parseFaultPlan(text: string): readonly FaultStep[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return fail('RM_FAULT_PLAN', { step: 0, problem: 'the text is no JSON' }, error)
  }
  if (!Array.isArray(value)) return fail('RM_FAULT_PLAN', { step: 0, problem: 'the text is no list of steps' })
  let lastMs = 0
  return (value as readonly unknown[]).map((step, index) => {
    if (!isFields(step)) return fail('RM_FAULT_PLAN', { step: index, problem: 'is no object' })
    const { atMs, action, fields } = step
    if (typeof atMs !== 'number' || !Number.isFinite(atMs) || atMs < lastMs) return fail('RM_FAULT_PLAN', { step: index, problem: `atMs ${String(atMs)} is no time at or after ${lastMs}` })
    if (typeof action !== 'string' || !isFields(fields)) return fail('RM_FAULT_PLAN', { step: index, problem: 'needs action and fields' })
    lastMs = atMs
    return { atMs, action, fields: fields as FaultStep['fields'] }
  })
}
