/**
 * `node bench/report.ts`: gathers bench/.results/*.json and rewrites the table of docs/benchmarks.md between its markers.
 * Results of benchmarks that did not run lately stay as they were measured: every row carries its own date and machine.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BenchResult, measured, metText, ratioText, RESULTS_FOLDER } from './harness.ts'

export const BEGIN = '<!-- bench:begin -->'
export const END = '<!-- bench:end -->'

const cell = (text: string): string => text.replaceAll('|', '\\|')

/**
 * The section between the markers.
 * @param page as it was: rows of benchmarks without a result are taken over, so that a machine that ran only some keeps the rest
 */
export function section(results: readonly BenchResult[], page = ''): string {
  const measuredNow = new Set(results.map((result) => result.name))
  const kept = rowsOf(page).filter((row) => !measuredNow.has(nameOf(row)))
  const rows = results.flatMap((result) =>
    result.cases.map((c) =>
      [
        `${result.name}: ${c.name}`,
        `${c.ours.name}: ${measured(c.ours, c.unit)}`,
        c.peer === null ? '–' : `${c.peer.name}: ${measured(c.peer, c.unit)}`,
        ratioText(c.ratio),
        c.goal,
        metText(c.met, '**no**'),
        result.date.slice(0, 10),
        `${result.cpu} ×${result.cores}, load ${result.load[0].toFixed(1)}`,
        result.node,
      ].map(cell).join(' | '),
    ),
  ).map((row) => `| ${row} |`)
  return [
    'Medians of interleaved rounds with the smallest and the largest in brackets; a ratio is taken within each round, above 1 is better than the peer.',
    '',
    '| benchmark | ours | peer | ratio | goal | met | date | machine | Node |',
    '|---|---|---|---|---|---|---|---|---|',
    // Stable: the cases of one benchmark stay in its order.
    ...[...kept, ...rows].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0)),
  ].join('\n')
}

/** Table rows between the markers of a page; none when there are no markers. */
function rowsOf(page: string): string[] {
  const between = page.slice(page.indexOf(BEGIN) + 1, Math.max(0, page.indexOf(END)))
  return between.split('\n').filter((line) => /^\| [a-z-]+: /.test(line))
}

/** The benchmark that a row belongs to. */
const nameOf = (row: string): string => row.slice(2, row.indexOf(':'))

/** Puts a new section between the markers of a page. @throws when a marker is missing or they are out of order. */
export function replaceSection(page: string, text: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`the page needs ${BEGIN} and after it ${END}`)
  return `${page.slice(0, begin + BEGIN.length)}\n${text}\n${page.slice(end)}`
}

export function readResults(folder: string): BenchResult[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter((file) => file.endsWith('.json')).toSorted().map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as BenchResult)
}

if (import.meta.main) {
  const path = join(import.meta.dirname, '../docs/benchmarks.md')
  const results = readResults(RESULTS_FOLDER)
  if (results.length === 0) {
    console.error('nothing measured yet: run a benchmark first (make bench)')
    process.exit(1)
  }
  const page = existsSync(path) ? readFileSync(path, 'utf8') : `# Benchmarks\n\n${BEGIN}\n${END}\n`
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, replaceSection(page, section(results, page)))
  console.log(`${path}: ${results.length} benchmarks`)
}
