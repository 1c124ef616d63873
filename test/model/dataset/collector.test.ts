import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RingmasterError } from '../../../src/core/index.ts'
import { BatchFiles, Collector, decodeNpy, encodeNpy, lockDataset, npyHeader, type Sample, type SealJob, sealBatch, symbolsOf } from '../../../src/model/index.ts'
import { frameBytes } from '../../../src/model/dataset/batch-log.ts'

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return { ...fs, writeSync: vi.fn<typeof fs.writeSync>(fs.writeSync) }
})
const real = await vi.importActual<typeof import('node:fs')>('node:fs')

const names = ['a', 'b', 'c']
const DAY = Date.UTC(2026, 4, 17)

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ringmaster-dataset-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const sample = (i: number, atMs = DAY + 1000 * i): Sample => ({
  timestampMs: atMs, midPrice: 100 + i / 8, spread: 0.5, imbalance: 0.25, signalType: i % 3 === 0 ? 'buy' : 'hold', signalConfidence: 0.75, features: Float32Array.of(i, i / 2, -i),
})
const collector = (batchSamples = 4, symbol = 'BTCUSDT'): Collector => new Collector({ root, symbol, featureNames: names, batchSamples })
const files = (): string[] => readdirSync(join(root, 'BTCUSDT'), { recursive: true, encoding: 'utf8' }).filter((file) => /\.\w+$/.test(file)).sort()

/** Every sample of a symbol's whole batches and the one in progress, by their first feature. */
function kept(): number[] {
  const batches = new BatchFiles(root, 'BTCUSDT')
  const whole = batches.batches().flatMap((name) => {
    const table = decodeNpy(batches.readFeatures(name), 'features')
    const metadata = batches.readMetadata(name)
    expect(metadata.batch_info.sample_count).toBe(table.rows)
    expect(metadata.samples).toHaveLength(table.rows)
    expect(batches.readLabels(name)).toHaveLength(table.rows)
    return Array.from({ length: table.rows }, (_, row) => table.values[row * 3]!)
  })
  const open = collector(1000)
  const pending = open.pending
  open.finish()
  const added = new BatchFiles(root, 'BTCUSDT').batches().at(-1)
  return pending === 0 ? whole : [...whole, ...Array.from({ length: pending }, (_, row) => decodeNpy(batches.readFeatures(added!), 'features').values[row * 3]!)]
}

