import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, errorLine, fail, isoTime } from '../core/index.ts'
import { acceptModel, type Acceptance } from './acceptance.ts'
import { BASELINE_FILE, bundleSchema, GOLDEN_FILE, MODEL_FILE, VERSION } from './bundle-schema.ts'
import { checkContract, checkShapes, MODEL_CLASSES, type BundleFacts, type BundleMeta, type ModelBundle } from './bundle.ts'
import { parseBaseline, type DriftBaseline } from './drift/index.ts'
import { ModelGate } from './gate.ts'
import { decodeGolden, encodeGolden, type GoldenSet } from './golden.ts'
import { inspectOnnx, stampOnnx } from './onnx-file.ts'
import { previousActive, RegistryStateFile, type ModelAction, type RegistryState } from './registry-state.ts'
import { ModelSession } from './session.ts'

const BUNDLE = 'bundle.json'

/** What a trainer hands over; the registry adds version, files, checksums and feature hash. */
export type BundleDraft = Pick<BundleMeta, 'created' | 'input' | 'outputs' | 'thresholds'> &
  BundleFacts & {
    readonly featureNames: readonly string[]
    /** null: the model is tried on noise only. */
    readonly golden: GoldenSet | null
    /** null: drift cannot be told. */
    readonly baseline: DriftBaseline | null
  }

/** `registered`: known and not used. */
export type ModelState = 'active' | 'shadow' | 'archived' | 'registered'

/** Who changes what a registry offers, and why. */
export interface ModelReason {
  readonly who: string
  readonly why: string
}

/** Hash by which two lists of feature names are the same list in the same order. */
export const featureHash = (names: readonly string[]): string => sha256(names.join('\n'))

/**
 * A folder of models: `<folder>/<version>/{model.onnx,bundle.json}`, with golden.npy and baseline.json where they are known, and
 * a state that names the active and the shadow model. Nothing is registered or used that did not pass its trial in a session.
 */
export class ModelRegistry {
  readonly folder: string
  readonly #clock: Clock
  readonly #state: RegistryStateFile

  constructor(folder: string, clock: Clock) {
    this.folder = folder
    this.#clock = clock
    this.#state = new RegistryStateFile(folder)
  }

  /** Registered versions by name; a folder without `bundle.json` is none. */
  versions(): string[] {
    if (!existsSync(this.folder)) return []
    return readdirSync(this.folder)
      .filter((name) => VERSION.test(name) && existsSync(join(this.folder, name, BUNDLE)))
      .sort()
  }

  /** Changes whenever the state did. */
  get stamp(): string {
    return this.#state.stamp
  }

  /** @throws RM_MODEL_POINTER */
  state(): RegistryState {
    return this.#state.read()
  }

  /** @throws RM_MODEL_POINTER */
  stateOf(version: string): ModelState {
    const { active, shadow, archived } = this.state()
    return version === active ? 'active' : version === shadow ? 'shadow' : archived.includes(version) ? 'archived' : 'registered'
  }

  /** The version that inference should use, or null when none is active. @throws RM_MODEL_POINTER */
  active(): string | null {
    return this.#pointed(this.state().active)
  }

  /** The version that runs beside it, or null. @throws RM_MODEL_POINTER */
  shadow(): string | null {
    return this.#pointed(this.state().shadow)
  }

  /**
   * The active bundle after every check of its files, or null when none is active: then strategies decide alone.
   * @throws as `load`, and RM_MODEL_POINTER
   */
  loadActive(featureNames: readonly string[]): ModelBundle | null {
    const version = this.active()
    return version === null ? null : this.load(version, featureNames)
  }

