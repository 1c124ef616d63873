/**
 * The part of a start that grows with the journal: a million records, opened, checked and folded by a fresh process; with
 * the checkpoint that an engine leaves beside it, and without one.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Checkpointer, checkpointPath } from '../../src/storage/checkpoint/index.ts'
import { defineBench, type Side } from '../harness.ts'
import { writeBigJournal } from './big-journal.ts'

const RECORDS = 1_000_000
/** As many as an engine lets lie behind its checkpoint at most. */
const BEHIND = 20_000
const folder = mkdtempSync(join(tmpdir(), 'ringmaster-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true }))

const sideOf = (name: string, path: string, skipped: number): Side => ({
  name,
  measure() {
    const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('fold.ts', import.meta.url)), path], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`the fold ended with ${status}: ${stderr}`)
    const found = JSON.parse(stdout) as { readonly seconds: number; readonly records: number; readonly skipped: number }
    if (found.records < RECORDS || found.skipped < skipped) throw new Error(`${found.records} records in the books, ${found.skipped} of them from a checkpoint: ${RECORDS} and ${skipped} were expected`)
    return found.seconds
  },
})

const withCheckpoint = join(folder, 'with.journal')
const without = join(folder, 'without.journal')

export const bench = defineBench(
  'trading-recovery',
  { rounds: 3 },
  { name: 'a journal of a million records and its checkpoint, opened and folded', unit: 's', better: 'lower', ours: sideOf('openBooks + apply', withCheckpoint, RECORDS - BEHIND), goal: { atMost: 5 } },
  { name: 'the same without a checkpoint: every record folded', unit: 's', better: 'lower', ours: sideOf('openBooks + apply', without, 0), goal: null },
)

if (import.meta.main) {
  writeBigJournal(withCheckpoint, RECORDS)
  copyFileSync(withCheckpoint, without)
  // Writes one once so many have been read, and none of the few behind it.
  const checkpointer = new Checkpointer(withCheckpoint, RECORDS - BEHIND)
  while (checkpointer.poll());
  checkpointer.close()
  console.log(`checkpoint beside the journal: ${(statSync(checkpointPath(withCheckpoint)).size / 1e6).toFixed(1)} MB`)
  await bench.run()
}
