import { Command, CommanderError, Option } from 'commander'
import { renderConfig, renderSources } from '../config/index.ts'
import { errorLine, fail } from '../core/index.ts'
import type { CliActions, CliIo, RecordRequest } from './actions.ts'
import { listActors, restartActor, showStatus } from './actors-command.ts'
import { addAlerts } from './alerts-command.ts'
import { addDatabase } from './database-commands.ts'
import { addDataset } from './dataset-commands.ts'
import { addModels } from './models-commands.ts'
import { listBreakers, resetBreaker } from './breaker-command.ts'
import { doctorChecks, runDoctor } from './doctor.ts'
import { engageKillSwitch, type KillTarget, releaseKillSwitch } from './kill-command.ts'
import { addTrain } from './train-command.ts'
import { addStrategy } from './strategy-command.ts'
import { setLimit, showRisk } from './risk-command.ts'
import { EXIT, exitCodeHelp, exitCodeOf } from './exit-codes.ts'
import { recover } from './recovery-command.ts'
import { aboveZero, type ConfigOptions, loadFor, replayOverrides, startRequest, wholeFrom, withConfig, withOutput } from './options.ts'

const EXAMPLES = `
Examples:
  ringmaster run                                       paper trading on the built-in exchange
  ringmaster run --pairs BTCUSDT,ETHUSDT --set risk.max_open_positions=2
  ringmaster run --market replay:monday.raw.gz         the recorded market instead of a generated one
  ringmaster backtest monday.raw.gz --pairs BTCUSDT    the same actors, virtual time
  ringmaster record --venue bybit --pairs BTCUSDT --out recordings
  ringmaster data check recordings/*.gz                every gap, crossed book and checksum
  ringmaster collect recordings/*.gz                   samples for training, from recorded files
  ringmaster label; ringmaster dataset check           their labels; every file against the others
  ringmaster models list                               what may decide, and how it was measured
  ringmaster train --max-minutes 20                    a model from them, judged on what it never saw
  ringmaster simulate --seeds 1000                     the engine against everything that can go wrong
  ringmaster actors restart features:BTCUSDT
  ringmaster kill --flatten --why "something is wrong"    no entries any more, positions closed
  ringmaster release --why "found it"                    trade again
  ringmaster risk set max_exposure_usdt 5000           a limit of the running engine
  ringmaster explain rmmainE1D7S0A0                    why an order was made, what came of it
  ringmaster audit verify                              every row of the audit against its hash
  ringmaster strategy disable momentum                 takes its vote away
  ringmaster alerts test                               a test alert by every channel
  ringmaster config show --sources

Exit codes:
${exitCodeHelp()}
`

/** Where the exit code of the command that ran is left. */
interface Outcome {
  code: number
}

/** Options of `actors` and `status`, which look at an engine that runs. */
interface TargetOptions extends ConfigOptions {
  readonly url?: string
  readonly token?: string
}

/** The `ringmaster` program; nothing in it ends the process. Use `runCli`. */
export function buildProgram(actions: CliActions, io: CliIo, version: string, outcome: Outcome): Command {
  const program = new Command('ringmaster')
    .description('Supervised scalping engine for crypto perpetual futures')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(add --help for the options)')
    .addHelpText('after', EXAMPLES)
  const ends = (work: Promise<number>): Promise<void> => work.then((code) => void (outcome.code = code))
  addStarts(program, actions, io, ends)
  addSimulate(program, actions, io, ends)
  addConfig(program, io, outcome)
  addTargets(program, io, ends)
  addBreakers(program, io, ends)
  addRisk(program, io, ends)
  addStrategy(program, actions, io, ends, urlOf)
  addAlerts(program, actions, io, ends)
  addJournal(program, actions, io, ends)
  addCsv(program, actions, io, ends)
  addDatabase(program, actions, io, ends)
  addData(program, actions, io, ends)
  addDataset(program, actions, io, ends)
  addModels(program, actions, io, ends)
  addTrain(program, actions, io, ends)
  withConfig(program.command('doctor').description('is this machine fit? each check with a remedy')).action((options: ConfigOptions) => ends(runDoctor(doctorChecks(() => loadFor(options, io).config), io.out)))
  return program
}

/** Runs one command line. @returns the exit code; errors are printed, not thrown */
export async function runCli(argv: readonly string[], actions: CliActions, io: CliIo, version: string): Promise<number> {
  const outcome: Outcome = { code: EXIT.ok }
  try {
    await buildProgram(actions, io, version, outcome).parseAsync(argv, { from: 'user' })
    return outcome.code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    io.err(`${errorLine(error)}\n`)
    return exitCodeOf(error)
  }
}