  /** What a bundle says. @throws RM_MODEL_VERSION, RM_MODEL_BUNDLE */
  meta(version: string): BundleMeta {
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

  /**
   * Reads one version and holds it against the features in use. `acceptModel` is the trial of what it holds.
   * @throws RM_MODEL_VERSION, RM_MODEL_BUNDLE, RM_MODEL_CHECKSUM, RM_MODEL_FEATURE_NAMES, RM_MODEL_FEATURE_ORDER,
   * RM_MODEL_FEATURE_HASH, RM_MODEL_SHAPE, RM_MODEL_GOLDEN, RM_MODEL_BASELINE
   */
  load(version: string, featureNames: readonly string[]): ModelBundle {
    const meta = this.meta(version)
    const { names } = meta.features
    checkContract(meta, featureNames, featureHash(names))
    const { model, golden, baseline } = meta.files
    return {
      meta,
      bytes: this.#checked(version, model.file, model.sha256),
      golden: golden === null ? null : decodeGolden(version, this.#checked(version, golden.file, golden.sha256), golden.file, meta.input.shape[0] * meta.input.shape[1]),
      baseline: baseline === null ? null : parseBaseline(this.#checked(version, baseline.file, baseline.sha256).toString('utf8'), names),
    }
  }

  /** Loads a version and tries it in a session of its own. @throws as `load`, `inspectOnnx`, `ModelSession.open` and `acceptModel` */
  async try(version: string, featureNames: readonly string[]): Promise<Acceptance> {
    return this.#try(this.load(version, featureNames))
  }

  /**
   * Adds a version; the folder appears whole or not at all, and only after the model passed its trial. It is not used before
   * `activate` or `setShadow`. The facts of the bundle are written into the metadata of the model file as well.
   * @throws RM_MODEL_VERSION, RM_MODEL_EXISTS, RM_MODEL_BUNDLE for a draft that does not fit the format, and as `try`
   */
  async register(version: string, bytes: Uint8Array, draft: BundleDraft): Promise<BundleMeta> {
    if (!VERSION.test(version)) fail('RM_MODEL_VERSION', { version })
    const folder = join(this.folder, version)
    if (existsSync(folder)) fail('RM_MODEL_EXISTS', { version, folder: this.folder })
    const { featureNames, golden, baseline, ...rest } = draft
    const goldenBytes = golden === null ? null : encodeGolden(version, golden, rest.input.shape[0] * rest.input.shape[1])
    const baselineText = baseline === null ? null : `${JSON.stringify(baseline)}\n`
    if (baselineText !== null) parseBaseline(baselineText, featureNames)
    const drafted: BundleMeta = {
      format: 2,
      version,
      ...rest,
      files: {
        model: { file: MODEL_FILE, sha256: sha256(bytes) },
        golden: goldenBytes === null ? null : { file: GOLDEN_FILE, sha256: sha256(goldenBytes), windows: golden!.windows },
        baseline: baselineText === null ? null : { file: BASELINE_FILE, sha256: sha256(baselineText), rows: baseline!.rows },
      },
      features: { names: [...featureNames], hash: featureHash(featureNames) },
      classes: MODEL_CLASSES,
    }
    checkShapes(parse(version, drafted))
    const stamped = stampOnnx(bytes, drafted)
    const meta: BundleMeta = parse(version, { ...drafted, files: { ...drafted.files, model: { file: MODEL_FILE, sha256: sha256(stamped) } } })
    await this.#try({ meta, bytes: stamped, golden, baseline })
    // The leading point keeps a half-written folder out of `versions`.
    const draftFolder = join(this.folder, `.${version}.part`)
    rmSync(draftFolder, { recursive: true, force: true })
    mkdirSync(draftFolder, { recursive: true })
    writeFileSync(join(draftFolder, MODEL_FILE), stamped, { flush: true })
    if (goldenBytes !== null) writeFileSync(join(draftFolder, GOLDEN_FILE), goldenBytes, { flush: true })
    if (baselineText !== null) writeFileSync(join(draftFolder, BASELINE_FILE), baselineText, { flush: true })
    writeFileSync(join(draftFolder, BUNDLE), `${JSON.stringify(meta, null, 2)}\n`, { flush: true })
    if (existsSync(folder)) fail('RM_MODEL_EXISTS', { version, folder: this.folder })
    renameSync(draftFolder, folder)
    return meta
  }

  /** Points inference at a version, after its trial. @throws as `try`, RM_MODEL_LOCKED */
  async activate(version: string, featureNames: readonly string[], reason: ModelReason): Promise<Acceptance> {
    const acceptance = await this.try(version, featureNames)
    this.#change('activate', version, reason, (state) => this.#activated(state, version))
    return acceptance
  }

  /** Leaves no model active: the strategies decide alone. @throws RM_MODEL_LOCKED */
  deactivate(reason: ModelReason): void {
    this.#change('deactivate', null, reason, () => ({ active: null }))
  }

  /**
   * Lets a version run beside the active one, after its trial.
   * @throws as `try`, RM_MODEL_STATE when it is the active one, RM_MODEL_SHADOW when their windows differ, RM_MODEL_LOCKED
   */
  async setShadow(version: string, featureNames: readonly string[], reason: ModelReason): Promise<Acceptance> {
    const acceptance = await this.try(version, featureNames)
    this.#change('shadow', version, reason, (state) => {
      if (state.active === version) fail('RM_MODEL_STATE', { version, state: 'active', wish: 'run as a shadow' })
      if (state.active !== null && !this.#sameWindow(version, state.active)) fail('RM_MODEL_SHADOW', { version, actual: this.#window(version), active: state.active, expected: this.#window(state.active) })
      return { shadow: version, archived: without(state.archived, version) }
    })
    return acceptance
  }

  /** @throws RM_MODEL_LOCKED */
  clearShadow(reason: ModelReason): void {
    this.#change('unshadow', null, reason, () => ({ shadow: null }))
  }

  /** Makes the version active again that was active before, after its trial. @returns it @throws as `try`, RM_MODEL_ROLLBACK when there is none */
  async rollback(featureNames: readonly string[], reason: ModelReason): Promise<string> {
    const version = previousActive(this.state()) ?? fail('RM_MODEL_ROLLBACK', { folder: this.folder })
    await this.try(version, featureNames)
    this.#change('rollback', version, reason, (state) => this.#activated(state, version))
    return version
  }

  /** Puts a version away; it stays where it is and can be activated again. @throws RM_MODEL_BUNDLE, RM_MODEL_STATE when it is in use, RM_MODEL_LOCKED */
  archive(version: string, reason: ModelReason): void {
    this.meta(version)
    this.#change('archive', version, reason, (state) => {
      if (state.active === version || state.shadow === version) fail('RM_MODEL_STATE', { version, state: state.active === version ? 'active' : 'shadow', wish: 'be archived' })
      return { archived: [...without(state.archived, version), version] }
    })
  }

