import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { money } from '../../src/core/index.ts'
import { apply, BookGrids, createState, describeRecord, FileJournal, JournalGrids, type ExitPlan, type FillBooked, type OrderIntended, type TradingRecord } from '../../src/trading/index.ts'
import { journalCat } from '../../workers/journal-commands.ts'
import { ALL_FAULTS } from './support/model-venue.ts'
import { World } from './support/world.ts'

const stamp = { atMs: Date.UTC(2026, 0, 2, 3, 4, 5), atNs: 0 }
const byPercent = { percent: '1', atrMultiplier: null, by: 'percent' } as const
const plan: ExitPlan = { takeProfitPercent: '1', stopLossPercent: '1', holdMsMax: 1000, source: 'exit.by_regime.choppy', regime: 'choppy', atrTicks: null, takeProfit: byPercent, stopLoss: byPercent, trailing: null }
const epoch: TradingRecord = { kind: 'epoch-started', ...stamp, epoch: 1, account: 'test', plan, planBySymbol: {} }
const seen = (tick: string, lot: string): TradingRecord => ({ kind: 'instrument-seen', ...stamp, symbol: 'BTCUSDT', symbolIndex: 0, tick, lot })
const intent: OrderIntended = {
  kind: 'order-intended', ...stamp, clientId: 'rmtestE1D0S1A0', symbol: 'BTCUSDT', purpose: 'entry', positionId: 1, side: 0, type: 'limit', priceTicks: 599_687, referenceTicks: 599_687,
  lots: 1, timeInForce: 'GTC', reduceOnly: false, ttlMs: 0, why: 'model Buy', trace: 'BTCUSDT/1/1', decisionSequence: 1, plan, reason: null, terms: null,
}
const fill: FillBooked = {
  kind: 'fill-booked', ...stamp, executionId: 'x1', clientId: intent.clientId, venueId: 'v1', symbol: 'BTCUSDT', side: 0, priceTicks: 599_680, priceText: null, lots: 1, fee: '0.0119936', feeCoin: null, realised: null, maker: true,
  type: 'trade', timeMs: stamp.atMs, beforeLots: 0, afterLots: 1, note: '', source: 'stream',
}
const cancelled: TradingRecord = {
  kind: 'order-seen', ...stamp, clientId: intent.clientId, venueId: 'v1', status: 'cancelled', lots: 12, filledLots: 2, reason: 'CancelByUser EC_PerCancelRequest', source: 'stream', updatedMs: 0,
}
const adopted: TradingRecord = { kind: 'position-adopted', ...stamp, symbol: 'BTCUSDT', fromLots: 0, toLots: -4, entryTicks: '599687.3333333333333333333', why: 'no execution explains it' }

const story = [epoch, seen('0.10', '0.001'), intent, fill, cancelled, adopted]

function learned(records: readonly TradingRecord[]): JournalGrids {
  const grids = new JournalGrids()
  for (const record of records) grids.learn(record)
  return grids
}

describe('a record in words', () => {
  it('has prices and sizes as decimals, and the symbol as the unit of a size, where its grid is known', () => {
    const lines = story.map((record) => describeRecord(record, learned(story)))
    expect(lines).toEqual([
      'epoch-started      epoch 1 of account test',
      'instrument-seen    BTCUSDT tick 0.10 lot 0.001',
      'order-intended     rmtestE1D0S1A0 entry Buy 0.001 BTCUSDT at limit 59968.7 GTC, position 1: model Buy [BTCUSDT/1/1], exits +1 % -1 % 1 s in choppy: exit.by_regime.choppy',
      'fill-booked        x1 Buy 0.001 BTCUSDT at 59968.0, fee 0.0119936, position 0.000 -> 0.001, order rmtestE1D0S1A0',
      'order-seen         rmtestE1D0S1A0 cancelled, 0.002 of 0.012 BTCUSDT filled, by stream: CancelByUser EC_PerCancelRequest',
      'position-adopted   BTCUSDT 0.000 -> -0.004 at 59968.73333: no execution explains it',
    ])
  })

  it('says "ticks" and "lots" where it is not', () => {
    expect(describeRecord(intent)).toContain('entry Buy 1 lots of BTCUSDT at limit 599687 ticks GTC')
    expect(describeRecord(fill)).toContain('Buy 1 lots of BTCUSDT at 599680 ticks, fee 0.0119936, position 0 -> 1 lots,')
    expect(describeRecord(cancelled)).toContain('cancelled, 2 of 12 lots filled')
    expect(describeRecord(adopted)).toContain('BTCUSDT 0 -> -4 lots at 599687.3333333333333333333 ticks')
    // An order whose intent is not in the part that was read.
    expect(describeRecord(cancelled, learned([epoch, seen('0.10', '0.001')]))).toContain('2 of 12 lots filled')
  })

  it('counts in the grid of its time when an instrument changes', () => {
    const grids = learned(story)
    grids.learn(seen('0.5', '0.01'))
    expect(describeRecord(intent, grids)).toContain('Buy 0.01 BTCUSDT at limit 299843.5')
  })

  it('keeps a market order without a price, and a flat position without an entry', () => {
    const grids = learned(story)
    expect(describeRecord({ ...intent, type: 'market', priceTicks: null, purpose: 'exit', reduceOnly: true, timeInForce: 'IOC' }, grids)).toContain('exit Buy 0.001 BTCUSDT at market IOC reduce-only')
    expect(describeRecord({ ...adopted, toLots: 0, entryTicks: '0' }, grids)).toContain('BTCUSDT 0.000 -> 0.000: no')
  })

  it('shows numbers that no grid can hold as they are, instead of failing', () => {
    expect(describeRecord({ ...fill, lots: 0.5, priceTicks: Number.NaN, afterLots: 2 ** 60 }, learned(story))).toContain('Buy 0.5 lots BTCUSDT at NaN ticks')
    expect(() => new JournalGrids().learn(seen('ten', '1'))).toThrow('RM_DECIMAL_SYNTAX')
  })
})

