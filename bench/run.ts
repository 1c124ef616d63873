/**
 * `node bench/run.ts [part of a path…]`: runs every benchmark (or those whose path holds one of the words), each in a
 * fresh process, one after the other, then rewrites the table of docs/benchmarks.md. Fails when one of them fails to run;
 * a goal that was missed is shown, not failed.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'

const wanted = process.argv.slice(2)
/** Single rooms first, the whole engine last: it needs a machine that has calmed down. */
const isWhole = (file: string): boolean => file.startsWith('engine')
const files = globSync('**/*.bench.ts', { cwd: import.meta.dirname })
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .toSorted((a, b) => Number(isWhole(a)) - Number(isWhole(b)) || (a < b ? -1 : 1))
if (files.length === 0) {
  console.error(`no benchmark matches ${wanted.join(' ')}`)
  process.exit(1)
}
const failed = files.filter((file) => {
  const startMs = performance.now()
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, file)], { stdio: 'inherit' })
  console.log(`${file}: ${((performance.now() - startMs) / 1000).toFixed(0)} s${status === 0 ? '' : `, failed with ${status}`}\n`)
  return status !== 0
})
const report = spawnSync(process.execPath, [join(import.meta.dirname, 'report.ts')], { stdio: 'inherit' })
if (failed.length > 0) console.error(`did not run: ${failed.join(', ')}`)
process.exit(failed.length > 0 ? 1 : (report.status ?? 1))
