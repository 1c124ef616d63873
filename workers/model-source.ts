/** The models of a thread: served from the registry, looked after while the thread runs. */
import type { Config } from '../src/config/index.ts'
import type { Clock, Timers } from '../src/core/index.ts'
import { featureNames } from '../src/features/index.ts'
import { ModelGate, ModelRegistry, ModelService, type ModelServiceParts, type ModelSource, type ModelStatus } from '../src/model/index.ts'

/** How often a thread says how its models do. */
const TELL_MS = 1000

export interface ModelPlace extends Pick<ModelServiceParts, 'log'> {
  readonly config: Config
  readonly gates: SharedArrayBuffer
  readonly thread: number
  readonly clock: Clock
  readonly timers: Timers
  readonly tell: (status: ModelStatus) => void
}

/** What the registry means, with the features in use. */
export function registrySource(registry: ModelRegistry, features: readonly string[]): ModelSource {
  return {
    get stamp() {
      return registry.stamp
    },
    active: () => registry.loadActive(features),
    shadow: () => {
      const version = registry.shadow()
      return version === null ? null : registry.load(version, features)
    },
  }
}

/** Opens what is active and keeps up with the registry from then on. A model that is refused stops nothing. */
export async function serveModels({ config, gates, thread, clock, timers, log, tell }: ModelPlace): Promise<ModelService> {
  const { dir, budget_ms: budgetMs, drift_fallback: fallback, reload_s } = config.model
  const service = new ModelService({
    source: registrySource(new ModelRegistry(dir, clock), featureNames()),
    gate: new ModelGate(gates, thread),
    clock,
    budgetMs,
    fallbackFrom: fallback === 'never' ? null : fallback,
    log,
  })
  await service.refresh()
  timers.every(reload_s * 1000, () => void service.refresh())
  timers.every(TELL_MS, () => tell(service.status))
  return service
}
