/**
 * `make test`: runs every test with the pinned Node and ends with one line that a person and a machine can read.
 * Skipped tests are listed with the reason that their title names.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly name: string; readonly status: string; readonly message: string; readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[]
}

const wantedMajor = 24
if (Number(process.versions.node.split('.')[0]) < wantedMajor) {
  console.error(`the tests need the pinned Node ${wantedMajor}, this is ${process.version}: use \`make test\` or \`npm test\``)
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'ringmaster-test-'))
const reportFile = join(folder, 'report.json')
const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
const run = spawnSync(process.execPath, [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...process.argv.slice(2)], {
  cwd: join(import.meta.dirname, '..'),
  stdio: 'inherit',
})

let report: Report
try {
  report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report
} catch (error) {
  console.error(`the test runner left no report: ${String(error)}`)
  process.exit(1)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const skipped = report.testResults.flatMap((file) => file.assertionResults).filter((test) => test.status === 'pending' || test.status === 'skipped' || test.status === 'todo')
const reasons = Map.groupBy(skipped, (test) => /\((needs [^)]*)\)/.exec(test.fullName)?.[1] ?? 'NO REASON GIVEN')
for (const [reason, tests] of reasons) console.log(`skipped ${tests.length}: ${reason}`)

// A file that failed to load has no tests to count, yet must not pass.
const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'))
for (const file of brokenFiles) console.log(`failed to run: ${file.name}\n${file.message}`)
const failed = report.numFailedTests + brokenFiles.length
console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped`)
process.exit(failed > 0 || (run.status ?? 1) !== 0 || reasons.has('NO REASON GIVEN') ? 1 : 0)
