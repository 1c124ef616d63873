/** `ringmaster models`. */
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename } from 'node:path'
import { EXIT, type ModelsRequest, renderTable } from '../src/cli/index.ts'
import { errorLine, fail, isoTime, SystemClock } from '../src/core/index.ts'
import { featureNames } from '../src/features/index.ts'
import { type Acceptance, type BundleMeta, importDraft, type ModelReason, ModelRegistry, type Score } from '../src/model/index.ts'

type Print = (line: string) => void

/** Does one thing with the registry. @param features in use @returns 0 @throws RM_MODEL_…, RM_DATASET_NPY */
export async function modelsCommand({ dir, what, who, why, json }: ModelsRequest, print: Print, features: readonly string[] = featureNames()): Promise<number> {
  const clock = new SystemClock(process.hrtime.bigint())
  const registry = new ModelRegistry(dir, clock)
  const reason: ModelReason = { who: who ?? userInfo().username, why }
  const say = (facts: object, line: string): void => print(json ? JSON.stringify(facts) : line)
  switch (what.kind) {
    case 'list':
      list(registry, json, print)
      break
    case 'show':
      await show(registry, what.version, features, json, print)
      break
    case 'history':
      history(registry, json, print)
      break
    case 'activate': {
      const trial = await registry.activate(what.version, features, reason)
      say({ active: what.version, trial }, `${what.version} is active: ${told(trial)}`)
      break
    }
    case 'deactivate':
      registry.deactivate(reason)
      say({ active: null }, 'no model is active: the strategies decide alone')
      break
    case 'shadow': {
      const trial = await registry.setShadow(what.version, features, reason)
      say({ shadow: what.version, trial }, `${what.version} runs as a shadow: ${told(trial)}`)
      break
    }
    case 'unshadow':
      registry.clearShadow(reason)
      say({ shadow: null }, 'no shadow runs')
      break
    case 'rollback': {
      const version = await registry.rollback(features, reason)
      say({ active: version }, `${version} is active again`)
      break
    }
    case 'archive':
      registry.archive(what.version, reason)
      say({ archived: what.version }, `${what.version} is put away`)
      break
    case 'import': {
      const version = what.version ?? basename(what.file).replace(/\.onnx$/, '')
      const files = { onnx: read(version, what.file), meta: what.meta === null ? null : read(version, what.meta).toString('utf8'), golden: what.golden === null ? null : read(version, what.golden) }
      const meta = await registry.register(version, files.onnx, importDraft(version, files, isoTime(clock.wallMs())))
      say(meta, `${version} is registered; it is not used before "ringmaster models shadow" or "activate"`)
    }
  }
  return EXIT.ok
}

function list(registry: ModelRegistry, json: boolean, print: Print): void {
  const rows = registry.versions().map((version) => ({ version, state: registry.stateOf(version), meta: registry.meta(version) }))
  if (json) return rows.forEach(({ state, meta }) => print(JSON.stringify({ state, ...meta })))
  if (rows.length === 0) return print(`no model is registered in ${registry.folder}`)
  print(renderTable(['version', 'state', 'created', 'features', 'window', 'test', 'best baseline', 'drift baseline'], rows.map(({ version, state, meta }) => [version, state, meta.created.slice(0, 19), meta.features.hash.slice(0, 8), meta.input.shape.join('×'), score(meta.metrics?.test), score(bestBaseline(meta)), meta.files.baseline === null ? 'none' : `${meta.files.baseline.rows} rows`])).trimEnd())
}

async function show(registry: ModelRegistry, version: string, features: readonly string[], json: boolean, print: Print): Promise<void> {
  const meta = registry.meta(version)
  // A version that may not be used can still be looked at.
  const trial = await registry.try(version, features).then(told, errorLine)
  const state = registry.stateOf(version)
  if (json) return print(JSON.stringify({ state, ...meta, trial }))
  const { input, thresholds, label, data, metrics, gitRevision } = meta
  const rows: [string, string][] = [
    ['state', state],
    ['created', `${meta.created}${gitRevision === null ? '' : `, revision ${gitRevision}`}`],
    ['features', `${meta.features.names.length}, hash ${meta.features.hash.slice(0, 16)}`],
    ['window', `${input.shape[0]} rows, ${input.stepMs === 0 ? 'every vector' : `one every ${input.stepMs} ms`}`],
    ['taught', label === null ? 'not known' : `movement over ${label.horizonMs / 1000} s beyond ${(label.threshold * 100).toFixed(3)} %`],
    ['decides from', `chance ${thresholds.minProbability}, confidence ${thresholds.minConfidence}`],
    ['data', data === null ? 'not known' : `${data.rows} rows of ${data.symbols.join(' ')}, ${isoTime(data.fromMs)} to ${isoTime(data.toMs)}`],
    ['test', metrics === null ? 'not known' : `${score(metrics.test)} on ${metrics.test.windows} windows; ${Object.entries(metrics.baselines).map(([name, one]) => `${name} ${score(one)}`).join(', ')}`],
    ['files', Object.values(meta.files).map((file) => file?.file ?? '').filter((file) => file !== '').join(' ')],
    ['trial', trial],
  ]
  print(renderTable(['model', version], rows).trimEnd())
}

function history(registry: ModelRegistry, json: boolean, print: Print): void {
  const { history: changes } = registry.state()
  if (json) return changes.forEach((change) => print(JSON.stringify(change)))
  print(renderTable(['when', 'who', 'what', 'version', 'active before', 'why'], changes.map((one) => [one.when.slice(0, 19).replace('T', ' '), one.who, one.action, one.version ?? '-', one.activeBefore ?? '-', one.why])).trimEnd())
}

const told = ({ windows, golden, worstGolden, runMs }: Acceptance): string => `${golden ? `${windows} golden windows within ${worstGolden.toExponential(1)}` : `${windows} windows of noise, no golden ones`}, ${(runMs * 1000).toFixed(0)} µs a window`

const score = (one: Score | undefined): string => (one === undefined ? '-' : `${(one.accuracy * 100).toFixed(1)} %, ${one.crossEntropy.toFixed(3)} nats`)

const bestBaseline = ({ metrics }: BundleMeta): Score | undefined => Object.values(metrics?.baselines ?? {}).sort((a, b) => a.crossEntropy - b.crossEntropy)[0]

function read(version: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    return fail('RM_MODEL_IMPORT', { version, problem: `${file} cannot be read (${errorLine(error)})` }, error)
  }
}
