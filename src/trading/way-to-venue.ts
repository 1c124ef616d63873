import type { Nanos } from '../core/index.ts'
import { type Cell, RESILIENCE_GROUPS, RESILIENCE_VIEW } from '../memory/index.ts'
import { type BreakerState, ENDPOINT_GROUPS, type ResiliencePort, type ResilienceStatus } from '../venues/index.ts'

/** What execution is told about the way to the venue, and whom it shows that. */
export interface WayToVenue {
  readonly port: ResiliencePort
  readonly show: (status: ResilienceStatus) => void
}

/** Words of the states that the cell keeps as numbers. */
export const BREAKER_STATES: readonly BreakerState[] = ['closed', 'half-open', 'open']

/** Writes the cell `RESILIENCE_VIEW`, groups in the order of `ENDPOINT_GROUPS`. @param nowNs of the moment of writing */
export function wayCell(cell: Cell, nowNs: () => Nanos): (status: ResilienceStatus) => void {
  const view = RESILIENCE_VIEW.view(cell.buffer).at(cell.payload)
  return ({ banMs, groups }) => {
    cell.begin()
    view.banMs = banMs
    view.updatedNs = nowNs()
    for (let i = 0; i < RESILIENCE_GROUPS; i++) {
      const { breaker, utilisation, waiting } = groups[i]!
      const { f64 } = view
      f64[view.state + i] = BREAKER_STATES.indexOf(breaker.state)
      f64[view.failures + i] = breaker.failures
      f64[view.openings + i] = breaker.openings
      f64[view.opensInMs + i] = breaker.opensInMs
      f64[view.utilisation + i] = utilisation
      f64[view.waiting + i] = waiting
    }
    cell.end()
  }
}

/** One group as the cell shows it. */
export interface ShownGroup {
  readonly group: string
  readonly breaker: BreakerState
  readonly failures: number
  readonly openings: number
  readonly opensInMs: number
  readonly utilisation: number
  readonly waiting: number
}

/** Reads such a cell. @returns null before it was first written */
export function readWay(cell: Cell, nowNs: Nanos): { readonly banMs: number; readonly ageMs: number; readonly groups: readonly ShownGroup[] } | null {
  const copy = new Float64Array(RESILIENCE_VIEW.byteLength / 8)
  if (!cell.tryRead(copy)) return null
  const view = RESILIENCE_VIEW.view(copy.buffer)
  if (view.updatedNs === 0) return null
  const { f64 } = view
  return {
    banMs: view.banMs,
    ageMs: Math.max(0, (nowNs - view.updatedNs) / 1e6),
    groups: ENDPOINT_GROUPS.map((group, i) => ({
      group,
      breaker: BREAKER_STATES[f64[view.state + i]!]!,
      failures: f64[view.failures + i]!,
      openings: f64[view.openings + i]!,
      opensInMs: f64[view.opensInMs + i]!,
      utilisation: f64[view.utilisation + i]!,
      waiting: f64[view.waiting + i]!,
    })),
  }
}
