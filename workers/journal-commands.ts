/** `ringmaster journal cat|verify`. */
import { EXIT, type JournalView } from '../src/cli/index.ts'
import { errorLine } from '../src/core/index.ts'
import { describeRecord, readJournal, verifyJournal } from '../src/trading/index.ts'

/** Prints records, one a line: in words, or as JSON. */
export function journalCat(path: string, view: JournalView, print: (line: string) => void): Promise<number> {
  try {
    for (const { sequence, record } of readJournal(path)) {
      if (sequence < view.from) continue
      if (sequence >= view.from + view.limit) break
      print(view.json ? JSON.stringify({ sequence, ...record }) : `${String(sequence).padStart(7)}  ${new Date(record.atMs).toISOString()}  ${describeRecord(record)}`)
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