describe('the words of a whole run', () => {
  const world = new World(41, ALL_FAULTS)
  world.start(true, 30, 'after-append')
  world.trade(8000, 150, () => void world.start())
  const records = world.records()

  it('carry decimals wherever the journal holds steps, and the same ones by the books as by the journal', () => {
    const state = createState()
    const books = new BookGrids(state)
    const journal = new JournalGrids()
    for (const record of records) {
      apply(state, record)
      journal.learn(record)
      const line = describeRecord(record, books)
      expect(line).toBe(describeRecord(record, journal))
      expect(line).not.toMatch(/undefined|NaN|\[object|\n/)
      if (record.kind === 'order-intended' && record.priceTicks !== null) {
        // The instruments of this world have a tick of 0.10 and a lot of 0.001.
        expect(line).toContain(` ${money(record.lots).div(1000).toFixed(3)} ${record.symbol} at limit ${money(record.priceTicks).div(10).toFixed(1)} `)
      } else if (record.kind === 'fill-booked') {
        expect(line).toContain(`position ${money(record.beforeLots).div(1000).toFixed(3)} -> ${money(record.afterLots).div(1000).toFixed(3)},`)
      } else if (record.kind === 'order-seen') {
        expect(line).toContain(`${money(record.filledLots).div(1000).toFixed(3)} of ${money(record.lots).div(1000).toFixed(3)} `)
      }
    }
    expect(records.filter((record) => record.kind === 'fill-booked').length).toBeGreaterThan(3)
  })

  it('reach the log of the actor in decimals and without a time of their own', () => {
    const told = world.life.logs.filter((line) => / (order-intended|fill-booked) /.test(line)).map((line) => line.split(' {')[0]!)
    expect(told.length).toBeGreaterThan(3)
    for (const line of told) {
      expect(line).toMatch(/ (Buy|Sell) \d+\.\d{3} (AAA|BBB)USDT at (limit )?\d+\.\d[ ,]/)
      expect(line).not.toMatch(/\d{4}-\d\d-\d\dT/)
    }
  })
})

describe('journal cat', () => {
  let folder: string
  let path: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringmaster-cat-'))
    path = join(folder, 'journal')
    const journal = new FileJournal(path)
    journal.append(story)
    journal.close()
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  async function cat(from: number, limit: number, json = false): Promise<string[]> {
    const lines: string[] = []
    expect(await journalCat(path, { from, limit, json }, (line) => void lines.push(line))).toBe(0)
    return lines
  }

  it('gives the time of a record once', async () => {
    const lines = await cat(0, 100)
    expect(lines).toHaveLength(story.length)
    for (const line of lines) expect(line.match(/2026-01-02T03:04:05\.000Z/g)).toHaveLength(1)
  })

  it('knows grids and symbols from the records before the first one it shows', async () => {
    expect(await cat(4, 1)).toEqual(['      4  2026-01-02T03:04:05.000Z  order-seen         rmtestE1D0S1A0 cancelled, 0.002 of 0.012 BTCUSDT filled, by stream: CancelByUser EC_PerCancelRequest'])
  })

  it('ST-10: shows the chain of one id: by trace, client id, order id, execution id or position the same records from the decision to the fill', async () => {
    const only = async (id: string): Promise<string[]> => {
      const lines: string[] = []
      expect(await journalCat(path, { from: 0, limit: 100, json: true, only: id }, (line) => void lines.push(line))).toBe(0)
      return lines
    }
    const chain = await only(intent.trace)
    expect(chain.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(story.filter((record) => 'clientId' in record && record.clientId === intent.clientId).map((record) => record.kind))
    expect(chain.length).toBeGreaterThan(2)
    for (const id of [intent.clientId, 'v1', 'x1', `position/${intent.positionId}`]) expect(await only(id), id).toEqual(chain)
    expect(await only('nobody')).toEqual([])
  })

  it('leaves steps as the journal has them in JSON', async () => {
    expect((await cat(2, 1, true)).map((line) => JSON.parse(line) as unknown)).toEqual([{ sequence: 2, ...intent }])
  })

  it('ends with a coded error where there is no journal', async () => {
    const lines: string[] = []
    expect(await journalCat(join(folder, 'none'), { from: 0, limit: 1, json: false }, (line) => void lines.push(line))).not.toBe(0)
    expect(lines.join()).toContain('RM_JOURNAL_OPEN')
  })
})