type Ends = (work: Promise<number>) => Promise<void>

function addStarts(program: Command, actions: CliActions, io: CliIo, ends: Ends): void {
  withOutput(withConfig(program.command('run').description('the whole engine')))
    .addHelpText('after', '\nStops cleanly on Ctrl-C or SIGTERM. Settings: docs/configuration.md')
    .action((options: ConfigOptions) => {
      const request = startRequest(options, io)
      if (request.loaded.config.mode === 'backtest') fail('RM_USAGE', { what: 'run', problem: 'mode is backtest: use "ringmaster backtest <file…>"' })
      return ends(actions.run(request))
    })
  withOutput(withConfig(program.command('exchange').description('the built-in exchange alone, for other clients')))
    .action((options: ConfigOptions) => ends(actions.exchange(startRequest(options, io))))
  withOutput(withConfig(program.command('backtest').description('replays recorded files in virtual time').argument('<file...>', 'recorded files, in order')))
    .option('--out <dir>', 'folder for the journal and the report (default: a new one in the data folder)')
    .action((files: readonly string[], options: ConfigOptions & { readonly out?: string }) => {
      const overrides = [{ path: 'mode', value: 'backtest', from: 'backtest' }, ...replayOverrides(files, 'backtest')]
      return ends(actions.backtest({ ...startRequest(options, io, overrides), files, out: options.out ?? null }))
    })
  withOutput(withConfig(program.command('soak').description('runs idle and measures CPU share and growth of memory')))
    .addOption(new Option('--minutes <n>', 'how long').argParser(aboveZero).default(10))
    .action((options: ConfigOptions & { readonly minutes: number }) => ends(actions.soak({ ...startRequest(options, io), minutes: options.minutes })))
}

interface SimulateOptions {
  readonly seeds: number
  readonly seed: number
  readonly fault?: readonly string[]
  readonly venue: 'bybit' | 'okx' | 'both'
  readonly minutes: number
  readonly plan?: string
  readonly threads?: number
  readonly shrink: boolean
}

function addSimulate(program: Command, actions: CliActions, io: CliIo, ends: Ends): void {
  program
    .command('simulate')
    .description('plays the whole engine against a hostile venue, host and operator in virtual time; exit code 1 when an invariant broke')
    .addOption(new Option('--seeds <n>', 'how many').argParser(wholeFrom(1)).default(100))
    .addOption(new Option('--seed <n>', 'the first one').argParser(wholeFrom(0)).default(1))
    .option('--fault <kind...>', 'only these kinds of faults (default: a random choice of all for each seed)')
    .addOption(new Option('--venue <name>', 'whose protocol').choices(['bybit', 'okx', 'both']).default('both'))
    .addOption(new Option('--minutes <n>', 'virtual minutes with faults of each seed').argParser(aboveZero).default(1))
    .option('--plan <file>', 'plays a kept plan instead of seeds')
    .addOption(new Option('--threads <n>', 'default: one for each core').argParser(wholeFrom(1)))
    .option('--no-shrink', 'does not look for the smallest plan that fails')
    .action((options: SimulateOptions) =>
      ends(actions.simulate({ seeds: options.seeds, seed: options.seed, faults: options.fault ?? [], venue: options.venue, minutes: options.minutes, plan: options.plan ?? null, threads: options.threads ?? null, shrink: options.shrink }, (line) => io.out(`${line}\n`))),
    )
}

function addConfig(program: Command, io: CliIo, outcome: Outcome): void {
  const config = program.command('config').description('the configuration: check it, show it')
  withConfig(config.command('check').description('reports every problem at once')).action((options: ConfigOptions) => {
    const { config: checked } = loadFor(options, io)
    io.out(`the configuration is good: ${checked.mode} on ${checked.venue}, ${checked.trading_pairs.join(' ')}\n`)
    outcome.code = EXIT.ok
  })
  withConfig(config.command('show').description('the effective values, secrets masked'))
    .option('--sources', 'where each value came from')
    .action((options: ConfigOptions & { readonly sources?: boolean }) => {
      const { config: effective, sources } = loadFor(options, io)
      io.out(options.sources === true ? renderSources(effective, sources) : renderConfig(effective))
    })
}

function withTarget(command: Command): Command {
  return withConfig(command).option('--url <url>', 'health server of the engine (default: health.host and health.port)')
}

