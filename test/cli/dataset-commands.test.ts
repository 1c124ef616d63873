import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { featureNames } from '../../src/features/index.ts'
import { Collector, type LabelRow, lockDataset } from '../../src/model/index.ts'
import { datasetCheckCommand, datasetInfoCommand } from '../../workers/dataset-commands.ts'
import { label } from '../../workers/label.ts'

const names = featureNames()
const DAY = Date.UTC(2026, 4, 17)
const settings = { threshold_percent: 0.1, volatility_scale: 0, tolerance_s: 6, gap_s: 15 }

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'ringmaster-dataset-cli-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Samples a second apart whose price rises by a tenth of a percent with each, `whole` batches of ten and a few more. */
function fill(symbol: string, whole: number, more = 0): void {
  const collector = new Collector({ root: dir, symbol, featureNames: names, batchSamples: 10 })
  for (let i = 0; i < whole * 10 + more; i++) {
    collector.add({ timestampMs: DAY + 1000 * i, midPrice: 100 * 1.001 ** i, spread: 0.5, imbalance: 0, signalType: 'hold', signalConfidence: 0, features: new Float32Array(names.length).fill(i) })
  }
  collector.close()
}

async function ran(command: (print: (line: string) => void) => number | Promise<number>): Promise<{ readonly code: number; readonly text: string }> {
  let text = ''
  const code = await command((line) => void (text += `${line}\n`))
  return { code, text }
}
const labelled = (more: { force?: boolean; json?: boolean; label?: typeof settings } = {}) => ran((print) => label({ dir, label: settings, force: false, json: false, ...more }, print))
const checked = (json = false) => ran((print) => datasetCheckCommand({ dir, label: settings, json }, print))
const shown = (html: string | null = null, json = false) => ran((print) => datasetInfoCommand({ dir, label: settings, html, json }, print))
const rows = (symbol: string, batch: number): LabelRow[] => JSON.parse(readFileSync(join(dir, symbol, 'labels', `2026-05-17_batch_000${batch}.json`), 'utf8')) as LabelRow[]

describe('ringmaster label', () => {
  it('labels every symbol on threads, says what it did, and does nothing twice', async () => {
    fill('BTCUSDT', 8)
    fill('ETHUSDT', 3, 4)
    const first = await labelled()
    expect(first.code).toBe(0)
    // 80 samples: those whose horizon ends within them are labelled.
    expect(first.text).toMatch(/BTCUSDT +8 +0 +140 +100\n/)
    expect(first.text).toMatch(/ETHUSDT +3 +0 +20 +70\n/)
    expect(first.text).toContain('1 batch is still being collected')
    expect(rows('BTCUSDT', 1)[0]).toMatchObject({ future_movement_10s: expect.closeTo(1.001 ** 10 - 1, 9) as number, future_direction_10s: 1, future_direction_60s: 1 })
    const again = await labelled({ json: true })
    expect(again.text.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toMatchObject([{ symbol: 'BTCUSDT', batches: 8, skipped: 1 }, { symbol: 'ETHUSDT', batches: 3, skipped: 0 }])
    expect((await labelled({ force: true, json: true })).text).toContain('"skipped":0')
    expect((await labelled({ label: { ...settings, threshold_percent: 5 } })).code).toBe(0)
    expect(rows('BTCUSDT', 1)[0]).toMatchObject({ future_direction_10s: 0, future_direction_60s: 1 })
    expect((await checked()).code).toBe(0)
  })

  it('ends with 1 and says which symbol could not be labelled, the others are', async () => {
    fill('BTCUSDT', 2)
    fill('ETHUSDT', 2)
    writeFileSync(join(dir, 'BTCUSDT/labels/2026-05-17_batch_0001.json'), '[')
    const { code, text } = await labelled()
    expect([code, /ETHUSDT +2 +0 +10/.test(text)]).toEqual([1, true])
    expect(text).toMatch(/^BTCUSDT: RM_DATASET_FILE: .*2026-05-17_batch_0001\.json/m)
  })

  it('that is interrupted leaves whole files and ends with 130; the next run goes on where it was', async () => {
    fill('BTCUSDT', 300)
    const state = join(dir, 'BTCUSDT/labels/labelled.json')
    let code: unknown = 0
    // A machine that is so busy that the signal comes after the end gets another try.
    for (let tries = 0; code === 0 && tries < 3; tries++) {
      rmSync(state, { force: true })
      const child = spawn(process.execPath, [join(import.meta.dirname, '../../workers/ringmaster.ts'), 'label', '--force', '--dir', dir], { stdio: 'ignore' })
      const ended = new Promise((resolve) => void child.once('exit', (exit, signal) => resolve(exit ?? signal)))
      while (!existsSync(state) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2))
      child.kill('SIGINT')
      code = await ended
    }
    expect(code).toBe(130)
    expect((await checked()).code).toBe(0)
    const { skipped } = JSON.parse((await labelled({ json: true })).text) as { readonly skipped: number }
    expect([skipped > 0, skipped < 290]).toEqual([true, true])
    expect(rows('BTCUSDT', 1)[0]).toMatchObject({ future_direction_10s: 1, future_direction_60s: 1 })
  })

  it('stays away from a folder where somebody else labels, and from none', async () => {
    await expect(labelled()).rejects.toThrow('RM_DATASET_EMPTY')
    fill('BTCUSDT', 1)
    const release = lockDataset(dir, ['BTCUSDT'], 'labels')
    await expect(labelled()).rejects.toThrow('RM_DATASET_LOCKED')
    release()
    expect((await labelled()).code).toBe(0)
    expect(readdirSync(join(dir, 'BTCUSDT')).filter((name) => name.endsWith('.lock'))).toEqual([])
  })
})

describe('ringmaster dataset', () => {
  it('info says what is there, for people, as JSON and as a page', async () => {
    fill('BTCUSDT', 2)
    const page = join(dir, 'page.html')
    const { code, text } = await shown(page)
    expect([code, existsSync(page)]).toEqual([0, true])
    expect(text).toMatch(/BTCUSDT +20 +2 +2026-05-17 00:00:00 +2026-05-17 00:00:19 +1\.0 s +0 +0\/0\/0\/20/)
    expect(readFileSync(page, 'utf8')).toContain('<h2>BTCUSDT</h2>')
    expect(JSON.parse((await shown(null, true)).text)).toMatchObject({ symbol: 'BTCUSDT', samples: 20 })
    await expect(shown(join(dir, 'absent/page.html'))).rejects.toThrow('RM_DATASET_FILE')
  })

  it('check ends with 1 and names what is wrong and where', async () => {
    fill('BTCUSDT', 2, 1)
    expect(await checked()).toMatchObject({ code: 0, text: expect.stringMatching(/in progress +1 batch\nverdict +sound/) as string })
    writeFileSync(join(dir, 'BTCUSDT/labels/2026-05-17_batch_0002.json'), '[]')
    const broken = await checked()
    expect(broken.code).toBe(1)
    expect(broken.text).toContain('problem  BTCUSDT 2026-05-17_batch_0002: metadata counts 10 samples and lists 10, there are 0 labels and 10 rows of features')
    expect(JSON.parse((await checked(true)).text)).toMatchObject({ sound: false, samples: 20, problems: [{ symbol: 'BTCUSDT' }] })
  })

  it('of a folder without a data set is an error, not a sound one', async () => {
    await expect(checked()).rejects.toThrow('RM_DATASET_EMPTY')
    await expect(shown()).rejects.toThrow('RM_DATASET_EMPTY')
  })
})
