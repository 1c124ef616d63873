import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type ExitPlan, FileJournal, type FillBooked, type OrderIntended, type TradingRecord } from '../../src/trading/index.ts'
import type { AccountTruth, TruthExecution, TruthOrder } from './account-truth.ts'
import { disagreements, journalTruth, linesOf } from './agreement.ts'

const stamp = { atMs: Date.UTC(2026, 0, 2, 3, 4, 5), atNs: 0 }
const byPercent = { percent: '1', atrMultiplier: null, by: 'percent' } as const
const plan: ExitPlan = { takeProfitPercent: '1', stopLossPercent: '1', holdMsMax: 1000, source: 'test', regime: 'choppy', atrTicks: null, takeProfit: byPercent, stopLoss: byPercent, trailing: null }
const CLIENT = 'rmtestE1D0S1A0'
const intent: OrderIntended = {
  kind: 'order-intended', ...stamp, clientId: CLIENT, symbol: 'BTCUSDT', purpose: 'entry', positionId: 1, side: 0, type: 'limit', priceTicks: 600_000, referenceTicks: 600_000,
  lots: 2, timeInForce: 'GTC', reduceOnly: false, ttlMs: 0, why: 'test', trace: 'BTCUSDT/1/1', decisionSequence: 1, plan, reason: null, terms: null,
}
const fill: FillBooked = {
  kind: 'fill-booked', ...stamp, executionId: 'x1', clientId: CLIENT, venueId: 'v1', symbol: 'BTCUSDT', side: 0, priceTicks: 600_000, priceText: null, lots: 2, fee: '0.024', feeCoin: null, realised: null, maker: true,
  type: 'trade', timeMs: stamp.atMs, beforeLots: 0, afterLots: 2, note: '', source: 'stream',
}
const story: readonly TradingRecord[] = [
  { kind: 'epoch-started', ...stamp, epoch: 1, account: 'test', plan, planBySymbol: {} },
  { kind: 'instrument-seen', ...stamp, symbol: 'BTCUSDT', symbolIndex: 0, tick: '0.10', lot: '0.001' },
  intent,
  { kind: 'order-accepted', ...stamp, clientId: CLIENT, venueId: 'v1' },
  fill,
  { kind: 'order-seen', ...stamp, clientId: CLIENT, venueId: 'v1', status: 'filled', lots: 2, filledLots: 2, reason: '', source: 'stream', updatedMs: stamp.atMs },
  { kind: 'protection-intended', ...stamp, symbol: 'BTCUSDT', positionId: 1, clientId: 'rmtestE1P1N1A0', stopTicks: 590_000, why: 'test' },
  { kind: 'protection-set', ...stamp, symbol: 'BTCUSDT', positionId: 1, stopTicks: 590_000, source: 'answer' },
]
const entry: TruthOrder = { venueId: 'v1', clientId: CLIENT, symbol: 'BTCUSDT', open: false, reduceOnly: false, conditional: false }
const stop: TruthOrder = { venueId: 'v2', clientId: '', symbol: 'BTCUSDT', open: true, reduceOnly: true, conditional: true }
const execution: TruthExecution = { executionId: 'x1', clientId: CLIENT, symbol: 'BTCUSDT', funding: false, buy: true, size: '0.002', price: '60000', fee: '0.024' }
const theirs: AccountTruth = { orders: [entry, stop], executions: [execution], positions: new Map([['BTCUSDT', '0.002']]), balance: '99.976' }

