import { fail } from '../../src/core/index.ts'

export type StepFields = Readonly<Record<string, string | number | boolean>>

/** One thing that goes wrong, so many ms after the start of the run. */
export interface PlanStep {
  readonly atMs: number
  readonly kind: string
  readonly fields: StepFields
}

/** Everything that one run is made of. The same case gives the same run, byte by byte. */
export interface SimulationCase {
  readonly seed: number
  readonly venue: 'bybit' | 'okx'
  /** Virtual minutes with faults; the time to heal comes on top. */
  readonly minutes: number
  readonly plan: readonly PlanStep[]
}

/** A printed case or list of steps. @throws RM_SIMULATION_PLAN for text that is none */
export function parseCase(text: string, kinds: ReadonlySet<string>): SimulationCase {
  const bad = (problem: string, cause?: unknown): never => fail('RM_SIMULATION_PLAN', { problem }, cause)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return bad('the text is no JSON', error)
  }
  if (!isFields(value)) return bad('it is no object with seed, venue, minutes and plan')
  const { seed, venue, minutes, plan } = value
  if (typeof seed !== 'number' || !Number.isSafeInteger(seed) || seed < 0) return bad(`seed ${String(seed)} is no whole number from 0 on`)
  if (venue !== 'bybit' && venue !== 'okx') return bad(`venue ${String(venue)} is neither bybit nor okx`)
  if (typeof minutes !== 'number' || !(minutes > 0 && minutes <= 1440)) return bad(`minutes ${String(minutes)} are not above 0 and at most 1440`)
  if (!Array.isArray(plan)) return bad('plan is no list of steps')
  let lastMs = 0
  const steps = (plan as readonly unknown[]).map((step, index): PlanStep => {
    if (!isFields(step)) return bad(`step ${index} is no object`)
    const { atMs, kind, fields } = step
    if (typeof atMs !== 'number' || !Number.isFinite(atMs) || atMs < lastMs) return bad(`step ${index}: atMs ${String(atMs)} is no time at or after ${lastMs}`)
    if (typeof kind !== 'string' || !kinds.has(kind)) return bad(`step ${index}: there is no fault "${String(kind).slice(0, 100)}"`)
    if (!isFields(fields) || Object.values(fields).some((one) => typeof one !== 'string' && typeof one !== 'number' && typeof one !== 'boolean')) return bad(`step ${index}: fields are not plain values`)
    lastMs = atMs
    return { atMs, kind, fields: fields as StepFields }
  })
  return { seed, venue, minutes, plan: steps }
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
