import type { Command } from 'commander'
import type { StrategyHealth } from '../runtime/health/index.ts'
import type { CliActions, CliIo } from './actions.ts'
import { EXIT } from './exit-codes.ts'
import { commandToken, HealthClient } from './health-client.ts'
import { type ConfigOptions, loadFor, withConfig } from './options.ts'
import { renderTable } from './table.ts'

const REPLAY_HELP = `
Plays files of candles (ts_ms,open,high,low,close,volume, plain or gzip) to every strategy that candles are enough for, each trading
alone, and to their consensus; funding is taken from the file beside. Settings are those of the engine. Page: docs/strategies.md
Example:
  ringmaster strategy replay candles/*_1m.csv.gz`

interface TargetOptions extends ConfigOptions {
  readonly url?: string
  readonly token?: string
}

type Ends = (work: Promise<number>) => Promise<void>

/** `strategy`. @param ends leaves the exit code of what was started @param urlOf where the engine is */
export function addStrategy(program: Command, actions: CliActions, io: CliIo, ends: Ends, urlOf: (options: TargetOptions, io: CliIo) => string): void {
  const strategy = program.command('strategy').description('the strategies of a running engine and their vote: docs/strategies.md')
  const target = (command: Command): Command => withConfig(command).option('--url <url>', 'health server of the engine (default: health.host and health.port)')
  const change = (command: Command): Command => target(command).option('--token <token>', 'bearer token (default: health.token, else the one kept in the data folder)')
  const set = (options: TargetOptions, name: string, setting: string, value: string): Promise<void> => {
    const { config } = loadFor(options, io)
    const token = options.token ?? (config.health.token === 'auto' ? undefined : config.health.token)
    return ends(setStrategy(urlOf(options, io), name, setting, value, token, config.data_dir, io.out))
  }
  target(strategy.command('list').description('every strategy with switch, weight, changed parameters and what became of its votes'))
    .option('--json', 'as JSON')
    .action((options: TargetOptions) => ends(listStrategies(urlOf(options, io), options.json ?? false, io.out)))
  change(strategy.command('enable').description('lets it vote, at once and after restarts').argument('<name>', 'such as momentum')).action((name: string, options: TargetOptions) => set(options, name, 'enabled', 'true'))
  change(strategy.command('disable').description('takes its vote away, at once and after restarts').argument('<name>', 'such as momentum')).action((name: string, options: TargetOptions) => set(options, name, 'enabled', 'false'))
  change(strategy.command('weight').description('its weight in the weighted mode').argument('<name>', 'such as momentum').argument('<value>', '0 to 100')).action((name: string, value: string, options: TargetOptions) => set(options, name, 'weight', value))
  change(strategy.command('set').description('one of its parameters').argument('<name>', 'such as momentum').argument('<setting>', 'as in the configuration, such as rsi_min').argument('<value>', 'a number, true or false')).action((name: string, setting: string, value: string, options: TargetOptions) => set(options, name, setting, value))
  withConfig(strategy.command('replay').description('what they would have made of recorded candles').argument('<file...>', 'files of candles, each a market of its own'))
    .addHelpText('after', REPLAY_HELP)
    .option('--each', 'a table for each file too')
    .option('--json', 'as JSON')
    .action((files: readonly string[], options: ConfigOptions & { readonly each?: boolean; readonly json?: boolean }) =>
      ends(actions.strategyReplay({ loaded: loadFor(options, io), files, json: options.json ?? false, each: options.each ?? false }, (line) => io.out(`${line}\n`))),
    )
}

async function listStrategies(url: string, json: boolean, print: (text: string) => void): Promise<number> {
  const strategies = await new HealthClient(url).strategies()
  print(json ? `${JSON.stringify(strategies)}\n` : renderStrategies(strategies))
  return EXIT.ok
}

async function setStrategy(url: string, name: string, setting: string, value: string, token: string | undefined, dataDir: string, print: (text: string) => void): Promise<number> {
  await new HealthClient(url).setStrategy(name, setting, value, commandToken(token, dataDir))
  print(`${name} ${setting} ${value}: kept, and passed on to every symbol\n`)
  return EXIT.ok
}

/** For people. */
export function renderStrategies(strategies: readonly StrategyHealth[]): string {
  const rows = strategies.map(({ name, enabled, weight, changed, outcome }) => [
    name,
    enabled ? 'votes' : 'off',
    String(weight),
    outcome === null ? '-' : String(outcome.trades),
    outcome === null || outcome.trades === 0 ? '-' : `${((100 * outcome.wins) / outcome.trades).toFixed(1)} %`,
    outcome === null ? '-' : outcome.net,
    changed.map(({ setting, value, configured }) => `${setting} ${value} (configured ${configured})`).join(', '),
  ])
  return renderTable(['STRATEGY', 'VOTE', 'WEIGHT', 'TRADES', 'HITS', 'NET USDT', 'CHANGED'], rows)
}