describe('a collected data set', () => {
  it('has the layout and the fields of the specification', () => {
    const one = collector(4)
    for (let i = 0; i < 5; i++) expect(one.add(sample(i))).toBe(true)
    expect(one.pending).toBe(1)
    one.close()
    expect(files()).toEqual(['features/2026-05-17_batch_0001.npy', 'features/2026-05-17_batch_0002.part', 'labels/2026-05-17_batch_0001.json', 'metadata/2026-05-17_batch_0001.json'])
    const batches = new BatchFiles(root, 'BTCUSDT')
    const [first] = batches.batches()
    expect(batches.readLabels(first!)[3]).toEqual({
      timestamp: DAY + 3000, future_direction_10s: null, future_direction_30s: null, future_direction_60s: null, future_movement_10s: null, future_movement_30s: null, future_movement_60s: null,
      current_mid_price: 100.375, current_imbalance: 0.25, signal_type: 'buy', signal_confidence: 0.75,
    })
    const { batch_info: info, samples } = batches.readMetadata(first!)
    expect(info).toMatchObject({ symbol: 'BTCUSDT', batch_number: 1, sample_count: 4, timestamp: '2026-05-17T00:00:00.000Z', features_shape: [4, 3], feature_names: names })
    expect(samples[1]).toEqual({ timestamp: DAY + 1000, symbol: 'BTCUSDT', mid_price: 100.125, spread: 0.5, imbalance: 0.25, signal: 'hold', feature_count: 3 })
    expect(symbolsOf(root)).toEqual(['BTCUSDT'])
  })

  it('begins a new batch with a new day of the venue', () => {
    const one = collector(100)
    one.add(sample(0, DAY + 86_399_000))
    one.add(sample(1, DAY + 86_400_000))
    one.finish()
    one.close()
    expect(files().filter((file) => file.startsWith('features'))).toEqual(['features/2026-05-17_batch_0001.npy', 'features/2026-05-18_batch_0001.npy'])
  })

  it('takes a sample once: one that is not newer than the last is left out, also after a restart', () => {
    const first = collector()
    for (const i of [0, 1, 1, 0, 2]) first.add(sample(i))
    first.close()
    const second = collector()
    expect([second.add(sample(2)), second.add(sample(3)), second.add(sample(4))]).toEqual([false, true, true])
    second.close()
    expect(kept()).toEqual([0, 1, 2, 3, 4])
  })

  it('loses nothing and doubles nothing when the process dies at any byte of a log, but for the sample that was cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 7 }), (cut, count) => {
        const one = collector(1000)
        for (let i = 0; i < count; i++) one.add(sample(i))
        one.close()
        const log = files().find((file) => file.endsWith('.part'))
        const path = join(root, 'BTCUSDT', log!)
        const bytes = readFileSync(path).length
        const frame = frameBytes(names.length)
        const head = bytes - count * frame
        const left = Math.min(cut, bytes)
        truncateSync(path, left)
        const whole = Math.max(0, Math.floor((left - head) / frame))
        const again = collector(1000)
        expect(again.pending).toBe(whole)
        expect(again.tornBytes).toBe(left < head ? left : left - head - whole * frame)
        for (let i = 0; i < count + 2; i++) again.add(sample(i))
        again.close()
        expect(kept()).toEqual(Array.from({ length: count + 2 }, (_, i) => i))
        rmSync(root, { recursive: true, force: true })
      }),
      { numRuns: 60 },
    )
  })

  it('is whole whichever of its files a crash left out while a batch was being finished', () => {
    for (const missing of [['features', 'labels', 'metadata'], ['labels', 'metadata'], ['metadata'], []]) {
      const one = collector(4)
      for (let i = 0; i < 3; i++) one.add(sample(i))
      one.close()
      const log = join(root, 'BTCUSDT/features/2026-05-17_batch_0001.part')
      const bytes = readFileSync(log)
      collector(3).close()
      for (const kind of missing) rmSync(join(root, 'BTCUSDT', kind, `2026-05-17_batch_0001.${kind === 'features' ? 'npy' : 'json'}`))
      writeFileSync(log, bytes)
      const again = collector(3)
      again.add(sample(3))
      again.close()
      expect(kept()).toEqual([0, 1, 2, 3])
      expect(files().some((file) => file.endsWith('.tmp'))).toBe(false)
      rmSync(root, { recursive: true, force: true })
    }
  })

  it('keeps out what is no sample, with its feature and its time', () => {
    const one = collector()
    const message = (bad: Sample): string => {
      try {
        one.add(bad)
        return ''
      } catch (error) {
        return error instanceof RingmasterError ? error.message : String(error)
      }
    }
    expect(message({ ...sample(0), features: Float32Array.of(1, 2) })).toContain(`sample of BTCUSDT at ${DAY} is not collected: 2 features are not 3`)
    expect(message({ ...sample(0), features: Float32Array.of(1, Number.NaN, 2) })).toContain('b is NaN')
    expect(one.pending).toBe(0)
    one.close()
    expect(() => collector(4, '../BTC')).toThrow('RM_DATASET_FILE')
  })
})