  #change(action: ModelAction, version: string | null, { who, why }: ModelReason, change: (state: RegistryState) => Partial<RegistryState>): void {
    this.#state.update((state) => ({
      ...state,
      ...change(state),
      history: [...state.history, { when: isoTime(this.#clock.wallMs()), who, why, action, version, activeBefore: state.active }],
    }))
  }

  /** A shadow that the new model cannot share its windows with does not go on. */
  #activated({ shadow, archived }: RegistryState, version: string): Partial<RegistryState> {
    return { active: version, shadow: shadow === null || shadow === version || !this.#sameWindow(shadow, version) ? null : shadow, archived: without(archived, version) }
  }

  #sameWindow(one: string, other: string): boolean {
    return this.#window(one) === this.#window(other)
  }

  #window(version: string): string {
    const { shape, stepMs } = this.meta(version).input
    return `${shape.join(' × ')} numbers every ${stepMs} ms`
  }

  async #try(bundle: ModelBundle): Promise<Acceptance> {
    inspectOnnx(bundle.meta.version, bundle.bytes)
    // Nobody terminates the thread of a command: its gate is its own.
    const session = await ModelSession.open(bundle, new ModelGate(ModelGate.buffer(1)))
    try {
      return await acceptModel(session, bundle.golden, this.#clock)
    } finally {
      await session.release()
    }
  }

  #pointed(version: string | null): string | null {
    if (version !== null && !existsSync(join(this.folder, version, BUNDLE))) fail('RM_MODEL_POINTER', { folder: this.folder, version, problem: 'is not registered' })
    return version
  }

  #checked(version: string, file: string, expected: string): Buffer {
    const bytes = this.#read(version, file)
    const actual = sha256(bytes)
    if (actual !== expected) fail('RM_MODEL_CHECKSUM', { version, file, actual, expected })
    return bytes
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

const without = (versions: readonly string[], version: string): string[] => versions.filter((one) => one !== version)

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
