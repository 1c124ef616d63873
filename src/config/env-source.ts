import { parseEnv } from 'node:util'
import { parse as parseYaml } from 'yaml'
import type { Draft } from './draft.ts'
import { nearest, type ConfigProblem } from './problems.ts'
import { isSymbolTable, keysAt, settingAt, settings, type Setting } from './settings.ts'
import { normaliseSymbol } from './symbols.ts'

/** Names of the original system whose parts this version does not have, or always has switched on. */
const NAMES_WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  MIN_STRATEGIES: 'this version has one rule strategy',
  SPOOFING_CANCEL_RATE_THRESHOLD: 'this version has no manipulation detectors',
  LAYERING_MIN_ORDERS: 'this version has no manipulation detectors',
}

/** Names with our prefix that tests, benches and child processes use; they are no settings. */
const NAMES_OF_TOOLS = /^RINGMASTER_(DATA|FIXTURES|TEST_\w+|BENCH_\w+|SOAK_\w+|INTERNAL_\w+)$/

const byEnv = new Map(settings.filter((setting) => setting.env !== null).map((setting) => [setting.env!, setting]))

export type Environment = Readonly<Record<string, string | undefined>>

/** Lays environment variables over the draft. An empty variable counts as not set. */
export function readEnvironment(env: Environment, place: (name: string) => string, draft: Draft, problems: ConfigProblem[], warnings: string[]): void {
  for (const name of Object.keys(env).sort()) {
    const text = env[name]
    if (text === undefined || text === '') continue
    const setting = byEnv.get(name)
    const reason = Object.hasOwn(NAMES_WITHOUT_EFFECT, name) ? NAMES_WITHOUT_EFFECT[name] : undefined
    if (setting !== undefined) draft.set(setting.path.split('.'), readText(setting, text), place(name))
    else if (reason !== undefined) warnings.push(`${name} has no effect: ${reason} (${place(name)})`)
    else if (name.startsWith('RINGMASTER_') && !NAMES_OF_TOOLS.test(name)) {
      const meant = nearest(name, [...byEnv.keys()])
      problems.push({ code: 'RM_CONFIG_UNKNOWN', path: name, value: 'is no setting', allowed: meant === null ? 'names listed in docs/configuration.md' : `did you mean ${meant}?`, from: place(name) })
    }
  }
}

/** As `readEnvironment`, for the text of a `.env` file, with the line of each value. */
export function readDotEnv(file: string, text: string, draft: Draft, problems: ConfigProblem[], warnings: string[]): void {
  const lines = text.split('\n')
  const place = (name: string): string => {
    const index = lines.findLastIndex((line) => line.trim().replace(/^export\s+/, '').match(/^[\w.-]+/)?.[0] === name)
    return `${file}:${index + 1} ${name}`
  }
  readEnvironment(parseEnv(text), place, draft, problems, warnings)
}

/** One `path=value` of the command line. */
export interface Override {
  readonly path: string
  readonly value: string
  /** The option that said so, for errors and `config show --sources`. */
  readonly from: string
}

export function readOverride(override: Override, draft: Draft, problems: ConfigProblem[]): void {
  const path: string[] = []
  for (const key of override.path.split('.')) path.push(isSymbolTable(path) ? (normaliseSymbol(key) ?? key) : key)
  const setting = settingAt(path)
  if (setting !== null) {
    draft.set(path, readText(setting, override.value), override.from)
    return
  }
  let known = path.length
  while (known > 0 && keysAt(path.slice(0, known)).length === 0) known -= 1
  const parent = path.slice(0, known)
  const names = keysAt(parent).map((key) => [...parent, key].join('.'))
  const meant = known === path.length ? null : nearest(path.slice(0, known + 1).join('.'), names)
  problems.push({ code: 'RM_CONFIG_UNKNOWN', path: override.path, value: 'is no setting', allowed: meant === null ? names.join(', ') : `did you mean ${meant}?`, from: override.from })
}

/** Text to a value by the kind of the setting; what cannot be read stays text, for the schema to refuse. */
function readText(setting: Setting, text: string): unknown {
  if (setting.reads === 'text') return text
  if (setting.reads === 'list' && !text.trimStart().startsWith('[')) {
    const items = text.split(',').map((item) => item.trim())
    return items.filter((item) => item !== '')
  }
  try {
    return parseYaml(text, { logLevel: 'error' }) as unknown
  } catch {
    return text
  }
}
