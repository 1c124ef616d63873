import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Random } from '../../src/core/index.ts'
import { featureNames } from '../../src/features/index.ts'
import { BatchFiles, checkDataset, Collector, decodeNpy, HORIZON_MS, HORIZONS, labelDefaults, type LabelRow, labelSymbol, type Sample } from '../../src/model/index.ts'
import { collectingRun, KILLED_BATCH, KILLED_RUN_S } from './collect-run.ts'

const SYMBOLS = ['BTCUSDT', 'ETHUSDT']
const RUN_S = 150
const KILLS = 5

let root: string
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'ringmaster-collect-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const collector = (symbol: string, batchSamples: number): Collector => new Collector({ root, symbol, featureNames: featureNames(), batchSamples })

/** Whole batches of a symbol as one table of labels and one of features. */
function read(symbol: string): { readonly labels: readonly LabelRow[]; readonly features: readonly Float32Array[] } {
  const files = new BatchFiles(root, symbol)
  const names = files.batches()
  return {
    labels: names.flatMap((name) => files.readLabels(name)),
    features: names.flatMap((name) => {
      const { rows, columns, values } = decodeNpy(files.readFeatures(name), files.path(name, 'features'))
      return Array.from({ length: rows }, (_, row) => values.subarray(row * columns, (row + 1) * columns))
    }),
  }
}

/** What the price did over a horizon, by looking at every sample; null where it is not known. */
function searched(rows: readonly LabelRow[], i: number, horizonMs: number): number | null {
  const due = rows[i]!.timestamp + horizonMs
  const at = rows.findIndex((row) => row.timestamp >= due)
  const future = rows[at]
  if (future === undefined || future.timestamp - due > labelDefaults.toleranceMs) return null
  const way = rows.slice(i, at + 1)
  if (way.some((row, k) => k > 0 && row.timestamp - way[k - 1]!.timestamp > labelDefaults.gapMs)) return null
  return (future.current_mid_price - rows[i]!.current_mid_price) / rows[i]!.current_mid_price
}

describe('an engine that collects', () => {
  it('writes a set that verifies, with every sample that it counted and what it decided, and labels as a plain search finds them', () => {
    const { engine } = collectingRun(SYMBOLS, (symbol) => collector(symbol, 200))
    engine.runUntil(RUN_S * 1e9)
    engine.stop()
    const counts = engine.record.counts
    for (const symbol of SYMBOLS) collector(symbol, 200).finish()
    const check = checkDataset(root, featureNames())
    expect([check.problems, check.unfinished]).toEqual([[], 0])
    expect(check.batches).toBeGreaterThan(2 * SYMBOLS.length)
    expect(check.samples).toBe(SYMBOLS.reduce((sum, symbol) => sum + counts.get(`inference:${symbol} samples`)!, 0))
    for (const symbol of SYMBOLS) {
      labelSymbol(root, symbol)
      const { labels, features } = read(symbol)
      const middle = labels[labels.length >> 1]!
      expect(features[labels.length >> 1]![featureNames().indexOf('mid_price')]).toBe(Math.fround(middle.current_mid_price))
      expect(labels.filter((row) => row.signal_type !== 'hold' && row.signal_confidence > 0).length).toBeGreaterThan(0)
      const wrong: unknown[] = []
      let known = 0
      for (const horizon of HORIZONS) {
        labels.forEach((row, i) => {
          const movement = searched(labels, i, HORIZON_MS[horizon])
          const direction = movement === null ? null : movement > labelDefaults.threshold ? 1 : movement < -labelDefaults.threshold ? -1 : 0
          if (row[`future_movement_${horizon}`] !== movement || row[`future_direction_${horizon}`] !== direction) wrong.push({ row, movement, direction })
          if (movement !== null) known++
        })
      }
      expect(wrong).toEqual([])
      // All but those of the last seconds.
      expect(known).toBeGreaterThan(labels.length * 1.5)
    }
    expect(checkDataset(root, featureNames()).problems).toEqual([])
  })

  it('killed at random moments loses nothing that its sink had taken and doubles nothing: the set is that of a run without a crash', { timeout: 60_000 }, async () => {
    const wanted: Sample[] = []
    const { engine } = collectingRun(['BTCUSDT'], () => ({ add: (sample) => wanted.push({ ...sample, features: sample.features.slice() }) > 0, sync: () => {}, close: () => {} }))
    engine.runUntil(KILLED_RUN_S * 1e9)
    engine.stop()
    const random = new Random(7, 'kills')
    for (let kill = 0; kill < KILLS; kill++) {
      const enough = told().length + 1 + random.below(wanted.length / (2 * KILLS))
      const child = await start()
      // Random moments are numbers of samples, so that a busy machine is no other test.
      while (told().length < enough && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2))
      expect(await killed(child)).toBe('SIGKILL')
      expect(checkDataset(root, featureNames()).problems).toEqual([])
      const open = collector('BTCUSDT', KILLED_BATCH)
      expect(read('BTCUSDT').labels.length + open.pending).toBeGreaterThanOrEqual(told().length)
      open.close()
    }
    const last = await start()
    expect(await new Promise((resolve) => void last.once('exit', resolve))).toBe(0)
    collector('BTCUSDT', KILLED_BATCH).finish()
    expect(checkDataset(root, featureNames())).toMatchObject({ problems: [], unfinished: 0, samples: wanted.length })
    const { labels, features } = read('BTCUSDT')
    expect(labels.map((row) => [row.timestamp, row.current_mid_price, row.signal_type, row.signal_confidence])).toEqual(wanted.map((one) => [one.timestampMs, one.midPrice, one.signalType, one.signalConfidence]))
    expect(features.every((row, i) => Buffer.from(row.slice().buffer).equals(Buffer.from(wanted[i]!.features.buffer)))).toBe(true)
    // Told of each sample once, over all lives.
    expect(new Set(told()).size).toBe(told().length)
  })

  const told = (): readonly string[] => {
    try {
      return readFileSync(join(root, 'told'), 'utf8').split('\n').slice(0, -1)
    } catch {
      return []
    }
  }

  /** @returns when it runs */
  async function start(): Promise<ChildProcess> {
    const out = openSync(join(root, 'told'), 'a')
    const child = fork(join(import.meta.dirname, 'collect-child.ts'), [root], { stdio: ['ignore', out, 'inherit', 'ipc'] })
    closeSync(out)
    await new Promise((resolve, reject) => {
      child.once('message', resolve)
      child.once('exit', (code) => reject(new Error(`ended with ${code}`)))
    })
    return child
  }

  /** @returns how it ended */
  async function killed(child: ChildProcess): Promise<unknown> {
    if (child.exitCode !== null) return child.exitCode
    const how = new Promise((resolve) => void child.once('exit', (_code, signal) => resolve(signal)))
    child.kill('SIGKILL')
    return how
  }
})
