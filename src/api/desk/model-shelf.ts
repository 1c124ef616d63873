import { errorLine, fail, RingmasterError } from '../../core/index.ts'
import { featureNames } from '../../features/index.ts'
import { ModelRegistry } from '../../model/index.ts'
import type { ModelRow } from '../contract/index.ts'
import type { ModelShelf } from './desk.ts'

/** The registry of models as the API shows it; every version is held against the features in use. */
export class RegistryShelf implements ModelShelf {
  readonly #registry: ModelRegistry
  /** A version never changes: its checks are made once. */
  readonly #checked = new Map<string, ModelRow>()

  constructor(folder: string) {
    this.#registry = new ModelRegistry(folder)
  }

  list(): { readonly items: ModelRow[]; readonly active: string | null } {
    const active = this.#active()
    return { items: this.#registry.versions().map((version) => ({ ...this.#row(version), active: version === active })), active }
  }

  activate(version: string): 'now' | 'restart' {
    if (!this.#registry.versions().includes(version)) fail('RM_API_NOT_FOUND', { what: 'model', id: version })
    try {
      this.#registry.activate(version, featureNames())
    } catch (error) {
      fail('RM_API_REFUSED', { what: `model ${version}`, reason: errorLine(error) }, error)
    }
    return 'restart'
  }

  /** A pointer that leads nowhere is no active model. */
  #active(): string | null {
    try {
      return this.#registry.active()
    } catch (error) {
      if (error instanceof RingmasterError) return null
      throw error
    }
  }

  #row(version: string): ModelRow {
    const known = this.#checked.get(version)
    if (known !== undefined) return known
    let row: ModelRow
    try {
      const { meta } = this.#registry.load(version, featureNames())
      row = { version, active: false, problem: null, created: meta.created, sha256: meta.model.sha256, features: meta.features.names.length, inputShape: [...meta.input.shape], thresholds: { ...meta.thresholds } }
    } catch (error) {
      row = { version, active: false, problem: errorLine(error), created: null, sha256: null, features: null, inputShape: null, thresholds: null }
    }
    this.#checked.set(version, row)
    return row
  }
}
