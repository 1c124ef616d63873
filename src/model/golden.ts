import { fail } from '../core/index.ts'
import { decodeNpy, encodeNpy } from './dataset/npy.ts'

/** Numbers of an answer: three logits, confidence, expected return. */
export const ANSWER_NUMBERS = 5
/** As many windows a trainer hands over. */
export const GOLDEN_WINDOWS = 16

/** Windows and the answers that their model has to give to them. */
export interface GoldenSet {
  readonly windows: number
  /** `windows` × rows × features, raw features as the engine feeds them. */
  readonly inputs: Float32Array
  /** `windows` × (sell, hold, buy logits; confidence; expected return). */
  readonly answers: Float32Array
}

/**
 * One table as a NumPy file: a row is a window, then its answer.
 * @param size numbers of a window
 * @throws RM_MODEL_GOLDEN when the numbers are not as many as the windows need, or one is not finite
 */
export function encodeGolden(version: string, golden: GoldenSet, size: number): Buffer {
  check(version, golden, size)
  const columns = size + ANSWER_NUMBERS
  const table = new Float32Array(golden.windows * columns)
  for (let i = 0; i < golden.windows; i++) {
    table.set(golden.inputs.subarray(i * size, (i + 1) * size), i * columns)
    table.set(golden.answers.subarray(i * ANSWER_NUMBERS, (i + 1) * ANSWER_NUMBERS), i * columns + size)
  }
  return encodeNpy(golden.windows, columns, table)
}

/** @param file named in errors @throws RM_DATASET_NPY, RM_MODEL_GOLDEN */
export function decodeGolden(version: string, bytes: Buffer, file: string, size: number): GoldenSet {
  const { rows, columns, values } = decodeNpy(bytes, file)
  if (columns !== size + ANSWER_NUMBERS) fail('RM_MODEL_GOLDEN', { version, problem: `${file} has ${columns} columns, a window of ${size} numbers and its answer of ${ANSWER_NUMBERS} need ${size + ANSWER_NUMBERS}` })
  const inputs = new Float32Array(rows * size)
  const answers = new Float32Array(rows * ANSWER_NUMBERS)
  for (let i = 0; i < rows; i++) {
    inputs.set(values.subarray(i * columns, i * columns + size), i * size)
    answers.set(values.subarray(i * columns + size, (i + 1) * columns), i * ANSWER_NUMBERS)
  }
  const golden = { windows: rows, inputs, answers }
  check(version, golden, size)
  return golden
}

function check(version: string, { windows, inputs, answers }: GoldenSet, size: number): void {
  if (windows < 1 || inputs.length !== windows * size || answers.length !== windows * ANSWER_NUMBERS)
    fail('RM_MODEL_GOLDEN', { version, problem: `${windows} golden windows come with ${inputs.length} inputs and ${answers.length} answers, a window takes ${size} and ${ANSWER_NUMBERS}` })
  for (const numbers of [inputs, answers]) {
    const at = numbers.findIndex((value) => !Number.isFinite(value))
    if (at >= 0) fail('RM_MODEL_GOLDEN', { version, problem: `number ${at} of the golden ${numbers === inputs ? 'windows' : 'answers'} is ${numbers[at]}` })
  }
}