function addTargets(program: Command, io: CliIo, ends: Ends): void {
  withTarget(program.command('status').description('how a running engine is; exit code 3 when it is not well'))
    .option('--json', 'the whole state as JSON')
    .action((options: TargetOptions) => ends(showStatus({ url: urlOf(options, io), json: options.json ?? false, color: io.terminal && !io.env['NO_COLOR'] }, io.out)))
  withTarget(program.command('kill').description('kill switch: stops all entries until it is released, also over restarts'))
    .option('--flatten', 'close all positions too')
    .option('--why <words>', 'the reason, for the journal')
    .option('--token <token>', 'bearer token (default: health.token, else the one kept in the data folder)')
    .action((options: TargetOptions & { readonly flatten?: boolean; readonly why?: string }) => ends(engageKillSwitch(killTarget(options, io), { why: options.why, flatten: options.flatten ?? false }, io.out)))
  withTarget(program.command('release').description('releases the kill switch'))
    .requiredOption('--why <words>', 'the reason, for the journal')
    .option('--force', 'although its cause stands: losses are counted anew from here')
    .option('--token <token>', 'bearer token (default: health.token, else the one kept in the data folder)')
    .action((options: TargetOptions & { readonly force?: boolean; readonly why: string }) => ends(releaseKillSwitch(killTarget(options, io), { why: options.why, force: options.force ?? false }, io.out)))
  withTarget(program.command('recover').description('reconciles a running engine with its venue and prints the report; exit code 3 when they do not agree'))
    .option('--token <token>', 'bearer token (default: health.token, else the one kept in the data folder)')
    .option('--last', 'shows the last report, asks for nothing')
    .option('--json', 'as JSON')
    .action((options: TargetOptions & { readonly last?: boolean }) => {
      const { config } = loadFor(options, io)
      const token = options.token ?? (config.health.token === 'auto' ? undefined : config.health.token)
      return ends(recover({ url: urlOf(options, io), token, dataDir: config.data_dir, json: options.json ?? false, last: options.last ?? false }, io.out))
    })
  const actors = program.command('actors').description('the actors of a running engine')
  withTarget(actors.command('list').description('every actor with state, thread, restarts and ring'))
    .option('--json', 'as JSON')
    .action((options: TargetOptions) => ends(listActors({ url: urlOf(options, io), json: options.json ?? false }, io.out)))
  withTarget(actors.command('restart').description('restarts one actor and no other').argument('<id>', 'such as features:BTCUSDT, see "actors list"'))
    .option('--token <token>', 'bearer token (default: health.token, else the one kept in the data folder)')
    .action((id: string, options: TargetOptions) => {
      const { config } = loadFor(options, io)
      const token = options.token ?? (config.health.token === 'auto' ? undefined : config.health.token)
      return ends(restartActor(urlOf(options, io), id, token, config.data_dir, io.out))
    })
}

function killTarget(options: TargetOptions, io: CliIo): KillTarget {
  const { config } = loadFor(options, io)
  return { url: urlOf(options, io), token: options.token ?? (config.health.token === 'auto' ? undefined : config.health.token), dataDir: config.data_dir }
}

function addBreakers(program: Command, io: CliIo, ends: Ends): void {
  const breaker = program.command('breaker').description('circuit breakers and limits on the way to the venue')
  withTarget(breaker.command('list').description('every endpoint group with breaker, failures and use of its limits'))
    .option('--json', 'as JSON')
    .action((options: TargetOptions) => ends(listBreakers(urlOf(options, io), options.json ?? false, io.out)))
  withTarget(breaker.command('reset').description('closes the breaker of an endpoint group at once').argument('<group>', 'trade, position, account, market or other'))
    .option('--token <token>', 'bearer token (default: health.token, else the one kept in the data folder)')
    .action((group: string, options: TargetOptions) => {
      const { config } = loadFor(options, io)
      const token = options.token ?? (config.health.token === 'auto' ? undefined : config.health.token)
      return ends(resetBreaker(urlOf(options, io), group, token, config.data_dir, io.out))
    })
}

function addRisk(program: Command, io: CliIo, ends: Ends): void {
  const risk = program.command('risk').description('the limits of a running engine: docs/risk.md')
  withTarget(risk.command('show').description('limits in effect, what of them is used, the last refusal of each symbol'))
    .option('--json', 'as JSON')
    .action((options: TargetOptions) => ends(showRisk({ url: urlOf(options, io), json: options.json ?? false }, io.out)))
  withTarget(risk.command('set').description('changes a limit at once, written to the journal').argument('<limit>', 'such as max_exposure_usdt, see "risk show"').argument('<value>', 'a plain decimal'))
    .option('--token <token>', 'bearer token (default: health.token, else the one kept in the data folder)')
    .action((limit: string, value: string, options: TargetOptions) => {
      const { config } = loadFor(options, io)
      const token = options.token ?? (config.health.token === 'auto' ? undefined : config.health.token)
      return ends(setLimit(urlOf(options, io), limit, value, token, config.data_dir, io.out))
    })
}

