import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorLine, fail } from '../core/index.ts'
import { bundleSchema, MODEL_FILE, VERSION } from './bundle-schema.ts'
import { checkContract, type BundleMeta, type ModelBundle } from './bundle.ts'

const ACTIVE = 'active'
const BUNDLE = 'bundle.json'

/** What a trainer hands over; the registry adds version, checksum and feature hash. */
export type BundleDraft = Pick<BundleMeta, 'created' | 'input' | 'outputs' | 'thresholds'> & { readonly featureNames: readonly string[] }

/** Hash by which two lists of feature names are the same list in the same order. */
export const featureHash = (names: readonly string[]): string => sha256(names.join('\n'))

/** A folder of models: `<folder>/<version>/{model.onnx,bundle.json}`, and a file `active` that names one of them. */
export class ModelRegistry {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Registered versions by name; a folder without `bundle.json` is none. */
  versions(): string[] {
    if (!existsSync(this.folder)) return []
    return readdirSync(this.folder)
      .filter((name) => VERSION.test(name) && existsSync(join(this.folder, name, BUNDLE)))
      .sort()
  }

  /** The version that inference should use, or null when none was ever activated. @throws RM_MODEL_POINTER */
  active(): string | null {
    const path = join(this.folder, ACTIVE)
    if (!existsSync(path)) return null
    const version = readFileSync(path, 'utf8').trim()
    if (!VERSION.test(version)) fail('RM_MODEL_POINTER', { folder: this.folder, version, problem: 'is not a version name' })
    if (!existsSync(join(this.folder, version, BUNDLE))) fail('RM_MODEL_POINTER', { folder: this.folder, version, problem: 'is not registered' })
    return version
  }

  /**
   * The active bundle after every check, or null when no model is registered: then strategies decide alone.
   * @throws as `load`, and RM_MODEL_POINTER
   */
  loadActive(featureNames: readonly string[]): ModelBundle | null {
    const version = this.active()
    return version === null ? null : this.load(version, featureNames)
  }

  /**
   * Reads one version and holds it against the features in use.
   * @throws RM_MODEL_VERSION, RM_MODEL_BUNDLE, RM_MODEL_CHECKSUM, RM_MODEL_FEATURE_NAMES, RM_MODEL_FEATURE_ORDER,
   * RM_MODEL_FEATURE_HASH, RM_MODEL_SHAPE
   */
  load(version: string, featureNames: readonly string[]): ModelBundle {
    const meta = this.#meta(version)
    checkContract(meta, featureNames, featureHash(meta.features.names))
    const bytes = this.#read(version, MODEL_FILE)
    const actual = sha256(bytes)
    if (actual !== meta.model.sha256) fail('RM_MODEL_CHECKSUM', { version, file: MODEL_FILE, actual, expected: meta.model.sha256 })
    return { meta, bytes }
  }

  /**
   * Adds a version; the folder appears whole or not at all. It is not used before `activate`.
   * @throws RM_MODEL_VERSION, RM_MODEL_EXISTS, RM_MODEL_BUNDLE for a draft that does not fit the format
   */
  register(version: string, bytes: Uint8Array, draft: BundleDraft): BundleMeta {
    if (!VERSION.test(version)) fail('RM_MODEL_VERSION', { version })
    const folder = join(this.folder, version)
    if (existsSync(folder)) fail('RM_MODEL_EXISTS', { version, folder: this.folder })
    const { featureNames, ...rest } = draft
    const meta = parse(version, {
      format: 1,
      version,
      ...rest,
      model: { file: MODEL_FILE, sha256: sha256(bytes) },
      features: { names: [...featureNames], hash: featureHash(featureNames) },
    })
    // The leading point keeps a half-written folder out of `versions`.
    const draftFolder = join(this.folder, `.${version}.part`)
    rmSync(draftFolder, { recursive: true, force: true })
    mkdirSync(draftFolder, { recursive: true })
    writeFileSync(join(draftFolder, MODEL_FILE), bytes, { flush: true })
    writeFileSync(join(draftFolder, BUNDLE), `${JSON.stringify(meta, null, 2)}\n`, { flush: true })
    renameSync(draftFolder, folder)
    return meta
  }

  /** Points inference at a version, after the same checks that loading does. @throws as `load` */
  activate(version: string, featureNames: readonly string[]): void {
    this.load(version, featureNames)
    const part = join(this.folder, `.${ACTIVE}.part`)
    writeFileSync(part, `${version}\n`, { flush: true })
    renameSync(part, join(this.folder, ACTIVE))
  }

  #meta(version: string): BundleMeta {
    if (!VERSION.test(version)) fail('RM_MODEL_VERSION', { version })
    const text = this.#read(version, BUNDLE).toString('utf8')
    let found: unknown
    try {
      found = JSON.parse(text)
    } catch (error) {
      fail('RM_MODEL_BUNDLE', { version, file: BUNDLE, problem: `is not JSON (${errorLine(error)})` }, error)
    }
    const meta = parse(version, found)
    if (meta.version !== version) fail('RM_MODEL_BUNDLE', { version, file: BUNDLE, problem: `names version ${meta.version}` })
    return meta
  }

  #read(version: string, file: string): Buffer {
    try {
      return readFileSync(join(this.folder, version, file))
    } catch (error) {
      fail('RM_MODEL_BUNDLE', { version, file, problem: `cannot be read (${errorLine(error)})` }, error)
    }
  }
}

function parse(version: string, found: unknown): BundleMeta {
  const result = bundleSchema().safeParse(found)
  if (result.success) return result.data
  const problem = result.error.issues.map((issue) => `${issue.path.join('.') || 'top'}: ${issue.message}`).join('; ')
  fail('RM_MODEL_BUNDLE', { version, file: BUNDLE, problem: `does not fit the format (${problem})` })
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
