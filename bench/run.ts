/**
 * `node bench/run.ts [part of a path…]`: runs every benchmark (or those whose path holds one of the words), each in a
 * fresh process, one after the other, then rewrites the table of docs/benchmarks.md. Fails when one of them fails to run;
 * a goal that was missed is shown, not failed.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'

const wanted = process.argv.slice(2)
const files = globSync('**/*.bench.ts', { cwd: import.meta.dirname }).toSorted().filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
if (files.length === 0) {
  console.error(`no benchmark matches ${wanted.join(' ')}`)
  process.exit(1)
}
const failed = files.filter((file) => spawnSync(process.execPath, [join(import.meta.dirname, file)], { stdio: 'inherit' }).status !== 0)
const report = spawnSync(process.execPath, [join(import.meta.dirname, 'report.ts')], { stdio: 'inherit' })
if (failed.length > 0) console.error(`did not run: ${failed.join(', ')}`)
process.exit(failed.length > 0 ? 1 : (report.status ?? 1))
