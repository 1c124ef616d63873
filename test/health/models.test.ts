import { describe, expect, it } from 'vitest'
import { DriftMonitor, type ModelStatus } from '../../src/model/index.ts'
import { judgeHealth, modelMetrics, type ModelsHealth } from '../../src/runtime/health/index.ts'
import { ModelReporter } from '../../workers/model-reporter.ts'
import { snapshot } from './fixture.ts'

const status = (more: Partial<ModelStatus>): ModelStatus => ({ active: 'v2', error: null, resting: false, answers: 0, failures: 0, runs: 0, meanRunNs: 0, largestBatch: 0, agreed: 0, disagreed: 0, fallbacks: 0, drift: null, shadow: null, ...more })
const shadow = { version: 's', answers: 10, same: 8, failures: 0, matured: 4, right: 1, activeRight: 2 }

describe('health of models', () => {
  it('is put together from all threads, rates and means weighted by what each did', () => {
    const reporter = new ModelReporter()
    expect(reporter.health).toBe(null)
    const calm = new DriftMonitor(null, null).report
    reporter.onStatus(0, status({ answers: 60, runs: 30, meanRunNs: 100_000, largestBatch: 3, agreed: 6, disagreed: 2, fallbacks: 10, drift: calm, shadow }))
    reporter.onStatus(1, status({ answers: 20, runs: 10, meanRunNs: 300_000, largestBatch: 8, agreed: 0, disagreed: 2, fallbacks: 10, drift: { ...calm, severity: 'high', recommendation: 'train' }, shadow: { ...shadow, right: 3 } }))
    expect(reporter.health).toEqual({
      active: 'v2', error: null, answers: 80, failures: 0, meanRunNs: 150_000, largestBatch: 8, agreementRate: 0.6, fallbackRate: 0.2,
      drift: { severity: 'high', recommendation: 'train', features: null, worst: [], predictions: null, accuracy: null, testAccuracy: null },
      shadow: { version: 's', answers: 20, agreement: 0.8, matured: 8, accuracy: 0.5, activeAccuracy: 0.5 },
    })
  })

  it('says nothing of rates where nothing was decided', () => {
    const reporter = new ModelReporter()
    reporter.onStatus(0, status({ active: null }))
    expect(reporter.health).toMatchObject({ active: null, meanRunNs: null, agreementRate: null, fallbackRate: null, drift: null, shadow: null })
  })

  it('is degraded while a model is refused, and from high drift on', () => {
    const reporter = new ModelReporter()
    reporter.onStatus(0, status({ error: 'RM_MODEL_CHECKSUM: broken' }))
    const judged = (models: ModelsHealth | null) => judgeHealth({ ...snapshot(), models }, [], { hangMs: 1e6, priceAgeMs: 1e6 }).reasons.filter((reason) => reason.includes('model'))
    expect(judged(null)).toEqual([])
    expect(judged(reporter.health)).toEqual(['a model is refused: RM_MODEL_CHECKSUM: broken'])
    const calm = new DriftMonitor(null, null).report
    for (const [severity, expected] of [['medium', []], ['high', ['drift of model v2 is high: train anew']]] as const) {
      reporter.onStatus(0, status({ drift: { ...calm, severity, recommendation: 'train anew' } }))
      expect(judged(reporter.health)).toEqual(expected)
    }
  })

  it('is shown as metrics, and what is not known is left out', () => {
    const reporter = new ModelReporter()
    reporter.onStatus(0, status({ answers: 1, runs: 1, meanRunNs: 2e5, agreed: 1, drift: { ...new DriftMonitor(null, null).report, severity: 'medium' }, shadow }))
    const found = Object.fromEntries(modelMetrics(reporter.health).map(({ name, value }) => [name, value]))
    expect(found).toEqual({ model_active: 1, model_refused: 0, model_mean_run_seconds: 0.0002, model_agreement_rate: 1, model_fallback_rate: 0, model_drift_severity: 2, model_shadow_agreement: 0.8, model_shadow_accuracy: 0.25 })
    expect(modelMetrics(null)).toEqual([])
  })
})
