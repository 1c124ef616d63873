import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BatchFiles, checkDataset, Collector, datasetInfo, datasetReport, labelDefaults, type LabelRow, labelRun, labelSymbol, type Sample } from '../../../src/model/index.ts'

const names = ['a', 'b', 'c']
const DAY = Date.UTC(2026, 4, 17, 23, 58)

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ringmaster-dataset-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const price = (i: number): number => 100 + Math.sin(i / 7) / 2
const sample = (i: number): Sample => ({ timestampMs: DAY + 2000 * i + (i >= 60 ? 120_000 : 0), midPrice: price(i), spread: 0.5, imbalance: 0.25, signalType: 'hold', signalConfidence: 0, features: Float32Array.of(i, 7, -i / 4) })

/** 150 samples in batches of 40, over midnight, with a hole of two minutes after sample 59. */
function collect(from = 0, to = 150): void {
  const one = new Collector({ root, symbol: 'BTCUSDT', featureNames: names, batchSamples: 40 })
  for (let i = from; i < to; i++) one.add(sample(i))
  if (to === 150) one.finish()
  one.close()
}

const files = (): BatchFiles => new BatchFiles(root, 'BTCUSDT')
const allLabels = (): LabelRow[] => files().batches().flatMap((name) => files().readLabels(name))

describe('the labelling pass', () => {
  it('gives every sample the label it would have if all were one list, across batches and midnight, not across the hole', () => {
    collect()
    const expected = allLabels()
    labelRun(expected)
    const report = labelSymbol(root, 'BTCUSDT')
    expect(allLabels()).toEqual(expected)
    expect(report).toMatchObject({ symbol: 'BTCUSDT', skipped: 0, batches: files().batches().length })
    expect(allLabels()[58]!.future_movement_10s).toBeNull()
    expect(allLabels()[10]!.future_movement_60s).toBeCloseTo((price(40) - price(10)) / price(10), 12)
  })

  it('goes on where work is left: finished batches are not touched, new ones are taken up, other options label all anew', () => {
    collect(0, 110)
    const done: string[] = []
    const first = labelSymbol(root, 'BTCUSDT', labelDefaults, false, (at, of) => void done.push(`${at}/${of}`))
    expect(done).toEqual(Array.from({ length: first.batches }, (_, i) => `${i + 1}/${first.batches}`))
    expect(first.skipped).toBe(0)
    collect(110, 150)
    const second = labelSymbol(root, 'BTCUSDT')
    expect(second.skipped).toBeGreaterThan(0)
    const expected = allLabels()
    labelRun(expected)
    expect(allLabels()).toEqual(expected)
    expect(labelSymbol(root, 'BTCUSDT', { ...labelDefaults, threshold: 0.5 }).skipped).toBe(0)
    expect(new Set(allLabels().map((row) => row.future_direction_10s))).toEqual(new Set([0, null]))
    expect(labelSymbol(root, 'BTCUSDT', { ...labelDefaults, threshold: 0.5 }, true).skipped).toBe(0)
  })
})

