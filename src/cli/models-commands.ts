import { type Command } from 'commander'
import type { CliActions, CliIo, ModelsRequest } from './actions.ts'
import { type ConfigOptions, loadFor, startRequest, withConfig, withOutput } from './options.ts'

const HELP = `
A running engine takes a change within a second, between two predictions. Whatever is made active is tried first; when it does
not pass, what was active stays.
Examples:
  ringmaster models import net.onnx --meta net.json --golden net.npy --as net-3
  ringmaster models shadow net-3 --why "trained on July"
  ringmaster models activate net-3 --why "better on two weeks beside net-2"
  ringmaster models rollback --why "it loses in ranging markets"
Page: docs/models.md`

interface Options extends ConfigOptions {
  readonly dir?: string
  readonly why?: string
  readonly who?: string
  readonly meta?: string
  readonly golden?: string
  readonly as?: string
}

/** `models`. @param ends leaves the exit code of what was started */
export function addModels(program: Command, actions: CliActions, io: CliIo, ends: (work: Promise<number>) => Promise<void>): void {
  const print = (line: string): void => io.out(`${line}\n`)
  const ask = (options: Options, what: ModelsRequest['what']): Promise<void> => {
    const { config } = loadFor(options, io, options.dir === undefined ? [] : [{ path: 'model.dir', value: options.dir, from: '--dir' }])
    return ends(actions.models({ dir: config.model.dir, what, who: options.who ?? null, why: options.why ?? '', json: options.json ?? false }, print))
  }
  withOutput(withConfig(program.command('model-server').description('the models over HTTP, without the engine: predict, list, reload'))).action((options: ConfigOptions) => ends(actions.modelServer(startRequest(options, io))))
  const models = program.command('models').description('the models that were registered: look at them, choose which one decides').addHelpText('after', HELP)
  const reading = (name: string, description: string): Command => withConfig(models.command(name).description(description)).option('--dir <dir>', 'folder of the registry (default: model.dir)').option('--json', 'as JSON')
  const changing = (name: string, description: string): Command =>
    reading(name, description).option('--why <text>', 'is kept in the history').option('--who <name>', 'is kept in the history (default: the user of the system)')
  reading('list', 'every version, what it is used for and how it was measured').action((options: Options) => ask(options, { kind: 'list' }))
  reading('show', 'what a version tells of itself, and its trial').argument('<version>').action((version: string, options: Options) => ask(options, { kind: 'show', version }))
  reading('history', 'who made what active, when and why').action((options: Options) => ask(options, { kind: 'history' }))
  changing('activate', 'lets a version decide from now on').argument('<version>').action((version: string, options: Options) => ask(options, { kind: 'activate', version }))
  changing('deactivate', 'lets no model decide: the strategies do alone').action((options: Options) => ask(options, { kind: 'deactivate' }))
  changing('shadow', 'lets a version run beside the active one; its votes are counted and never traded. Without a version none does').argument('[version]').action((version: string | undefined, options: Options) => ask(options, version === undefined ? { kind: 'unshadow' } : { kind: 'shadow', version }))
  changing('rollback', 'makes the version active again that was before').action((options: Options) => ask(options, { kind: 'rollback' }))
  changing('archive', 'puts a version away; it can be made active again').argument('<version>').action((version: string, options: Options) => ask(options, { kind: 'archive', version }))
  reading('import', 'registers an ONNX model that was made elsewhere').argument('<file>', 'the model, one .onnx file')
    .option('--meta <file>', 'JSON: features, steps, stepMs, thresholds and what else is known (default: the metadata of the model)')
    .option('--golden <file>', '.npy table, a row a window and the five numbers of its answer')
    .option('--as <version>', 'version to register it as (default: the name of the file)')
    .action((file: string, options: Options) => ask(options, { kind: 'import', file, meta: options.meta ?? null, golden: options.golden ?? null, version: options.as ?? null }))
}
