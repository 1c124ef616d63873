/** The part of a start that grows with the journal: a million records read, checked and folded by a fresh process. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineBench, type Side } from '../harness.ts'
import { writeBigJournal } from './big-journal.ts'

const RECORDS = 1_000_000
const folder = mkdtempSync(join(tmpdir(), 'ringmaster-bench-'))
const path = join(folder, 'trading.journal')
process.on('exit', () => rmSync(folder, { recursive: true }))

const fold: Side = {
  name: 'FileJournal + apply',
  measure() {
    const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('fold.ts', import.meta.url)), path], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`the fold ended with ${status}: ${stderr}`)
    const { seconds, records } = JSON.parse(stdout) as { readonly seconds: number; readonly records: number }
    if (records < RECORDS) throw new Error(`${records} records were folded, at least ${RECORDS} were written`)
    return seconds
  },
}

export const bench = defineBench('trading-recovery', { rounds: 3 }, { name: 'a journal of a million records, opened and folded', unit: 's', better: 'lower', ours: fold, goal: { atMost: 5 } })

if (import.meta.main) {
  writeBigJournal(path, RECORDS)
  await bench.run()
}
