import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VirtualTime } from '../../../src/core/index.ts'
import { Exchange, loadTape, MemoryLedger, nexoContract as nexo, RecordedMarket } from '../../../src/exchange/index.ts'
import { order } from './support.ts'

describe('capture files', () => {
  let temporary = ''
  beforeAll(() => { temporary = mkdtempSync(join(tmpdir(), 'exchange-capture-')) })
  afterAll(() => rmSync(temporary, { recursive: true }))

  const snapshot = '1680652700600379 {"lastUpdateId":100,"bids":[["1.000","5.00"],["0.999","7"]],"asks":[["1.002","5.00"]]}'
  const futures = (pu: number, U: number, u: number): string => `1680652700700379 {"stream":"x@depth","data":{"e":"depthUpdate","s":"X","U":${U},"u":${u},"pu":${pu},"b":[["1.000","6.00"]],"a":[]}}`
  const spot = (U: number, u: number): string => `1680652700700379 {"stream":"x@depth","data":{"e":"depthUpdate","s":"X","U":${U},"u":${u},"b":[["1.000","6.00"]],"a":[]}}`

  const write = (name: string, lines: readonly string[], gzip = false): string => {
    const path = join(temporary, name)
    writeFileSync(path, gzip ? gzipSync(lines.join('\n')) : lines.join('\n'))
    return path
  }

  it.each([
    ['futures: overlap, then the chain', [futures(80, 81, 99), futures(99, 100, 104), snapshot, futures(104, 105, 110)], 2],
    ['futures: an update that ends at the snapshot is applied', [snapshot, futures(90, 95, 100), futures(100, 101, 101)], 2],
    ['spot: what the snapshot contains is dropped', [snapshot, spot(99, 100), spot(101, 101), spot(102, 105)], 2],
    ['spot: overlap', [spot(90, 98), snapshot, spot(99, 103)], 1],
  ])('are synchronised by the rules of the venue (%s)', async (_, lines, applied) => {
    const tape = await loadTape([write('sync', lines)], nexo)
    // Snapshot mark and three levels, then one level per applied update.
    expect(tape.length).toBe(4 + applied)
    expect([...tape.ticks.slice(0, 4)]).toEqual([0, 1000, 999, 1002])
    expect([...tape.lots.slice(0, 4)]).toEqual([0, 500, 700, 500])
  })

  it.each([
    ['RM_CAPTURE_GAP', 'futures gap', [snapshot, futures(95, 99, 101), futures(102, 103, 104)]],
    ['RM_CAPTURE_GAP', 'spot gap', [snapshot, spot(101, 101), spot(103, 104)]],
    ['RM_CAPTURE_GAP', 'snapshot too old', [snapshot, spot(105, 108)]],
    ['RM_CAPTURE_SNAPSHOT', 'no snapshot', [spot(105, 108)]],
    ['RM_CAPTURE_FORMAT', 'empty', []],
    ['RM_CAPTURE_LINE', 'no JSON', [snapshot, '1680652700600379 {"str']],
    ['RM_CAPTURE_LINE', 'no message', [snapshot, '1680652700600379 null']],
    ['RM_CAPTURE_LINE', 'unknown shape', [snapshot, '1680652700600379 {"a":1}']],
    ['RM_CAPTURE_LINE', 'no clock', [snapshot, '{"stream":"x"}']],
    ['RM_CAPTURE_LINE', 'clock in milliseconds', [snapshot, spot(101, 101).replace('1680652700700379', '1680652700700')]],
    ['RM_CAPTURE_GRID', 'price off the grid', [snapshot.replace('1.002', '1.0021')]],
    ['RM_CAPTURE_GRID', 'quantity off the grid', [snapshot.replace('5.00', '5.001')]],
    ['RM_CAPTURE_GRID', 'quantity no number', [snapshot.replace('5.00', '5,00')]],
  ])('%s: %s', async (code, _, lines) => {
    await expect(loadTape([write('bad', lines)], nexo)).rejects.toThrow(expect.objectContaining({ code }))
  })

  it('a missing file, a file cut off and a file that is no gzip are coded errors', async () => {
    const whole = write('whole.gz', [snapshot, ...Array.from({ length: 500 }, (_, i) => spot(101 + i, 101 + i))], true)
    const bytes = readFileSync(whole)
    const cut = join(temporary, 'cut.gz')
    writeFileSync(cut, bytes.subarray(0, bytes.length - 20))
    const text = write('text.gz', [snapshot])
    for (const path of [join(temporary, 'missing.gz'), join(temporary, 'missing'), cut, text]) {
      await expect(loadTape([path], nexo), path).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_READ' }))
    }
    expect((await loadTape([whole], nexo)).length).toBe(504)
  })

  it.each([['speed', { speed: 0 }], ['speed', { speed: Number.NaN }], ['history', { historyMin: 5 }]])('a bad %s is a coded error', async (_, change) => {
    const tape = await loadTape([write('ok', [snapshot, spot(101, 101)])], nexo)
    expect(() => new RecordedMarket(tape, { contract: nexo, speed: 1, loop: false, ...change })).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_SETUP' }))
  })

  it('fills of an account over a recording survive in the ledger', async () => {
    const tape = await loadTape([write('small', [snapshot, spot(101, 101)])], nexo)
    const ledger = new MemoryLedger()
    const open = (lines: readonly string[], into: MemoryLedger = new MemoryLedger(lines)): Exchange => {
      const time = new VirtualTime(1_700_000_000_000)
      const exchange = new Exchange({ clock: time, timers: time, markets: [new RecordedMarket(tape, { contract: nexo, speed: 1, loop: false })], ledger: into, startingBalance: '1000', defaultLeverage: '5' })
      exchange.start()
      return exchange
    }
    expect(open([], ledger).place('alice', order({ symbol: 'NEXOUSDT', priceTicks: 1002, lots: 400 }))).toMatchObject({ ok: false, refusal: 'below-min-notional' })
    const first = open([], ledger)
    expect(first.place('alice', order({ symbol: 'NEXOUSDT', priceTicks: 1002, lots: 600 }))).toMatchObject({ ok: true, value: { filledLots: 500, status: 'PartiallyFilled' } })
    const second = open(ledger.lines)
    expect(second.position('alice', 'NEXOUSDT').signedLots).toBe(600)
  })
})
