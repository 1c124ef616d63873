import { type Command, Option } from 'commander'
import { fail } from '../core/index.ts'
import type { CliActions, CliIo } from './actions.ts'
import { aboveZero, type ConfigOptions, loadFor, replayOverrides, startRequest, withConfig, withOutput } from './options.ts'

const EXAMPLES = {
  collect: `
Without files the engine runs on paper and collects as it goes; with files they are played in virtual time, as fast as it goes.
Examples:
  ringmaster collect --minutes 60 --pairs BTCUSDT,ETHUSDT
  ringmaster collect recordings/*.gz --set collect.every=5
  ringmaster collect monday.raw.gz --dir sets/monday
Page: docs/dataset.md`,
  label: `
Labels what has no labels yet; what was finished with the same settings is left as it is. Ctrl-C leaves whole files.
Examples:
  ringmaster label
  ringmaster label --force --set label.threshold_percent=0.05`,
  info: `
Examples:
  ringmaster dataset info
  ringmaster dataset info --html report.html`,
}

interface CollectOptions extends ConfigOptions {
  readonly minutes?: number
  readonly dir?: string
}

interface SetOptions extends ConfigOptions {
  readonly dir?: string
  readonly force?: boolean
  readonly html?: string
}

/** `collect`, `label` and `dataset`. @param ends leaves the exit code of what was started */
export function addDataset(program: Command, actions: CliActions, io: CliIo, ends: (work: Promise<number>) => Promise<void>): void {
  const print = (line: string): void => io.out(`${line}\n`)
  withDir(withOutput(withConfig(program.command('collect').description('collects samples for training').argument('[file...]', 'recorded files, in order; without any the engine runs'))))
    .addOption(new Option('--minutes <n>', 'how long the engine runs (default: until stopped)').argParser(aboveZero))
    .addHelpText('after', EXAMPLES.collect)
    .action((files: readonly string[], options: CollectOptions) => ends(actions.collect(collectRequest(files, options, io), print)))
  withDir(withOutput(withConfig(program.command('label').description('gives collected samples their labels: what the price did next'))))
    .option('--force', 'labels anew what was finished')
    .addHelpText('after', EXAMPLES.label)
    .action((options: SetOptions) => ends(actions.label({ ...setRequest(options, io), force: options.force ?? false }, print)))
  const dataset = program.command('dataset').description('the collected data set: look at it, check it')
  withDir(withOutput(withConfig(dataset.command('info').description('samples, times, gaps and classes of each symbol'))))
    .option('--html <file>', 'writes a page with plots and every feature')
    .addHelpText('after', EXAMPLES.info)
    .action((options: SetOptions) => ends(actions.datasetInfo({ ...setRequest(options, io), html: options.html ?? null }, print)))
  withDir(withOutput(withConfig(dataset.command('check').description('every file against the others; exit code 1 when something is wrong')))).action((options: SetOptions) => ends(actions.datasetCheck(setRequest(options, io), print)))
}

const withDir = (command: Command): Command => command.option('--dir <dir>', 'folder of the data set (default: collect.dir)')

const dirOverrides = (dir: string | undefined) => (dir === undefined ? [] : [{ path: 'collect.dir', value: dir, from: '--dir' }])

function collectRequest(files: readonly string[], options: CollectOptions, io: CliIo) {
  const from = 'collect'
  if (files.length > 0 && options.minutes !== undefined) fail('RM_USAGE', { what: '--minutes', problem: 'files are played to their end' })
  const played = files.length === 0 ? [] : [{ path: 'mode', value: 'backtest', from }, ...replayOverrides(files, from)]
  const request = startRequest(options, io, [{ path: 'collect.enabled', value: 'true', from }, ...dirOverrides(options.dir), ...played])
  if (files.length === 0 && request.loaded.config.mode === 'backtest') fail('RM_USAGE', { what: 'collect', problem: 'mode is backtest: give the recorded files' })
  return { ...request, files, minutes: options.minutes ?? null }
}

function setRequest(options: SetOptions, io: CliIo) {
  const { config } = loadFor(options, io, dirOverrides(options.dir))
  return { dir: config.collect.dir, label: config.label, json: options.json ?? false }
}