function urlOf(options: TargetOptions, io: CliIo): string {
  if (options.url !== undefined) return options.url
  const { host, port } = loadFor(options, io).config.health
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

function addJournal(program: Command, actions: CliActions, io: CliIo, ends: Ends): void {
  const journal = program.command('journal').description('the journal of the execution actor')
  const print = (line: string): void => io.out(`${line}\n`)
  journal
    .command('cat')
    .description('its records, one a line')
    .argument('<path>', 'journal file or folder')
    .addOption(new Option('--from <n>', 'first record').argParser(wholeFrom(0)).default(0))
    .addOption(new Option('--limit <n>', 'most records to show').argParser(wholeFrom(1)).default(1000))
    .option('--only <id>', 'only what belongs to a trace id, client id, order id or execution id of the venue, or position/<n>')
    .option('--json', 'as JSON lines')
    .action((path: string, options: { readonly from: number; readonly limit: number; readonly json?: boolean; readonly only?: string }) =>
      ends(actions.journalCat(path, { from: options.from, limit: options.limit, json: options.json ?? false, ...(options.only === undefined ? {} : { only: options.only }) }, print)),
    )
  journal
    .command('verify')
    .description('checks every frame, checksum and sequence; changes nothing')
    .argument('<path>', 'journal file or folder')
    .action((path: string) => ends(actions.journalVerify(path, print)))
}

function addCsv(program: Command, actions: CliActions, io: CliIo, ends: Ends): void {
  const csv = program.command('csv').description('the CSV files of orders, trades and open positions')
  withConfig(csv.command('rebuild').description('makes all of them anew from the journal of the venue; the engine must not run'))
    .action((options: ConfigOptions) => ends(actions.csvRebuild(loadFor(options, io), (line) => io.out(`${line}\n`))))
}

interface RecordOptions {
  readonly venue: 'bybit' | 'okx'
  readonly pairs: string
  readonly out: string
  readonly url?: string
  readonly depth?: number
  readonly minutes?: number
  readonly rotateMb: number
  readonly rotateMinutes?: number
  readonly compress: 'gzip' | 'zstd'
}

function addData(program: Command, actions: CliActions, io: CliIo, ends: Ends): void {
  const print = (line: string): void => io.out(`${line}\n`)
  program
    .command('record')
    .description('writes the public data of a venue as it comes: docs/recording.md')
    .addOption(new Option('--venue <name>', 'whose data').choices(['bybit', 'okx']).makeOptionMandatory())
    .requiredOption('--pairs <list>', 'symbols to record, such as BTCUSDT,ETHUSDT')
    .requiredOption('--out <dir>', 'folder for the files and their index')
    .option('--url <url>', 'a built-in exchange instead of the venue, such as http://127.0.0.1:8010')
    .addOption(new Option('--depth <n>', 'levels of the book (default: 50 on bybit, 400 on okx)').argParser(wholeFrom(1)))
    .addOption(new Option('--minutes <n>', 'how long (default: until stopped)').argParser(aboveZero))
    .addOption(new Option('--rotate-mb <n>', 'a new file after so many megabytes, unpacked').argParser(aboveZero).default(256))
    .addOption(new Option('--rotate-minutes <n>', 'a new file after so many minutes').argParser(aboveZero))
    .addOption(new Option('--compress <how>', 'packing of finished files').choices(['gzip', 'zstd']).default('gzip'))
    .action((options: RecordOptions) => {
      const symbols = options.pairs.trim().split(/[\s,]+/).map((pair) => pair.toUpperCase().replaceAll('-', ''))
      const request: RecordRequest = {
        venue: options.venue, symbols: [...new Set(symbols)], out: options.out, depth: options.depth ?? null, url: options.url ?? null, minutes: options.minutes ?? null,
        rotateBytes: Math.round(options.rotateMb * 1e6), rotateMinutes: options.rotateMinutes ?? null, compress: options.compress,
      }
      return ends(actions.record(request, print))
    })
  const data = program.command('data').description('recorded files')
  data
    .command('check')
    .description('format, times, gaps, crossed books, checksums, clocks; exit code 1 when something is wrong')
    .argument('<file...>', 'recorded files; those that continue each other in order')
    .option('--json', 'one JSON object for each recording')
    .action((files: readonly string[], options: { readonly json?: boolean }) => ends(actions.dataCheck(files, options.json ?? false, print)))
}