describe('the check of a data set', () => {
  it('finds nothing in one that is sound, before and after labelling', () => {
    collect()
    const sound = { symbols: ['BTCUSDT'], batches: files().batches().length, samples: 150, unfinished: 0, problems: [] }
    expect(checkDataset(root, names)).toEqual(sound)
    labelSymbol(root, 'BTCUSDT')
    expect(checkDataset(root, null)).toEqual(sound)
    expect(checkDataset(join(root, 'nowhere'), names)).toEqual({ symbols: [], batches: 0, samples: 0, unfinished: 0, problems: [] })
  })

  it.each<readonly [string, (first: string, second: string) => void, string]>([
    ['a changed byte in the features', (first) => flip(join(root, 'BTCUSDT/features', `${first}.npy`), 200), 'its metadata says'],
    ['cut features', (first) => truncateSync(join(root, 'BTCUSDT/features', `${first}.npy`), 300), 'bytes of numbers'],
    ['a missing label file', (first) => rmSync(join(root, 'BTCUSDT/labels', `${first}.json`)), 'cannot be used'],
    ['a lost label', (first) => edit(join(root, 'BTCUSDT/labels', `${first}.json`), (rows: LabelRow[]) => rows.slice(1)), 'there are'],
    ['a label of another sample', (first) => edit(join(root, 'BTCUSDT/labels', `${first}.json`), (rows: LabelRow[]) => [{ ...rows[0]!, timestamp: 5 }, ...rows.slice(1)]), 'its label of 5'],
    ['an impossible direction', (first) => edit(join(root, 'BTCUSDT/labels', `${first}.json`), (rows: LabelRow[]) => [{ ...rows[0]!, future_direction_10s: 7 }, ...rows.slice(1)]), 'movement null and direction 7'],
    ['metadata that is no JSON', (first) => writeFileSync(join(root, 'BTCUSDT/metadata', `${first}.json`), '{'), 'cannot be used'],
    ['a batch that goes back in time', (first, second) => {
      for (const kind of ['features', 'labels', 'metadata']) writeFileSync(join(root, 'BTCUSDT', kind, `${second}.${kind === 'features' ? 'npy' : 'json'}`), readFileSync(join(root, 'BTCUSDT', kind, `${first}.${kind === 'features' ? 'npy' : 'json'}`)))
    }, 'not later than'],
  ])('names the batch and the fault: %s', (_what, damage, words) => {
    collect()
    const [first, second] = files().batches().map((name) => `${name.date}_batch_${String(name.number).padStart(4, '0')}`)
    damage(first!, second!)
    const { problems } = checkDataset(root, names)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.map((one) => one.problem).join('\n')).toContain(words)
    expect([first, second]).toContain(problems[0]!.batch)
  })

  it('says when the names are not those of the features in use', () => {
    collect()
    expect(checkDataset(root, ['a', 'x', 'c']).problems[0]!.problem).toBe('feature 1 is "b" of 3, not "x" of 3')
  })
})

describe('what is in a data set', () => {
  it('is told per symbol: times, gaps, classes, ranges', () => {
    collect()
    labelSymbol(root, 'BTCUSDT', { ...labelDefaults, threshold: 0 })
    const [info] = datasetInfo(root, labelDefaults.gapMs)
    expect(info).toMatchObject({ symbol: 'BTCUSDT', samples: 150, firstMs: sample(0).timestampMs, lastMs: sample(149).timestampMs, spacingMs: 2000, gaps: [{ fromMs: sample(59).timestampMs, toMs: sample(60).timestampMs }] })
    const { down, flat, up, unknown } = info!.classes['10s']
    expect(down + flat + up + unknown).toBe(150)
    expect([flat, unknown]).toEqual([0, 10])
    expect(info!.features[0]).toMatchObject({ name: 'a', min: 0, max: 149, mean: 74.5, zeros: 1 / 150 })
    expect(info!.features[0]!.deviation).toBeCloseTo(Math.sqrt((150 ** 2 - 1) / 12), 9)
    expect(info!.features[0]!.histogram.reduce((a, b) => a + b, 0)).toBe(150)
    expect(info!.features[1]).toMatchObject({ min: 7, max: 7, deviation: 0 })
  })

  it('is drawn as one page that needs nothing else', () => {
    collect()
    labelSymbol(root, 'BTCUSDT')
    const page = datasetReport(datasetInfo(root, labelDefaults.gapMs))
    expect(page.match(/<svg /g)).toHaveLength(1 + 3 + 3)
    expect(page).toContain('class="gap"')
    expect(page).not.toMatch(/https?:|<script|NaN|undefined|Infinity/)
    expect(datasetReport([])).toContain('The data set is empty.')
  })
})

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at]! ^= 1
  writeFileSync(path, bytes)
}

function edit(path: string, change: (rows: LabelRow[]) => unknown): void {
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as LabelRow[])))
}