describe('a batch in progress', () => {
  it('of another version, with other features, becomes a batch of its own under its own names', () => {
    const old = new Collector({ root, symbol: 'BTCUSDT', featureNames: ['a', 'b', 'old'], batchSamples: 9 })
    for (let i = 0; i < 3; i++) old.add(sample(i))
    old.close()
    const one = collector(9)
    expect([one.pending, one.add(sample(2)), one.add(sample(3))]).toEqual([0, false, true])
    one.finish()
    const batches = new BatchFiles(root, 'BTCUSDT')
    expect(batches.batches().map((name) => batches.readMetadata(name).batch_info).map((info) => [info.sample_count, info.feature_names[2]])).toEqual([[3, 'old'], [1, 'c']])
  })

  it('that is no log is kept for people, and collecting begins anew', () => {
    collector().close()
    writeFileSync(join(root, 'BTCUSDT/features/2026-05-17_batch_0001.part'), Buffer.alloc(100, 7))
    const one = collector()
    one.add(sample(0))
    one.close()
    expect(files()).toEqual(['features/2026-05-17_batch_0001.part', 'features/2026-05-17_batch_0001.part.bad'])
    expect(collector().pending).toBe(1)
  })

  it('with a damaged place keeps what is before it as a batch, and the log itself for people', () => {
    const first = collector(100)
    for (let i = 0; i < 5; i++) first.add(sample(i))
    first.close()
    const path = join(root, 'BTCUSDT/features/2026-05-17_batch_0001.part')
    const bytes = readFileSync(path)
    bytes[bytes.length - 3 * frameBytes(names.length) + 20]! ^= 1
    writeFileSync(path, bytes)
    const again = collector(100)
    expect(again.pending).toBe(0)
    for (let i = 0; i < 5; i++) again.add(sample(i))
    again.close()
    expect(files()).toContain('features/2026-05-17_batch_0001.part.bad')
    expect(readFileSync(`${path}.bad`).equals(bytes)).toBe(true)
    expect(kept()).toEqual([0, 1, 2, 3, 4])
  })

  it('is made whole elsewhere: samples go on meanwhile, none comes twice, and the next start does what was not done', () => {
    const jobs: SealJob[] = []
    const start = (): Collector => new Collector({ root, symbol: 'BTCUSDT', featureNames: names, batchSamples: 3, seal: (job) => void jobs.push(job) })
    const one = start()
    for (let i = 0; i < 7; i++) expect(one.add(sample(i))).toBe(true)
    one.close()
    expect(jobs.map((job) => job.name.number)).toEqual([1, 2])
    sealBatch(jobs[0]!)
    sealBatch(jobs[0]!)
    const two = start()
    expect(jobs.map((job) => job.name.number)).toEqual([1, 2, 2])
    expect([two.pending, two.add(sample(6)), two.add(sample(7))]).toEqual([1, false, true])
    two.close()
    sealBatch(jobs[1]!)
    expect(kept()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
})

describe('what a disk cannot take', () => {
  it('is refused with a code, and what was cut off is not in the way of later samples', () => {
    const one = collector(100)
    one.add(sample(0))
    const log = join(root, 'BTCUSDT/features/2026-05-17_batch_0001.part')
    const whole = readFileSync(log).length
    const write = vi.mocked(writeSync)
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    // The first half goes through, as on a disk that is nearly full.
    write.mockImplementationOnce((fd, bytes) => real.writeSync(fd, (bytes as unknown as Buffer).subarray(0, 20)))
    write.mockImplementationOnce(() => {
      throw full
    })
    expect(() => one.add(sample(1))).toThrow(expect.objectContaining({ code: 'RM_DATASET_FILE', message: expect.stringContaining('no space left') as string }))
    expect([one.pending, one.lastMs, readFileSync(log).length]).toEqual([1, sample(0).timestampMs, whole + 20])
    for (let i = 1; i < 4; i++) expect(one.add(sample(i))).toBe(true)
    one.close()
    expect(kept()).toEqual([0, 1, 2, 3])
  })
})

describe('the locks of a data set', () => {
  it('keep a second collector out, by symbol, and nobody who labels', () => {
    const release = lockDataset(root, ['BTCUSDT', 'ETHUSDT'], 'collector')
    expect(() => lockDataset(root, ['SOLUSDT', 'ETHUSDT'], 'collector')).toThrow(expect.objectContaining({ code: 'RM_DATASET_LOCKED', details: expect.objectContaining({ folder: join(root, 'ETHUSDT'), pid: process.pid }) as unknown }))
    lockDataset(root, ['SOLUSDT'], 'collector')()
    lockDataset(root, ['BTCUSDT'], 'labels')()
    release()
    lockDataset(root, ['BTCUSDT', 'ETHUSDT'], 'collector')()
  })

  it('say so when the folder is none', () => {
    writeFileSync(join(root, 'file'), '')
    expect(() => lockDataset(join(root, 'file'), ['BTCUSDT'], 'collector')).toThrow('RM_DATASET_FILE')
  })
})

describe('the .npy format', () => {
  const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/npy_header.json'), 'utf8')) as { readonly rows: number; readonly columns: number; readonly header: string; readonly file: string }[]

  it.each(golden)('is what NumPy writes, byte for byte: $rows × $columns', ({ rows, columns, header, file }) => {
    expect(npyHeader(rows, columns).toString('hex')).toBe(header)
    if (file !== '') expect(encodeNpy(rows, columns, Float32Array.from({ length: rows * columns }, (_, i) => i / 3)).toString('hex')).toBe(file)
  })

  it('comes back as it was written, whatever the table', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 5 }), fc.float({ noNaN: true }), (rows, columns, value) => {
        const values = Float32Array.from({ length: rows * columns }, (_, i) => value + i)
        const bytes = encodeNpy(rows, columns, values)
        expect((bytes.length - values.byteLength) % 64).toBe(0)
        expect(decodeNpy(bytes, 'x')).toEqual({ rows, columns, values })
      }),
    )
  })

  it.each([
    ['nothing', (b: Buffer) => b.subarray(0, 4), 'does not begin like'],
    ['a cut header', (b: Buffer) => b.subarray(0, 40), 'its header ends at byte'],
    ['a cut table', (b: Buffer) => b.subarray(0, -1), 'bytes of numbers'],
    ['float64', (b: Buffer) => Buffer.from(b.toString('latin1').replace('<f4', '<f8'), 'latin1'), 'not float32 in C order'],
    ['Fortran order', (b: Buffer) => Buffer.from(b.toString('latin1').replace('False', 'True '), 'latin1'), 'not float32 in C order'],
    ['three dimensions', (b: Buffer) => Buffer.from(b.toString('latin1').replace('(2, 3)', '(2,1,3'), 'latin1'), 'shape cannot be read'],
  ])('is refused with a reason: %s', (_what, damage, words) => {
    expect(() => decodeNpy(damage(encodeNpy(2, 3, new Float32Array(6))), 'x.npy')).toThrow(words)
  })
})
