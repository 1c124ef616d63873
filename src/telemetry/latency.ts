import { assert } from '../core/index.ts'

/*
 * Log-linear buckets: 256 of one nanosecond each, then every doubling of the value shares 128 buckets among itself.
 * A bucket is never wider than 1/128 of its values, so a percentile is at most 0.8 % too high. Up to 2^40 ns (18 minutes).
 */
const LINEAR = 256
const PER_DOUBLING = LINEAR / 2
const LINEAR_BITS = 8
const MAX_BITS = 40
const MAX_NS = 2 ** MAX_BITS - 1
export const LATENCY_BUCKETS = LINEAR + (MAX_BITS - LINEAR_BITS) * PER_DOUBLING

// Words in front of the buckets.
const COUNT = 0
const SUM = 1
const MAX = 2
const HEADER = 8
const WORDS = HEADER + LATENCY_BUCKETS

const TWO_31 = 2 ** 31
// Divisions by powers of two are exact as products with these.
const SCALE = Float64Array.from({ length: MAX_BITS }, (_, shift) => 2 ** -shift)

export interface LatencySummary {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  readonly count: number
}

const EMPTY: LatencySummary = { p50: 0, p90: 0, p99: 0, max: 0, count: 0 }

/** Index of the bucket that holds a duration of whole nanoseconds. */
function bucketOf(ns: number): number {
  if (ns < LINEAR) return ns
  const bits = ns < TWO_31 ? 32 - Math.clz32(ns) : 63 - Math.clz32(ns / TWO_31)
  const shift = bits - LINEAR_BITS
  return shift * PER_DOUBLING + Math.floor(ns * SCALE[shift]!)
}

/** Largest whole nanosecond that falls into a bucket. */
function bucketTopNs(bucket: number): number {
  if (bucket < LINEAR) return bucket
  const shift = Math.floor(bucket / PER_DOUBLING) - 1
  return (bucket - shift * PER_DOUBLING + 1) * 2 ** shift - 1
}

/**
 * Durations of one hop, in bounded memory. `record` allocates nothing. One thread writes; with a shared buffer any
 * thread reads, and may see the last few records half counted, never a torn word on a 64-bit machine.
 * Counts are doubles: 32-bit ones wrap within hours.
 */
export class LatencyHistogram {
  readonly #words: Float64Array

  /** @param words a window of `LatencyHistogram.words` doubles; fresh zeroed memory is an empty histogram. */
  constructor(words: Float64Array = new Float64Array(WORDS)) {
    assert(words.length === WORDS, `a latency histogram has ${WORDS} words, not ${words.length}`)
    this.#words = words
  }

  /** Doubles that one histogram takes. */
  static readonly words = WORDS

  /** Counts one duration in ns. Below zero counts as zero, above 2^40 as 2^40; NaN is not counted. */
  record(durationNs: number): void {
    if (!(durationNs >= 0)) {
      if (durationNs < 0) durationNs = 0
      else return
    }
    const ns = durationNs > MAX_NS ? MAX_NS : Math.floor(durationNs)
    const words = this.#words
    words[HEADER + bucketOf(ns)]! += 1
    words[COUNT]! += 1
    words[SUM]! += ns
    if (ns > words[MAX]!) words[MAX] = ns
  }

  get count(): number {
    return this.#words[COUNT]!
  }

  get sumNs(): number {
    return this.#words[SUM]!
  }

  get maxNs(): number {
    return this.#words[MAX]!
  }

  /** Adds what another histogram counted. */
  add(other: LatencyHistogram): void {
    const words = this.#words
    const more = other.#words
    const max = Math.max(words[MAX]!, more[MAX]!)
    for (let i = 0; i < WORDS; i++) words[i]! += more[i]!
    words[MAX] = max
  }

  clear(): void {
    this.#words.fill(0)
  }

  /** Smallest duration in ns that at least `percent` of the records do not exceed (top of its bucket); 0 when empty. */
  percentile(percent: number): number {
    const words = this.#words
    const count = this.#bucketTotal()
    if (count === 0) return 0
    const wanted = Math.max(1, Math.ceil((percent / 100) * count - 1e-9 * count))
    let seen = 0
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
      seen += words[HEADER + bucket]!
      if (seen >= wanted) return Math.min(bucketTopNs(bucket), words[MAX]!)
    }
    return words[MAX]!
  }

  /** Records whose bucket lies wholly at or below a duration. */
  countUpTo(durationNs: number): number {
    let seen = 0
    for (let bucket = 0; bucket < LATENCY_BUCKETS && bucketTopNs(bucket) <= durationNs; bucket++) seen += this.#words[HEADER + bucket]!
    return seen
  }

  summary(): LatencySummary {
    if (this.count === 0) return EMPTY
    return { p50: this.percentile(50), p90: this.percentile(90), p99: this.percentile(99), max: this.maxNs, count: this.count }
  }

  // Not COUNT: while another thread records, the two may differ for a moment.
  #bucketTotal(): number {
    let total = 0
    for (let i = HEADER; i < WORDS; i++) total += this.#words[i]!
    return total
  }
}

/**
 * The histograms of all hops on all threads in one shared buffer. Each thread writes its own row, so that recording
 * takes no atomics; a reader adds the rows up.
 */
export class LatencyTable {
  readonly buffer: SharedArrayBuffer
  readonly hops: readonly string[]
  readonly threads: number

  /** @param buffer of another thread's table with the same hops and threads; a new one without it. */
  constructor(hops: readonly string[], threads: number, buffer?: SharedArrayBuffer) {
    const bytes = hops.length * threads * WORDS * 8
    assert(buffer === undefined || buffer.byteLength === bytes, `a latency table of ${hops.length} hops and ${threads} threads has ${bytes} bytes, not ${buffer?.byteLength}`)
    this.hops = hops
    this.threads = threads
    this.buffer = buffer ?? new SharedArrayBuffer(bytes)
  }

  /** The histogram that thread number `thread` writes for a hop; take it once, at start. */
  at(thread: number, hop: string): LatencyHistogram {
    const column = this.hops.indexOf(hop)
    assert(column >= 0, `hop "${hop}" is one of ${this.hops.join(', ')}`)
    assert(thread >= 0 && thread < this.threads, `thread ${thread} is below ${this.threads}`)
    return new LatencyHistogram(new Float64Array(this.buffer, (thread * this.hops.length + column) * WORDS * 8, WORDS))
  }

  /** A hop over all threads, as a copy. */
  merged(hop: string): LatencyHistogram {
    const sum = new LatencyHistogram()
    for (let thread = 0; thread < this.threads; thread++) sum.add(this.at(thread, hop))
    return sum
  }

  /** Percentiles in ns of every hop that has any record. */
  summaries(): Record<string, LatencySummary> {
    const out: Record<string, LatencySummary> = {}
    for (const hop of this.hops) {
      const summary = this.merged(hop).summary()
      if (summary.count > 0) out[hop] = summary
    }
    return out
  }
}
