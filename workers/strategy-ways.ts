import type { StrategyPicture } from '../src/api/index.ts'
import type { Config } from '../src/config/index.ts'
import { errorLine, RingmasterError } from '../src/core/index.ts'
import { featureNames } from '../src/features/index.ts'
import { STRATEGY_NAMES } from '../src/memory/index.ts'
import type { OutcomeHealth, StrategyHealth } from '../src/runtime/health/index.ts'
import { changedSettings, type DeskSettings, type StrategyChange, strategyChange, withChange } from '../src/strategies/index.ts'
import { readStrategyChanges, writeStrategyChanges } from './strategy-changes.ts'
import { deskSettings, ownName, writtenName } from './strategy-settings.ts'

/** Switches of strategies by a person: kept in the data folder first, then told to the engine, so that no restart forgets one. */
export class StrategyWays {
  readonly #dataDir: string
  readonly #configured: DeskSettings
  readonly #tell: (changes: readonly StrategyChange[]) => void
  #changes: readonly StrategyChange[]

  /** @throws RM_STRATEGY_CHANGES when what was kept cannot be read */
  constructor(config: Config, tell: (changes: readonly StrategyChange[]) => void) {
    this.#dataDir = config.data_dir
    this.#configured = deskSettings(config)
    this.#tell = tell
    this.#changes = readStrategyChanges(config.data_dir)
  }

  /** @param setting as it is written in the configuration @returns why it is not changed, or null */
  set(strategy: string, setting: string, text: string): string | null {
    try {
      const change = strategyChange(this.#configured, this.#changes, strategy, ownName(setting), text, featureNames())
      const changes = withChange(this.#changes, change)
      writeStrategyChanges(this.#dataDir, changes)
      this.#changes = changes
      this.#tell(changes)
      return null
    } catch (error) {
      return error instanceof RingmasterError ? error.message : `it cannot be kept: ${errorLine(error)}`
    }
  }

  /** @param outcomes what execution has told of positions that have closed */
  list(outcomes: readonly OutcomeHealth[]): readonly StrategyHealth[] {
    const settings = changedSettings(this.#configured, this.#changes)
    return STRATEGY_NAMES.map((name) => ({
      name,
      enabled: settings.enabled[name],
      weight: settings.weights[name],
      changed: this.#changes.filter((one) => one.strategy === name).map(({ setting, value, configured }) => ({ setting: writtenName(setting), value: String(value), configured: String(configured) })),
      outcome: outcomes.find((one) => one.name === name) ?? null,
    }))
  }

  /** The same with every parameter that can be changed, as the configuration writes them. @param outcomes see `list` */
  pictures(outcomes: readonly OutcomeHealth[]): readonly StrategyPicture[] {
    const now = changedSettings(this.#configured, this.#changes).configs
    return this.list(outcomes).map((health) => {
      const name = health.name as (typeof STRATEGY_NAMES)[number]
      const configured = this.#configured.configs[name] as Readonly<Record<string, number | boolean>>
      const parameters = Object.entries(now[name] as Readonly<Record<string, number | boolean>>).map(([own, value]) => ({ name: writtenName(own), value, configured: configured[own]! }))
      return { ...health, parameters }
    })
  }
}
