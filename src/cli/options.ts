import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { loadConfig, type LoadedConfig, type Override } from '../config/index.ts'
import { fail } from '../core/index.ts'
import type { CliIo, StartRequest } from './actions.ts'

/** Options that every command with a configuration has, as commander hands them over. */
export interface ConfigOptions {
  readonly config?: string
  readonly pairs?: string
  readonly market?: readonly string[]
  readonly set: readonly string[]
  readonly json?: boolean
  readonly color: boolean
}

const OWN_CONFIG = join(import.meta.dirname, '../../config')

/** The configuration folder: as said, else `config` of the working folder, else the one of the package. */
export function configDir(said: string | undefined): string {
  return said ?? (existsSync('config') ? 'config' : OWN_CONFIG)
}

/** Command-line options as overrides, in the order in which they hold. @throws RM_USAGE */
export function overridesOf(options: ConfigOptions): Override[] {
  const overrides: Override[] = []
  if (options.pairs !== undefined) overrides.push({ path: 'trading_pairs', value: options.pairs.trim().split(/[\s,]+/).join(','), from: '--pairs' })
  if (options.market !== undefined) overrides.push(...marketOverrides(options.market))
  for (const text of options.set) {
    const equals = text.indexOf('=')
    if (equals <= 0) fail('RM_USAGE', { what: '--set', problem: `"${text}" is not path=value, such as risk.max_open_positions=3` })
    overrides.push({ path: text.slice(0, equals).trim(), value: text.slice(equals + 1), from: `--set ${text.slice(0, equals).trim()}` })
  }
  return overrides
}

function marketOverrides(words: readonly string[]): Override[] {
  const [first = '', ...more] = words.join(' ').trim().split(/[\s,]+/)
  const from = '--market'
  if (first === 'generated' && more.length === 0) return [{ path: 'exchange.market', value: 'generated', from }]
  const files = [first.slice('replay:'.length), ...more].filter((file) => file !== '')
  if (!first.startsWith('replay:') || files.length === 0) fail('RM_USAGE', { what: '--market', problem: `"${words.join(' ')}" is neither "generated" nor "replay:<file> <file> …"` })
  return replayOverrides(files, from)
}

/** Settings that make the built-in exchange play recorded files. @throws RM_USAGE for a file that is not there */
export function replayOverrides(files: readonly string[], from: string): Override[] {
  const absent = files.filter((file) => !existsSync(file))
  if (absent.length > 0) fail('RM_USAGE', { what: from, problem: `no such file: ${absent.join(', ')}` })
  return [
    { path: 'exchange.market', value: 'replay', from },
    { path: 'exchange.files', value: JSON.stringify(files), from },
  ]
}

const gathered = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** Adds the options that every command with a configuration has. */
export function withConfig(command: Command): Command {
  return command
    .option('--config <dir>', 'folder with default.yaml and local.yaml (default: ./config)')
    .option('--pairs <list>', 'symbols to trade, such as BTCUSDT,ETH-USDT')
    .option('--market <market...>', 'market of the built-in exchange: generated, or replay:<file…>')
    .addOption(new Option('--set <path=value>', 'any setting; may be repeated').argParser(gathered).default([], 'none'))
}

/** Adds the options of what a command prints. */
export function withOutput(command: Command): Command {
  return command.option('--json', 'JSON lines instead of text for people').option('--no-color', 'no colours')
}

/** Loads the configuration that the options describe, and says its warnings. @throws ConfigError, RM_USAGE */
export function loadFor(options: ConfigOptions, io: CliIo, more: readonly Override[] = []): LoadedConfig {
  const loaded = loadConfig({ dir: configDir(options.config), env: io.env, overrides: [...overridesOf(options), ...more], ...(io.envFile === undefined ? {} : { envFile: io.envFile }) })
  for (const warning of loaded.warnings) io.err(`warning: ${warning}\n`)
  return loaded
}

export function startRequest(options: ConfigOptions, io: CliIo, more: readonly Override[] = []): StartRequest {
  return { loaded: loadFor(options, io, more), json: options.json ?? false, color: io.terminal && options.color && !io.env['NO_COLOR'] }
}

/** Argument parser for a whole number from `min` on. */
export const wholeFrom =
  (min: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || !Number.isSafeInteger(value)) throw new InvalidArgumentError(`a whole number from ${min} on is needed.`)
    return value
  }

/** Argument parser for a number above zero. */
export function aboveZero(text: string): number {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0) throw new InvalidArgumentError('a number above 0 is needed.')
  return value
}
