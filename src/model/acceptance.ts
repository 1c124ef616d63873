import { type Clock, fail, Random } from '../core/index.ts'
import { ANSWER_NUMBERS, type GoldenSet } from './golden.ts'
import { emptyOutput } from './predictor.ts'
import type { ModelSession } from './session.ts'

/** Largest difference of an answer from the one expected, or between a window alone and in a batch: part of its size, at least of 1. */
export const ANSWER_TOLERANCE = 1e-4
/** Windows that a model is tried on which brings none of its own. */
const PROBES = 8
/** A model whose fastest run of one window takes longer, ms, may not be used at all: the ceiling of a prediction. */
export const RUN_CEILING_MS = 10

/** Runs that are added where none was fast enough. */
const RUNS_MORE = 20

export interface Acceptance {
  /** Windows that were run, and whether answers to them were known before. */
  readonly windows: number
  readonly golden: boolean
  /** Largest difference found, as a part of the answer's size, at least of 1. */
  readonly worstGolden: number
  readonly worstBatch: number
  /** Fastest run of one window, ms: a busy machine makes runs longer and never shorter. */
  readonly runMs: number
}

/**
 * Tries a session before anything rests on it: on the golden windows of its bundle, or where there are none on windows of
 * seeded noise. Every answer must be finite and in range, the same alone as in a batch, and the golden one where one is known.
 * @throws RM_MODEL_NOT_FINITE, RM_MODEL_RANGE, RM_MODEL_ANSWER, RM_MODEL_BATCH, RM_MODEL_CEILING, and what a run throws
 */
export async function acceptModel(session: ModelSession, golden: GoldenSet | null, clock: Clock): Promise<Acceptance> {
  const { version } = session.meta
  const { windows, inputs } = golden ?? probes(session.windowSize)
  const alone = new Float32Array(windows * ANSWER_NUMBERS)
  let runMs = Number.POSITIVE_INFINITY
  const timed = async (): Promise<void> => {
    const startNs = clock.nowNs()
    await session.run(1)
    runMs = Math.min(runMs, (clock.nowNs() - startNs) / 1e6)
  }
  for (let i = 0; i < windows; i++) {
    session.input.set(window(inputs, i, session.windowSize))
    await timed()
    session.read(0, emptyOutput())
    session.raw(0, alone, i * ANSWER_NUMBERS)
  }
  const worstGolden = golden === null ? 0 : compare(alone, golden.answers, (at, actual, expected) => fail('RM_MODEL_ANSWER', { version, ...at, actual, expected, tolerance: ANSWER_TOLERANCE }))
  const worstBatch = compare(await together(session, inputs, windows), alone, (at, actual, expected) => fail('RM_MODEL_BATCH', { version, ...at, actual, expected, tolerance: ANSWER_TOLERANCE }))
  // A run waits for its turn of the event loop: on a busy thread it may take more than a few to see a fast one.
  for (let more = 0; more < RUNS_MORE && runMs > RUN_CEILING_MS; more++) await timed()
  if (runMs > RUN_CEILING_MS) fail('RM_MODEL_CEILING', { version, tookMs: runMs, ceilingMs: RUN_CEILING_MS })
  return { windows, golden: golden !== null, worstGolden, worstBatch, runMs }
}

async function together(session: ModelSession, inputs: Float32Array, windows: number): Promise<Float32Array> {
  const answers = new Float32Array(windows * ANSWER_NUMBERS)
  for (let start = 0; start < windows; start += session.batchMax) {
    const batch = Math.min(session.batchMax, windows - start)
    session.input.set(inputs.subarray(start * session.windowSize, (start + batch) * session.windowSize))
    await session.run(batch)
    for (let i = 0; i < batch; i++) session.raw(i, answers, (start + i) * ANSWER_NUMBERS)
  }
  return answers
}

/** @returns the largest difference; the first above the tolerance, or that is none, is `wrong` */
function compare(actual: Float32Array, expected: Float32Array, wrong: (at: { readonly window: number; readonly number: number }, actual: number, expected: number) => never): number {
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!))
    if (!(difference <= ANSWER_TOLERANCE)) wrong({ window: Math.floor(i / ANSWER_NUMBERS), number: i % ANSWER_NUMBERS }, actual[i]!, expected[i]!)
    worst = Math.max(worst, difference)
  }
  return worst
}

const window = (inputs: Float32Array, at: number, size: number): Float32Array => inputs.subarray(at * size, (at + 1) * size)

/** A window of zeros, then noise about zero of growing width: raw features are of every size. */
function probes(size: number): Pick<GoldenSet, 'windows' | 'inputs'> {
  const random = new Random(17)
  return { windows: PROBES, inputs: Float32Array.from({ length: PROBES * size }, (_one, i) => Math.floor(i / size) * random.between(-1, 1)) }
}
