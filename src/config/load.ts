import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { z } from 'zod'
import { Draft, type Branch } from './draft.ts'
import { readDotEnv, readEnvironment, readOverride, type Environment, type Override } from './env-source.ts'
import { ConfigError, nearest, shown, type ConfigProblem } from './problems.ts'
import { checkRules, type CheckedSections } from './rules.ts'
import { configSchema, type Config } from './schema.ts'
import { allowedAt, keysAt, settingAt } from './settings.ts'
import { readYaml } from './yaml-source.ts'

/** Files of the configuration folder, in the order in which they are laid over each other. */
export const CONFIG_FILES = ['default.yaml', 'local.yaml'] as const

export interface LoadOptions {
  /** Folder with `default.yaml` and, when there is one, `local.yaml`. */
  readonly dir: string
  readonly env: Environment
  /** Command line, later ones win. */
  readonly overrides?: readonly Override[]
  /** `.env` in the working folder by default; null reads none. */
  readonly envFile?: string | null
}

export interface LoadedConfig {
  readonly config: Config
  /** Path of every value → where it came from. */
  readonly sources: ReadonlyMap<string, string>
  /** What was given and has no effect in this version. */
  readonly warnings: readonly string[]
}

/**
 * Reads `default.yaml`, `local.yaml`, `.env`, the environment and the command line, each over the one before, checks
 * the whole against the schema and freezes it.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const draft = new Draft()
  const problems: ConfigProblem[] = []
  const warnings: string[] = []
  readFiles(options.dir, draft, problems)
  const envFile = options.envFile === undefined ? resolve('.env') : options.envFile
  if (envFile !== null && existsSync(envFile)) {
    const text = readText(envFile, problems)
    if (text !== null) readDotEnv(display(envFile), text, draft, problems, warnings)
  }
  readEnvironment(options.env, (name) => `environment ${name}`, draft, problems, warnings)
  for (const override of options.overrides ?? []) readOverride(override, draft, problems)
  const config = check(draft, problems)
  if (problems.length > 0 || config === null) throw new ConfigError(problems)
  return { config: deepFreeze(config), sources: sourcesOf(config, draft), warnings }
}

const display = (path: string): string => {
  const near = relative(process.cwd(), resolve(path))
  return near.startsWith('..') ? resolve(path) : near
}

function readFiles(dir: string, draft: Draft, problems: ConfigProblem[]): void {
  let found = 0
  for (const name of CONFIG_FILES) {
    const file = join(dir, name)
    if (!existsSync(file)) continue
    found += 1
    const text = readText(file, problems)
    if (text !== null) readYaml(display(file), text, draft, problems)
  }
  if (found > 0) return
  const value = existsSync(dir) && statSync(dir).isDirectory() ? 'has no configuration file' : 'is no folder'
  problems.push({ code: 'RM_CONFIG_SYNTAX', path: '(folder)', value, allowed: `a folder with ${CONFIG_FILES.join(' or ')}`, from: display(dir) })
}

function readText(file: string, problems: ConfigProblem[]): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    problems.push({ code: 'RM_CONFIG_SYNTAX', path: '(file)', value: `cannot be read: ${(error as Error).message}`, allowed: 'a readable file', from: display(file) })
    return null
  }
}

/** Section by section, so that a mistake in one does not hide the rules of another. */
function check(draft: Draft, problems: ConfigProblem[]): Config | null {
  const checked: Record<string, unknown> = {}
  const shape = configSchema.shape as Readonly<Record<string, z.ZodType>>
  let whole = true
  for (const key of Object.keys(draft.tree)) if (!Object.hasOwn(shape, key)) problems.push(unknownKey([key], draft))
  for (const [key, schema] of Object.entries(shape)) {
    const result = schema.safeParse((draft.tree as Branch)[key])
    if (result.success) checked[key] = result.data
    else {
      whole = false
      for (const issue of result.error.issues) problems.push(...problemsOf(issue, [key, ...issue.path.map(String)], draft))
    }
  }
  checkRules(checked as CheckedSections, draft, problems)
  return whole ? (checked as Config) : null
}

function problemsOf(issue: z.core.$ZodIssue, path: readonly string[], draft: Draft): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], draft))
  if (issue.code === 'invalid_key')
    return [{ code: 'RM_CONFIG_VALUE', path: path.join('.'), value: 'is no USDT pair', allowed: 'a symbol such as BTCUSDT or BTC-USDT', from: draft.placeOf(path) ?? 'not set' }]
  const value = draft.get(path)
  const setting = path.filter((key) => !/^\d+$/.test(key))
  const allowed = allowedAt(setting) ?? issue.message
  const from = value === undefined ? `not set; section: ${draft.placeOf(path) ?? 'not set either'}` : (draft.placeOf(path) ?? 'default')
  return [{ code: 'RM_CONFIG_VALUE', path: path.join('.'), value: shown(value, settingAt(setting)?.secret ?? false), allowed, from }]
}

function unknownKey(path: readonly string[], draft: Draft): ConfigProblem {
  const known = keysAt(path.slice(0, -1))
  const meant = nearest(path.at(-1)!, known)
  return {
    code: 'RM_CONFIG_UNKNOWN',
    path: path.join('.'),
    value: 'is no setting',
    allowed: meant === null ? known.join(', ') : `did you mean ${meant}? Known here: ${known.join(', ')}`,
    from: draft.placeOf(path) ?? 'not set',
  }
}

function sourcesOf(config: Config, draft: Draft): ReadonlyMap<string, string> {
  const sources = new Map<string, string>()
  for (const [path] of leavesOf(config)) sources.set(path.join('.'), draft.exactPlaceOf(path) ?? 'default')
  return sources
}

/** Every value of a configuration with its path; a list is one value, an empty section too. */
export function* leavesOf(value: unknown, path: readonly string[] = []): Generator<readonly [readonly string[], unknown]> {
  const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value) && (path.length === 0 || Object.keys(value).length > 0)
  if (!isGroup) yield [path, value]
  else for (const [key, child] of Object.entries(value as Branch)) if (child !== undefined) yield* leavesOf(child, [...path, key])
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const child of Object.values(value)) deepFreeze(child)
    Object.freeze(value)
  }
  return value
}
