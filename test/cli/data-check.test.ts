import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CaptureReport } from '../../src/market/capture-check/index.ts'
import { dataCheck } from '../../workers/data-commands.ts'

let root = ''
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'data-check-'))))
afterAll(() => rmSync(root, { recursive: true }))

const write = (name: string, lines: readonly string[]): string => {
  const path = join(root, name)
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  return path
}
const frame = (u: number, bid: string, ts = 1_732_000_000_000 + u): string => JSON.stringify({ topic: 'orderbook.50.X', type: u === 10 ? 'snapshot' : 'delta', ts, data: { s: 'X', b: [[bid, '1']], a: u === 10 ? [['101', '1']] : [], u, seq: u }, cts: ts })
const okx = (action: string, bids: string[][], checksum: number): string => `1652459225.5: ${JSON.stringify({ arg: { channel: 'books', instId: 'X-USDT' }, action, data: [{ bids, asks: [['101', '1']], ts: '1', checksum }] })}`

async function check(files: readonly string[], json = false): Promise<{ readonly code: number; readonly text: string }> {
  let text = ''
  const code = await dataCheck(files, json, (line) => void (text += `${line}\n`))
  return { code, text }
}

describe('ringmaster data check', () => {
  it('says what a sound recording is and ends with 0', async () => {
    const { code, text } = await check([write('good', [frame(10, '99'), frame(11, '98'), frame(12, '100')])])
    expect(code).toBe(0)
    for (const part of [/good +Bybit V5, bare lines, 3 lines/, /symbols +X/, /time +2024-11-19T07:06:40.010Z/, /messages +3 book/, /books +1, 1 snapshots, 2 updates applied/, /gaps +0/, /longest silence +1 ms before line 2/, /verdict +sound/]) expect(text).toMatch(part)
  })

  it('names the line of a gap, what was expected and what came, and ends with 1', async () => {
    const { code, text } = await check([write('gap', [frame(10, '99'), frame(11, '98'), frame(14, '100')])])
    expect(code).toBe(1)
    expect(text).toContain('gap    gap:3 X book: expected 12, got 14')
    expect(text).toMatch(/verdict +NOT SOUND/)
  })

  it('names the line of a crossed book, once, and of time that goes back', async () => {
    const { code, text } = await check([write('crossed', [frame(10, '99'), frame(11, '101', 1), frame(12, '102')])])
    expect(code).toBe(1)
    expect(text).toContain('fault  crossed:2 X: time goes back')
    expect(text).toContain('fault  crossed:2 X: book crossed: best bid 101, best ask 101')
    expect(text.match(/book crossed/g)).toHaveLength(1)
  })

  it('goes on to a finer grid when a price behind the head asks for one', async () => {
    const lines = [frame(10, '99'), ...Array.from({ length: 2500 }, (_, i) => frame(11 + i, String(90 + (i % 9)))), frame(2511, '99.875')]
    const { code, text } = await check([write('finer', lines)])
    expect([code, /2501 updates applied/.test(text)]).toEqual([0, true])
  })

  it('counts wrong checksums', async () => {
    const { code, text } = await check([write('sums', [okx('snapshot', [['99', '1']], 5)])])
    expect(code).toBe(1)
    expect(text).toMatch(/checksums +0 of 1 match/)
  })

  it('prints one JSON object for each recording, with everything in it', async () => {
    const { code, text } = await check([write('one', [frame(10, '99')]), write('two', [frame(10, '99'), frame(12, '98')])], true)
    const reports = text.trimEnd().split('\n').map((line) => JSON.parse(line) as CaptureReport)
    expect(code).toBe(1)
    expect(reports.map((one) => [one.sound, one.gapCount])).toEqual([[true, 0], [false, 1]])
    expect(reports[1]!.gaps).toEqual([{ file: join(root, 'two'), line: 2, symbol: 'X', of: 'book', expected: '11', actual: '12', missing: 0 }])
  })

  it.each([false, true])('a file that cannot be read is one line with its code, and 1 (json: %s)', async (json) => {
    for (const [path, wanted] of [[join(root, 'absent'), 'RM_CAPTURE_READ'], [write('prose', ['hello']), 'RM_CAPTURE_FORMAT'], [write('broken', [frame(10, '99'), '{"topic":']), 'RM_CAPTURE_LINE']] as const) {
      const { code, text } = await check([path], json)
      expect([code, text]).toEqual([1, expect.stringContaining(wanted)])
      if (json) expect(JSON.parse(text)).toMatchObject({ sound: false })
    }
  })
})