describe('the comparison of journal and exchange', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringmaster-agreement-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  let made = 0
  function linesFor(records: readonly TradingRecord[], truth: AccountTruth): string[] {
    const path = join(folder, `${++made}.journal`)
    const journal = new FileJournal(path)
    journal.append(records)
    journal.close()
    return linesOf(disagreements(journalTruth(path), truth, '100'))
  }
  const without = (kind: TradingRecord['kind']): TradingRecord[] => story.filter((record) => record.kind !== kind)

  it('finds nothing where both tell the same', () => {
    expect(linesFor(story, theirs)).toEqual([])
  })

  it.each<[string, readonly TradingRecord[], AccountTruth, string]>([
    ['an execution that is not booked', without('fill-booked'), theirs, 'executions: BTCUSDT x1'],
    ['an execution that is booked twice', [...story, fill], theirs, 'is booked 2 times'],
    ['an execution that the exchange does not know', story, { ...theirs, executions: [] }, 'x1 is booked here'],
    ['another fee in the last digit', story, { ...theirs, executions: [{ ...execution, fee: '0.0240000000000001' }] }, 'fee 0.024 here'],
    ['another size', story, { ...theirs, executions: [{ ...execution, size: '0.001' }] }, 'size 0.002 here'],
    ['another price', story, { ...theirs, executions: [{ ...execution, price: '60000.1' }] }, 'price 60000 here'],
    ['the other side', story, { ...theirs, executions: [{ ...execution, buy: false }] }, 'side 0 here'],
    ['another position', story, { ...theirs, positions: new Map([['BTCUSDT', '0.003']]) }, 'positions: BTCUSDT: 0.002 here, 0.003 there'],
    ['a position on a symbol that the journal never saw', story, { ...theirs, positions: new Map([...theirs.positions, ['ETHUSDT', '1']]) }, 'ETHUSDT: not here'],
    ['other cash', story, { ...theirs, balance: '99.975' }, 'cash: 99.976 here'],
    ['one client id on two orders', story, { ...theirs, orders: [entry, { ...entry, venueId: 'v9' }, stop] }, 'duplicateOrders'],
    ['two attempts of one intent', [...story, { ...intent, clientId: 'rmtestE1D0S1A1' }], { ...theirs, orders: [entry, { ...entry, clientId: 'rmtestE1D0S1A1', venueId: 'v9' }, stop] }, 'duplicateOrders: epoch 1, symbol 0, decision 1'],
    ['one exit in two epochs', story, { ...theirs, orders: [entry, stop, ...['rmtestE1X1N0A0', 'rmtestE2X1N0A0'].map((clientId) => ({ ...entry, clientId }))] }, 'duplicateOrders: exit 0 of position 1'],
    ['an order without an intent', story, { ...theirs, orders: [entry, stop, { ...entry, clientId: 'rmtestE1D0S7A0', venueId: 'v7' }] }, "unknownOrders: BTCUSDT v7 'rmtestE1D0S7A0'"],
    ['an order that is open there and ended here', story, { ...theirs, orders: [{ ...entry, open: true }, stop] }, 'is open at the venue and ended'],
    ['a position without a stop', story, { ...theirs, orders: [entry] }, 'stops: BTCUSDT: 0 stops rest where 1 is wanted'],
    ['a second stop', story, { ...theirs, orders: [entry, stop, { ...stop, venueId: 'v3' }] }, 'stops: BTCUSDT: 2 stops rest'],
    ['a stop that the journal does not know to rest', without('protection-set'), theirs, 'the journal has its stop as'],
    ['a position that was taken over', [...story, { kind: 'position-adopted', ...stamp, symbol: 'BTCUSDT', fromLots: 2, toLots: 2, entryTicks: '600000', why: 'test' }], theirs, 'was taken over from the venue'],
    ['a fill of somebody else', [...without('fill-booked'), { ...fill, note: 'foreign' }], theirs, "is booked as 'foreign'"],
  ])('finds %s', (_what, records, truth, line) => {
    expect(linesFor(records, truth).join('\n')).toContain(line)
  })

  it('tells what was live at a moment in between', () => {
    const path = join(folder, 'moments.journal')
    const journal = new FileJournal(path)
    journal.append(story.map((record, n) => ({ ...record, atMs: 1000 + n })))
    journal.close()
    expect(journalTruth(path, [1001, 1003, 1005, 9999]).exposureAt).toEqual([
      { orders: 0, positions: 0 },
      { orders: 1, positions: 0 },
      { orders: 0, positions: 1 },
      { orders: 0, positions: 1 },
    ])
  })
})
