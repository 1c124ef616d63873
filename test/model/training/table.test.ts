import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BatchFiles, labelDefaults, labelSymbol, type Sample } from '../../../src/model/index.ts'
import { allWindows, gather, loadTable, rowsOf, type TableOptions, UNKNOWN } from '../../../src/model/training/index.ts'

const NAMES = ['a', 'b']
const OPTIONS: TableOptions = { horizon: '10s', toleranceMs: 6000, gapMs: 15_000, featureNames: NAMES }
let root = ''
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'ringmaster-table-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const sample = (timestampMs: number, value: number): Sample => ({ timestampMs, midPrice: 100 + value / 10, spread: 0.1, imbalance: 0, signalType: 'hold', signalConfidence: 0, features: Float32Array.of(value, -value) })

function write(symbol: string, batches: readonly (readonly Sample[])[], names = NAMES): BatchFiles {
  const files = new BatchFiles(root, symbol)
  batches.forEach((samples, i) => files.write({ date: '2026-01-01', number: i + 1 }, samples, names))
  return files
}

test('batches of several symbols become one table, with stretches that end at gaps', () => {
  const first = Array.from({ length: 30 }, (_, i) => sample(i * 1000, i))
  write('BTCUSDT', [first.slice(0, 20), first.slice(20), [sample(100_000, 50), sample(101_000, 51)]])
  write('ETHUSDT', [[sample(0, 7), sample(1000, 8)]])
  for (const symbol of ['BTCUSDT', 'ETHUSDT']) labelSymbol(root, symbol)
  const { table, spacingMs, fingerprint } = loadTable(root, OPTIONS)
  expect([table.rows, table.symbols, spacingMs]).toEqual([34, ['BTCUSDT', 'ETHUSDT'], 1000])
  expect([table.stretchStart[29], table.stretchStart[30], table.stretchStart[31], table.stretchStart[32]]).toEqual([0, 30, 30, 32])
  expect(table.movement[0]).toBeCloseTo(0.01)
  expect([table.direction[0], table.direction[29]]).toEqual([1, UNKNOWN])
  expect(table.values.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect([...allWindows(table, 5)]).toEqual(Array.from({ length: 16 }, (_, i) => i + 4))
  expect([...rowsOf(Int32Array.of(4, 5, 9), 3)]).toEqual([2, 3, 4, 5, 7, 8, 9])
  const into = new Float32Array(4)
  gather(table, [4], 2, into)
  expect([...into]).toEqual([3, -3, 4, -4])
  expect(loadTable(root, OPTIONS).fingerprint).toBe(fingerprint)
  labelSymbol(root, 'BTCUSDT', { ...labelDefaults, threshold: 0.02 })
  expect(loadTable(root, OPTIONS).fingerprint).not.toBe(fingerprint)
})

test('what cannot be trained on is refused by name', () => {
  expect(() => loadTable(root, OPTIONS)).toThrow('there is no whole batch in it')
  const files = write('BTCUSDT', [[sample(0, 1), sample(1000, 2), sample(2000, 3)]])
  expect(() => loadTable(root, OPTIONS)).toThrow('run "ringmaster label"')
  expect(() => loadTable(root, { ...OPTIONS, featureNames: ['a', 'c'] })).toThrow('feature 1 is "b" of 2, needed is "c" of 2')
  const name = files.batches()[0]!
  const path = files.path(name, 'features')
  const bytes = readFileSync(path)
  writeFileSync(path, Buffer.from(bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))))
  expect(() => loadTable(root, OPTIONS)).toThrow('its features have sha256')
  writeFileSync(path, bytes)
  files.writeLabels(name, files.readLabels(name).slice(1))
  expect(() => loadTable(root, OPTIONS)).toThrow('3 × 2 features and 2 labels are not 3 samples of 2 features')
  writeFileSync(files.path(name, 'labels'), '{')
  expect(() => loadTable(root, OPTIONS)).toThrow('RM_DATASET_FILE')
})

test('samples that step back in time, and numbers that are none, are refused', () => {
  write('BTCUSDT', [[sample(0, 1), sample(1000, 2)], [sample(500, 3)]])
  expect(() => loadTable(root, OPTIONS)).toThrow('is not later than the one before it')
  rmSync(root, { recursive: true })
  write('BTCUSDT', [[sample(0, 1), sample(1000, Number.NaN)]])
  expect(() => loadTable(root, OPTIONS)).toThrow('feature a of sample 1 is NaN')
})
