import type { HealthSnapshot, StandingAlert } from '../runtime/health/index.ts'
import type { Alert } from '../telemetry/index.ts'
import type { Condition, Finding } from './conditions.ts'
import type { MeasuredRates } from './rates.ts'

interface Standing {
  /** By subject: since when it has held, run clock. */
  readonly since: Map<string, number>
  readonly told: Set<string>
  /** ms since 1970; 0 while nobody was told. */
  raisedMs: number
}

const SUBJECTS_SHOWN = 10

/**
 * Looks at the conditions and tells when one begins, when it reaches another subject, and when it is over. While it only goes on, nothing is
 * told; a condition that comes and goes within its time of grace is none.
 */
export class ConditionWatch {
  readonly #conditions: readonly Condition[]
  readonly #states: readonly Standing[]

  constructor(conditions: readonly Condition[]) {
    this.#conditions = conditions
    this.#states = conditions.map(() => ({ since: new Map(), told: new Set(), raisedMs: 0 }))
  }

  /** @param nowMs of the run clock @returns what is to be told */
  look(now: HealthSnapshot, rates: MeasuredRates, nowMs: number, wallMs: number): Alert[] {
    return this.#conditions.flatMap((condition, i) => this.#lookAt(condition, this.#states[i]!, condition.find(now, rates), nowMs, wallMs))
  }

  standing(): StandingAlert[] {
    return this.#conditions.flatMap(({ key, severity, title }, i) => {
      const { told, raisedMs } = this.#states[i]!
      return raisedMs === 0 ? [] : [{ key, severity, title, subjects: [...told], sinceMs: raisedMs }]
    })
  }

  #lookAt({ key, severity, title, afterMs }: Condition, state: Standing, found: readonly Finding[], nowMs: number, wallMs: number): Alert[] {
    const { since, told } = state
    const here = new Set(found.map(({ subject }) => subject))
    for (const subject of since.keys()) if (!here.has(subject)) since.delete(subject)
    for (const subject of told) if (!here.has(subject)) told.delete(subject)
    for (const subject of here) if (!since.has(subject)) since.set(subject, nowMs)
    const raised = found.filter(({ subject }) => nowMs - since.get(subject)! >= afterMs)
    if (raised.some(({ subject }) => !told.has(subject))) {
      for (const { subject } of raised) told.add(subject)
      if (state.raisedMs === 0) state.raisedMs = wallMs
      return [{ key, severity, title, text: wordsOf(raised), values: { subjects: raised.length } }]
    }
    if (state.raisedMs === 0 || told.size > 0) return []
    const lastedS = Math.max(0, Math.round((wallMs - state.raisedMs) / 1000))
    state.raisedMs = 0
    return [{ key, severity, title, text: `${lastedS} s after it was first told.`, resolved: true }]
  }
}

function wordsOf(found: readonly Finding[]): string {
  const shown = found.slice(0, SUBJECTS_SHOWN).map(({ words }) => words)
  return [...shown, ...(found.length > SUBJECTS_SHOWN ? [`and ${found.length - SUBJECTS_SHOWN} others`] : [])].join('\n')
}
