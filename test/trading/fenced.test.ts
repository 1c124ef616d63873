import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createState, FileJournal, Recorder, type TradingRecord } from '../../src/trading/index.ts'

const frozen: TradingRecord = { kind: 'symbol-frozen', atMs: 1, atNs: 1, symbol: 'AAAUSDT', code: 'foreign', why: 'a test' }

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'fenced-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('F21: one writer', () => {
  it('lets no effect run any more, of exits neither, once another process writes the journal', () => {
    const path = join(folder, 'trading.journal')
    const first = new FileJournal(path)
    const state = createState()
    const failures: string[] = []
    const recorder = new Recorder(first, state, false, (error) => void failures.push(String(error)))
    expect(recorder.commit([frozen], false)).toBe(true)
    const second = new FileJournal(path)
    second.append([frozen])

    expect(recorder.commit([frozen], false)).toBe(false)
    expect(recorder.commit([frozen], true)).toBe(false)
    expect(state.records).toBe(1)
    expect(failures[0]).toContain('RM_JOURNAL_FENCED')
    // A disk that is full, on the other hand, keeps nobody from closing a position.
    second.close()
    expect(new Recorder(second, createState(), false, () => {}).commit([frozen], false)).toBe(true)
  })
})
