/** `ringmaster journal cat|verify`. */
import { EXIT, type JournalView } from '../src/cli/index.ts'
import { errorLine } from '../src/core/index.ts'
import { describeRecord, JournalChain, JournalGrids, readJournal, verifyJournal } from '../src/trading/index.ts'

/** Prints records, one a line: in words with prices and sizes as decimals, or as JSON, which has them as the journal does. */
export function journalCat(path: string, view: JournalView, print: (line: string) => void): Promise<number> {
  try {
    const grids = new JournalGrids()
    const chain = view.only === undefined ? null : new JournalChain(view.only)
    if (chain !== null) for (const { record } of readJournal(path)) chain.learn(record)
    let shown = 0
    for (const { sequence, record } of readJournal(path)) {
      // Records before the first one shown tell the steps and the symbols of those after it.
      grids.learn(record)
      if (sequence < view.from) continue
      if (chain !== null && !chain.has(record)) continue
      if (++shown > view.limit) break
      print(view.json ? JSON.stringify({ sequence, ...record }) : `${String(sequence).padStart(7)}  ${new Date(record.atMs).toISOString()}  ${describeRecord(record, grids)}`)
    }
    return Promise.resolve(EXIT.ok)
  } catch (error) {
    print(errorLine(error))
    return Promise.resolve(EXIT.failure)
  }
}

export function journalVerify(path: string, print: (line: string) => void): Promise<number> {
  const report = verifyJournal(path)
  print(`records ${report.records}, bytes ${report.bytes}, torn bytes ${report.tornBytes}, epochs ${report.epochs}, orders ${report.orders}`)
  print(report.firstError === null ? 'every record is whole and in its place' : `first error: ${report.firstError}`)
  return Promise.resolve(report.firstError === null ? EXIT.ok : EXIT.failure)
}
