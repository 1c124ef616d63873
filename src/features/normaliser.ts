import { fail } from '../core/index.ts'

/** A finished standardisation: what a model was trained with, and what its inputs are scaled with for ever. */
export interface Scaler {
  readonly format: 1
  readonly version: string
  readonly names: readonly string[]
  /** Vectors that it stands on. */
  readonly count: number
  readonly mean: readonly number[]
  /** Population deviation; 0 for a feature that never varied. */
  readonly deviation: readonly number[]
}

/**
 * Running mean and variance of every feature (Welford 1962), fed vector by vector in one pass and saved at any time.
 * What was saved can be loaded and fed on, with the same result as if it had never stopped.
 */
export class Normaliser {
  readonly names: readonly string[]
  #count = 0
  readonly #mean: Float64Array
  /** Σ (x − mean)². */
  readonly #squares: Float64Array

  constructor(names: readonly string[]) {
    this.names = names
    this.#mean = new Float64Array(names.length)
    this.#squares = new Float64Array(names.length)
  }

  /** Continues a saved one. @throws RM_SCALER for other features or numbers that cannot be. */
  static from(scaler: unknown, names: readonly string[]): Normaliser {
    const checked = checkScaler(scaler, names)
    const normaliser = new Normaliser(names)
    normaliser.#count = checked.count
    for (let i = 0; i < names.length; i++) {
      normaliser.#mean[i] = checked.mean[i]!
      normaliser.#squares[i] = checked.deviation[i]! * checked.deviation[i]! * checked.count
    }
    return normaliser
  }

  get count(): number {
    return this.#count
  }

  /** One warm vector from place `at` on. @throws RM_SCALER for a value that is not finite: nothing of the vector is taken. */
  add(values: Float64Array | Float32Array, at = 0): void {
    const { names } = this
    for (let i = 0; i < names.length; i++) if (!Number.isFinite(values[at + i]!)) fail('RM_SCALER', { what: `${names[i]} of vector ${this.#count}`, actual: values[at + i], needed: 'a finite number' })
    const count = ++this.#count
    for (let i = 0; i < names.length; i++) {
      const value = values[at + i]!
      const distance = value - this.#mean[i]!
      this.#mean[i]! += distance / count
      this.#squares[i]! += distance * (value - this.#mean[i]!)
    }
  }

  /** As it stands. @throws RM_SCALER before the first vector. */
  scaler(version: string): Scaler {
    if (this.#count === 0) fail('RM_SCALER', { what: 'the number of vectors', actual: 0, needed: 'at least one' })
    const count = this.#count
    return { format: 1, version, names: [...this.names], count, mean: [...this.#mean], deviation: Array.from(this.#squares, (squares) => Math.sqrt(squares / count)) }
  }
}

/** @throws RM_SCALER with what is wrong, where, and what was needed. */
export function checkScaler(value: unknown, names: readonly string[]): Scaler {
  const scaler = value as Partial<Scaler> | null
  if (typeof scaler !== 'object' || scaler === null || scaler.format !== 1) fail('RM_SCALER', { what: 'the format', actual: String(scaler?.format), needed: '1' })
  if (typeof scaler.version !== 'string' || scaler.version === '') fail('RM_SCALER', { what: 'the version', actual: String(scaler.version), needed: 'text' })
  const place = names.findIndex((name, i) => scaler.names?.[i] !== name)
  if (place >= 0 || scaler.names?.length !== names.length) fail('RM_SCALER', { what: `feature ${Math.max(place, 0)}`, actual: String(scaler.names?.[place]), needed: `${names[place]} of ${names.length} features` })
  if (!Number.isSafeInteger(scaler.count) || scaler.count! < 1) fail('RM_SCALER', { what: 'the number of vectors', actual: String(scaler.count), needed: 'a whole number ≥ 1' })
  for (const field of ['mean', 'deviation'] as const) {
    const numbers = scaler[field]
    if (!Array.isArray(numbers) || numbers.length !== names.length) fail('RM_SCALER', { what: field, actual: `${Array.isArray(numbers) ? numbers.length : typeof numbers} values`, needed: `${names.length} values` })
    const bad = numbers.findIndex((one) => !Number.isFinite(one) || (field === 'deviation' && one < 0))
    if (bad >= 0) fail('RM_SCALER', { what: `${field} of ${names[bad]}`, actual: String(numbers[bad]), needed: field === 'mean' ? 'a finite number' : 'a finite number ≥ 0' })
  }
  return scaler as Scaler
}

/**
 * (value − mean) / deviation of a whole vector, to `out` from place `outAt` on; a feature that never varied becomes 0.
 * Arrays of the scaler are read as they are: check it once when it is loaded.
 */
export function standardise(scaler: Scaler, values: Float64Array | Float32Array, at: number, out: Float32Array, outAt: number): void {
  const { mean, deviation } = scaler
  for (let i = 0; i < mean.length; i++) {
    const spread = deviation[i]!
    out[outAt + i] = spread > 0 ? (values[at + i]! - mean[i]!) / spread : 0
  }
}
