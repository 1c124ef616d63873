import { stringify } from 'yaml'
import { leavesOf } from './load.ts'
import type { Config } from './schema.ts'
import { settingAt } from './settings.ts'

const MASK = '***'

/** Words that stand where a secret might, and are none. */
const NO_SECRETS: ReadonlySet<unknown> = new Set(['auto', 'off'])

const isSecret = (path: readonly string[]): boolean => settingAt(path)?.secret ?? false

/** The configuration as plain data with its secrets masked: fit for logs, health and screens. */
export function maskedConfig(config: Config): Record<string, unknown> {
  return masked(config, []) as Record<string, unknown>
}

function masked(value: unknown, path: readonly string[]): unknown {
  if (isSecret(path)) return NO_SECRETS.has(value) ? value : MASK
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.slice()
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, masked(child, [...path, key])]))
}

/** The values that no log line and no answer may contain. */
export function secretValues(config: Config): readonly string[] {
  const found: string[] = []
  for (const [path, value] of leavesOf(config)) if (isSecret(path) && typeof value === 'string' && !NO_SECRETS.has(value)) found.push(value)
  return found
}

/** The configuration as YAML that can be saved as `local.yaml`, secrets masked. */
export function renderConfig(config: Config): string {
  return stringify(maskedConfig(config), { lineWidth: 0 })
}

/** `path = value  # source`, one line a value. */
export function renderSources(config: Config, sources: ReadonlyMap<string, string>): string {
  const rows = [...leavesOf(maskedConfig(config))].map(([path, value]) => ({ left: `${path.join('.')} = ${JSON.stringify(value)}`, source: sources.get(path.join('.')) ?? 'default' }))
  const width = Math.min(72, Math.max(...rows.map((row) => row.left.length)))
  return rows.map((row) => `${row.left.padEnd(width)}  # ${row.source}\n`).join('')
}
