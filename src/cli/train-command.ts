import { type Command, Option } from 'commander'
import type { CliActions, CliIo } from './actions.ts'
import { aboveZero, type ConfigOptions, loadFor, wholeFrom, withConfig, withOutput } from './options.ts'

interface TrainOptions extends ConfigOptions {
  readonly dir?: string
  readonly as?: string
  readonly maxMinutes?: number
  readonly threads?: number
  readonly fresh?: boolean
  readonly demo?: boolean
}

const EXAMPLES = `
Trains on what "ringmaster collect" and "ringmaster label" made, walk-forward, and registers the model when it beats both baselines.
A training that was interrupted goes on where it was, with the same result. Nothing is activated: see "ringmaster models".
Examples:
  ringmaster train
  ringmaster train --set train.network=gru --set train.horizon=60s
  ringmaster train --max-minutes 20 --as monday
  ringmaster train --demo --max-minutes 4      on a generated market that has something to learn
Page: docs/training.md`

/** `train`. @param ends leaves the exit code of what was started */
export function addTrain(program: Command, actions: CliActions, io: CliIo, ends: (work: Promise<number>) => Promise<void>): void {
  withOutput(withConfig(program.command('train').description('trains a model on a collected data set and registers it')))
    .option('--dir <dir>', 'folder of the data set (default: collect.dir)')
    .option('--as <version>', 'version to register it as (default: network, size and time)')
    .addOption(new Option('--max-minutes <n>', 'fits the training into a time').argParser(aboveZero))
    .addOption(new Option('--threads <n>', 'folds that are trained at the same time (default: a core each)').argParser(wholeFrom(1)))
    .option('--fresh', 'begins anew instead of going on with an interrupted training')
    .option('--demo', 'makes its own data set first, from a generated market with a planted edge')
    .addHelpText('after', EXAMPLES)
    .action((options: TrainOptions) => {
      const loaded = loadFor(options, io, options.dir === undefined ? [] : [{ path: 'collect.dir', value: options.dir, from: '--dir' }])
      const { as = null, maxMinutes = null, threads = null, fresh = false, demo = false, json = false } = options
      return ends(actions.train({ loaded, version: as, minutes: maxMinutes, threads, fresh, demo, json }, (line) => io.out(`${line}\n`)))
    })
}
