import { describe, expect, it } from 'vitest'
import { DecimalStep, type Instrument } from '../../src/core/index.ts'
import { readFill, readOrder } from '../../src/venues/bybit/rows.ts'
import { createArgs } from '../../src/venues/bybit/order-args.ts'
import { BYBIT_DEFAULTS } from '../../src/venues/index.ts'
import { AlgoIds } from '../../src/venues/okx/algo-ids.ts'
import { readAlgo } from '../../src/venues/okx/algo-rows.ts'
import type { OkxContract } from '../../src/venues/okx/contracts.ts'
import { readOrder as readOkxOrder, readOrderFill } from '../../src/venues/okx/rows.ts'

const btc: Instrument = { symbol: 'BTCUSDT', index: 0, baseCoin: 'BTC', quoteCoin: 'USDT', tick: new DecimalStep('0.1'), lot: new DecimalStep('0.001'), minLots: 1, maxLots: 1000, minNotional: '5', maxLeverage: 100 }
const contract = { instId: 'BTC-USDT-SWAP', instrument: btc, size: new DecimalStep('0.1') } as unknown as OkxContract

describe('exits that the venue keeps are known as such, on Bybit', () => {
  const order = { symbol: 'BTCUSDT', orderId: 'o', orderLinkId: '', side: 'Sell', orderType: 'Market', orderStatus: 'Untriggered', qty: '0.010', cumExecQty: '0', avgPrice: '', price: '', reduceOnly: true, updatedTime: '1', triggerPrice: '48000.0', stopOrderType: '', createType: '' }
  const fill = { symbol: 'BTCUSDT', execId: 'e', orderId: 'o', orderLinkId: '', side: 'Sell', execType: 'Trade', execPrice: '48000.0', execQty: '0.010', execFee: '0.1', execTime: '1', isMaker: false, stopOrderType: 'UNKNOWN', createType: '' }

  it.each<[Record<string, string>, string | null]>([
    [{ stopOrderType: 'StopLoss' }, 'stop-loss'],
    [{ stopOrderType: 'PartialStopLoss' }, 'stop-loss'],
    [{ stopOrderType: 'TakeProfit' }, 'take-profit'],
    [{ stopOrderType: 'TrailingStop' }, null],
    [{ stopOrderType: 'UNKNOWN', createType: 'CreateByStopLoss' }, 'stop-loss'],
    [{ stopOrderType: 'UNKNOWN', createType: 'CreateByTakeProfit' }, 'take-profit'],
  ])('%j', (row, kind) => {
    expect(readOrder({ ...order, ...row }, btc).kept).toEqual({ kind, triggerTicks: 480_000 })
    expect(readFill({ ...fill, ...row }, btc).kept).toBe(true)
  })

  it.each<Record<string, string>>([
    { stopOrderType: 'Stop', createType: 'CreateByUser', orderLinkId: 'ours' },
    { stopOrderType: 'UNKNOWN', createType: 'CreateByUser' },
    { stopOrderType: '', createType: 'CreateByClosing' },
    { stopOrderType: 'UNKNOWN', createType: 'CreateByLiq' },
    { stopOrderType: 'toString', createType: 'CreateBytoString' },
    { stopOrderType: '', createType: '' },
  ])('others are not: %j', (row) => {
    expect(readOrder({ ...order, ...row }, btc)).not.toHaveProperty('kept')
    expect(readFill({ ...fill, ...row }, btc)).not.toHaveProperty('kept')
  })

  it('a trigger price off the grid counts as the nearest tick: an order of another grid must not hide the rest', () => {
    expect(readOrder({ ...order, stopOrderType: 'StopLoss', triggerPrice: '48000.04' }, btc).kept).toEqual({ kind: 'stop-loss', triggerTicks: 480_000 })
    expect(readOrder({ ...order, stopOrderType: 'StopLoss', triggerPrice: '48000.06' }, btc).kept).toEqual({ kind: 'stop-loss', triggerTicks: 480_001 })
    expect(() => readOrder({ ...order, stopOrderType: 'StopLoss', triggerPrice: 'near' }, btc)).toThrow('triggerPrice')
  })

  it('an attached stop is measured as the settings say, whatever the name it was given', () => {
    const args = createArgs({ clientId: 'c', symbol: 'BTCUSDT', side: 0, type: 'market', priceTicks: null, lots: 1, timeInForce: 'IOC', reduceOnly: false, attach: { stopLossTicks: 470_000, clientId: 's' } }, new Map([['BTCUSDT', btc]]), { ...BYBIT_DEFAULTS, protectionBy: 'mark' })
    expect(args).toMatchObject({ stopLoss: '47000.0', slTriggerBy: 'MarkPrice', tpslMode: 'Full' })
    expect(args).not.toHaveProperty('takeProfit')
  })
})

describe('exits that the venue keeps are known as such, on OKX', () => {
  const algo = { instId: 'BTC-USDT-SWAP', algoId: '5', algoClOrdId: 'ours', side: 'sell', state: 'live', ordType: 'conditional', closeFraction: '1', sz: '', slTriggerPx: '48000.0', tpTriggerPx: '', uTime: '1' }
  const order = { instId: 'BTC-USDT-SWAP', ordId: '7', clOrdId: '', algoId: '5', algoClOrdId: '', side: 'sell', posSide: 'net', ordType: 'market', state: 'filled', px: '', sz: '0.1', accFillSz: '0.1', avgPx: '48000', reduceOnly: 'true', source: '7', category: 'normal', fillSz: '0.1', fillPx: '48000.0', fillTime: '1', tradeId: '9', fillFee: '-0.1', fillFeeCcy: 'USDT', execType: 'T', uTime: '1' }

  it('waiting: with kind and price; a pair counts as its stop, a trigger order of ours as nothing of the kind', () => {
    expect(readAlgo(algo, contract).order.kept).toEqual({ kind: 'stop-loss', triggerTicks: 480_000 })
    expect(readAlgo({ ...algo, ordType: 'oco', tpTriggerPx: '52000.0' }, contract).order.kept).toEqual({ kind: 'stop-loss', triggerTicks: 480_000 })
    expect(readAlgo({ ...algo, slTriggerPx: '', tpTriggerPx: '52000.0' }, contract).order.kept).toEqual({ kind: 'take-profit', triggerTicks: 520_000 })
    expect(readAlgo({ ...algo, ordType: 'trigger', ordPx: '-1', sz: '0.1' }, contract).order).not.toHaveProperty('kept')
  })

  it('fired: by the source of the order, in orders and in their fills', () => {
    const ids = new AlgoIds()
    expect(readOkxOrder(order, contract, ids).kept).toEqual({ kind: null, triggerTicks: null })
    expect(readOrderFill(order, contract, ids)!.kept).toBe(true)
    for (const source of ['', '6', '13']) {
      expect(readOkxOrder({ ...order, source }, contract, ids)).not.toHaveProperty('kept')
      expect(readOrderFill({ ...order, source }, contract, ids)).not.toHaveProperty('kept')
    }
  })

  it('a forced close is none, whatever its source', () => {
    expect(readOrderFill({ ...order, category: 'full_liquidation' }, contract, new AlgoIds())).toMatchObject({ kind: 'liquidation' })
    expect(readOrderFill({ ...order, category: 'full_liquidation' }, contract, new AlgoIds())).not.toHaveProperty('kept')
  })
})
