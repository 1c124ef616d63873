/** Loaded before anything else: plants the mutant that RINGMASTER_MUTANT names into the modules as they are read. */
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { mutants } from './mutants.ts'

const name = process.env['RINGMASTER_MUTANT']
const mutant = mutants.find((one) => one.name === name)
if (mutant === undefined) throw new Error(`there is no mutant "${String(name)}"`)

const byUrl = Map.groupBy(mutant.edits, (edit) => pathToFileURL(join(import.meta.dirname, '../..', edit.file)).href)

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const edits = byUrl.get(url)
    if (edits === undefined) return loaded
    let source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString('utf8')
    for (const { file, find, put } of edits) {
      if (source.split(find).length !== 2) throw new Error(`${file} does not hold once: ${find}`)
      source = source.replace(find, () => put)
    }
    return { ...loaded, source }
  },
})
