import type { MetricSample } from '../../telemetry/root/index.ts'

/** Drift of the active model, of the thread where it is worst. */
export interface DriftHealth {
  /** none, low, medium, high or critical. */
  readonly severity: string
  readonly recommendation: string
  /** Share of the features that drifted, 0..1; null: too few samples yet, or no baseline. */
  readonly features: number | null
  /** The features furthest from their baseline, with the distance of their distributions. */
  readonly worst: readonly { readonly name: string; readonly distance: number }[]
  /** Population stability index of the predictions. */
  readonly predictions: number | null
  /** On predictions whose future is known by now, 0..1, and on unseen data when it was made. */
  readonly accuracy: number | null
  readonly testAccuracy: number | null
}

export interface ShadowHealth {
  readonly version: string
  readonly answers: number
  /** Share of answers of the same class as the active model's; null before the first. */
  readonly agreement: number | null
  /** Answers whose future is known by now, and the share that was right, of the shadow and of the active model. */
  readonly matured: number
  readonly accuracy: number | null
  readonly activeAccuracy: number | null
}

/** The models of all threads together. */
export interface ModelsHealth {
  /** null: none is active, the strategies decide alone. */
  readonly active: string | null
  /** Why the version that is meant to be active is not in use somewhere. */
  readonly error: string | null
  readonly answers: number
  readonly failures: number
  /** Mean time of a run, ns; null before the first. */
  readonly meanRunNs: number | null
  readonly largestBatch: number
  /** Share of the proposals of the strategies that the model agreed to; null where it was asked about none. */
  readonly agreementRate: number | null
  /** Share of the decisions that were made without the active model; null before the first. */
  readonly fallbackRate: number | null
  readonly drift: DriftHealth | null
  readonly shadow: ShadowHealth | null
}

/** What a person should hear of it: a model that is refused, and drift from `high` on. */
export function modelComplaints(models: ModelsHealth | null): string[] {
  if (models === null) return []
  const complaints = models.error === null ? [] : [`a model is refused: ${models.error}`]
  const severity = models.drift?.severity
  if (severity === 'high' || severity === 'critical') complaints.push(`drift of model ${models.active} is ${severity}: ${models.drift!.recommendation}`)
  return complaints
}

const LEVELS = ['none', 'low', 'medium', 'high', 'critical']

/** The models as metrics. */
export function modelMetrics(models: ModelsHealth | null): MetricSample[] {
  if (models === null) return []
  const { active, drift, shadow } = models
  const of = (name: string, help: string, value: number | null, labels: Readonly<Record<string, string>> = {}): MetricSample[] => (value === null ? [] : [{ name, help, value, labels }])
  const samples = [
    ...of('model_active', '1 for the version that decides', active === null ? null : 1, { version: active ?? '' }),
    ...of('model_refused', '1 while the version that is meant to be active is refused', models.error === null ? 0 : 1),
    ...of('model_mean_run_seconds', 'Mean time of a run of the active model', models.meanRunNs === null ? null : models.meanRunNs / 1e9),
    ...of('model_agreement_rate', 'Share of the proposals of the strategies that the model agreed to', models.agreementRate),
    ...of('model_fallback_rate', 'Share of the decisions made without the active model', models.fallbackRate),
  ]
  if (drift !== null)
    samples.push(
      ...of('model_drift_severity', 'Drift of the active model: 0 none, 1 low, 2 medium, 3 high, 4 critical', LEVELS.indexOf(drift.severity)),
      ...of('model_drift_features', 'Share of the features that drifted', drift.features),
      ...of('model_drift_predictions', 'Population stability index of the predictions', drift.predictions),
      ...of('model_accuracy', 'Share of predictions that were right, of those whose future is known', drift.accuracy),
    )
  if (shadow !== null)
    samples.push(
      ...of('model_shadow_agreement', 'Share of answers of the shadow of the same class as the active model', shadow.agreement, { version: shadow.version }),
      ...of('model_shadow_accuracy', 'Share of its predictions that were right', shadow.accuracy, { version: shadow.version }),
    )
  return samples
}
