import { Random } from '../../src/core/index.ts'
import { FAULT_KINDS, faultTerms, type FaultKind } from './fault-kinds.ts'
import type { PlanStep, SimulationCase } from './plan.ts'

export interface DrawOptions {
  readonly minutes: number
  /** Only these kinds are drawn from; empty for all. */
  readonly only: readonly FaultKind[]
  /** null: drawn. */
  readonly venue: 'bybit' | 'okx' | null
}

export const SYMBOLS = ['BTCUSDT', 'XRPUSDT'] as const

const USUAL = FAULT_KINDS.filter((kind) => faultTerms(kind).onDemand === undefined)

/** Nothing goes wrong before the engine is up, as a rule; what goes wrong at its start is drawn too. */
const QUIET_MS = 1500
/** One of so many seeds has a single kind, another one nothing at all. */
const LONELY_ONE_IN = 8

/**
 * The case of a seed. Which kinds it has and how often they come is drawn first (a seed with few of them reaches what a
 * seed with all of them never does), then the times and the fields of each, from a stream of its own.
 */
export function drawCase(seed: number, { minutes, only, venue }: DrawOptions): SimulationCase {
  const random = new Random(seed, 'swarm')
  const drawnVenue = random.chance(0.5) ? 'okx' : 'bybit'
  const kinds = only.length > 0 ? only : USUAL
  const lonely = random.below(LONELY_ONE_IN)
  const share = random.between(0.03, 0.25)
  const chosen = only.length > 0 && only.length <= 3 ? kinds : lonely === 0 ? [kinds[random.below(kinds.length)]!] : lonely === 1 && random.chance(0.3) ? [] : kinds.filter(() => random.chance(share))
  const endMs = minutes * 60_000
  const steps: PlanStep[] = []
  for (const kind of chosen) {
    const { perMinute: [least, most], draw } = faultTerms(kind)
    const own = new Random(seed, `plan ${kind}`)
    const meanMs = 60_000 / (least * (most / least) ** own.next())
    // A rare kind that was chosen comes once at least.
    let atMs = own.chance(0.2) ? own.between(0, QUIET_MS) : QUIET_MS + own.next() * Math.min(meanMs, endMs - QUIET_MS)
    while (atMs < endMs) {
      steps.push({ atMs: Math.round(atMs), kind, fields: draw(own, SYMBOLS) })
      atMs += own.exponential(meanMs)
    }
  }
  steps.sort((a, b) => a.atMs - b.atMs)
  return { seed, venue: venue ?? drawnVenue, minutes, plan: steps }
}
