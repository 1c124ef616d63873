import { describe, expect, it } from 'vitest'
import { DecimalStep, type Instrument } from '../../src/core/index.ts'
import { readFill, readOrder } from '../../src/venues/bybit/rows.ts'
import { AlgoIds } from '../../src/venues/okx/algo-ids.ts'
import { readContract } from '../../src/venues/okx/contracts.ts'
import { readOrder as readOkxOrder, readOrderFill } from '../../src/venues/okx/rows.ts'
import { swap } from './okx/okx-world.ts'

/** Whose an order is that carries no client id: the venue's own, or a person's (F22). */
const BTC: Instrument = { symbol: 'BTCUSDT', index: 0, baseCoin: 'BTC', quoteCoin: 'USDT', tick: new DecimalStep('0.10'), lot: new DecimalStep('0.001'), minLots: 1, maxLots: 1000, minNotional: '5', maxLeverage: 100 }

describe('orders that the venue makes against an account', () => {
  const order = (createType: unknown) => ({ symbol: 'BTCUSDT', orderId: 'o1', orderLinkId: '', side: 'Sell', orderType: 'Market', price: '', qty: '0.003', orderStatus: 'New', reduceOnly: true, updatedTime: '1700000000000', createType })
  const execution = (createType: unknown, execType: string) => ({ symbol: 'BTCUSDT', execId: 'e1', orderId: 'o1', orderLinkId: '', side: 'Sell', execType, execPrice: '60000.05', execQty: '0.003', execFee: '0', execTime: '1700000000000', createType })

  it.each([
    ['CreateByLiq', 'liquidation'], ['CreateByTakeOver_PassThrough', 'liquidation'], ['CreateByAdl_PassThrough', 'adl'], ['CreateByAdl', 'adl'], ['CreateBySettle', 'settle'], ['CreateByDelivery', 'settle'],
  ])('bybit: %s is %s, in the order and in its executions, whatever those are called', (createType, kind) => {
    expect(readOrder(order(createType), BTC).forced).toBe(true)
    expect(readFill(execution(createType, 'Trade'), BTC)).toMatchObject({ kind, priceText: '60000.05' })
  })

  it.each(['CreateByUser', 'CreateByClosing', 'CreateByStopOrder', 'CreateByTakeProfit', 'CreateByTrailingStop', 'Liq', '', undefined, 7])('bybit: %s is not', (createType) => {
    expect(readOrder(order(createType), BTC).forced).toBeUndefined()
    expect(readFill({ ...execution(createType, 'Trade'), execPrice: '60000.1' }, BTC).kind).toBe('trade')
  })

  const contract = readContract(swap('BTC'), 0)
  const row = (category: unknown) => ({
    instId: contract.instId, ordId: '1', clOrdId: '', side: 'sell', ordType: 'market', px: '', sz: contract.size.text, state: 'filled', accFillSz: contract.size.text, avgPx: '60000.05', category, uTime: '1700000000000',
    fillSz: contract.size.text, fillPx: '60000.05', fillFee: '0', fillTime: '1700000000000', tradeId: '0',
  })
  it.each([['adl', 'adl'], ['full_liquidation', 'liquidation'], ['partial_liquidation', 'liquidation'], ['delivery', 'settle'], ['auto_conversion', 'settle']])('okx: category %s is %s', (category, kind) => {
    expect(readOkxOrder(row(category), contract, new AlgoIds()).forced).toBe(true)
    expect(readOrderFill(row(category), contract, new AlgoIds())).toMatchObject({ kind, priceText: '60000.05' })
  })

  it.each(['normal', 'twap', 'ddh', '', undefined, 7])('okx: category %s is not', (category) => {
    expect(readOkxOrder(row(category), contract, new AlgoIds()).forced).toBeUndefined()
    expect(readOrderFill({ ...row(category), fillPx: '60000.1' }, contract, new AlgoIds())!.kind).toBe('trade')
  })
})
