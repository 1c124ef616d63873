import { type ModelStatus, SEVERITIES, type ShadowStatus } from '../src/model/index.ts'
import type { DriftHealth, ModelsHealth, ShadowHealth } from '../src/runtime/health/index.ts'

/** The models of all threads, put together from what each said last. */
export class ModelReporter {
  readonly #byThread = new Map<number, ModelStatus>()

  onStatus(thread: number, status: ModelStatus): void {
    this.#byThread.set(thread, status)
  }

  /** null before any thread has said anything. */
  get health(): ModelsHealth | null {
    const all = [...this.#byThread.values()]
    if (all.length === 0) return null
    const sum = (of: (one: ModelStatus) => number): number => all.reduce((total, one) => total + of(one), 0)
    const [runs, agreed, judged] = [sum(({ runs: count }) => count), sum((one) => one.agreed), sum((one) => one.agreed + one.disagreed)]
    const [fallbacks, answers] = [sum((one) => one.fallbacks), sum((one) => one.answers)]
    return {
      active: all.find(({ active }) => active !== null)?.active ?? null,
      error: all.find(({ error }) => error !== null)?.error ?? null,
      answers,
      failures: sum(({ failures }) => failures),
      meanRunNs: runs === 0 ? null : Math.round(sum((one) => one.meanRunNs * one.runs) / runs),
      largestBatch: Math.max(...all.map(({ largestBatch }) => largestBatch)),
      agreementRate: share(agreed, judged),
      fallbackRate: share(fallbacks, fallbacks + answers),
      drift: driftOf(all),
      shadow: shadowOf(all.map(({ shadow }) => shadow).filter((shadow) => shadow !== null)),
    }
  }
}

function driftOf(all: readonly ModelStatus[]): DriftHealth | null {
  const reports = all.map(({ drift }) => drift).filter((drift) => drift !== null)
  const worst = reports.sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity))[0]
  if (worst === undefined) return null
  const { severity, recommendation, features, predictions, accuracy } = worst
  return { severity, recommendation, features: features?.share ?? null, worst: features?.worst ?? [], predictions, accuracy: accuracy?.now ?? null, testAccuracy: accuracy?.test ?? null }
}

function shadowOf(all: readonly ShadowStatus[]): ShadowHealth | null {
  const version = all[0]?.version
  if (version === undefined) return null
  const sum = (of: (one: ShadowStatus) => number): number => all.filter((one) => one.version === version).reduce((total, one) => total + of(one), 0)
  const [answers, matured] = [sum((one) => one.answers), sum((one) => one.matured)]
  return { version, answers, agreement: share(sum(({ same }) => same), answers), matured, accuracy: share(sum(({ right }) => right), matured), activeAccuracy: share(sum(({ activeRight }) => activeRight), matured) }
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)
