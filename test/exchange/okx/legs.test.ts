import { describe, expect, it } from 'vitest'

import { SELL } from '../../../src/core/index.ts'
import { at, BTC, type Client, market, order, Venue, type Frame } from './venue.ts'

const sCode = (answer: Frame): unknown => at(answer, 'data', 0, 'sCode')
const rows = (answer: Frame): Frame[] => answer['data'] as Frame[]
const send = (venue: Venue, more: Frame): unknown => sCode(venue.post('/api/v5/trade/order', market(more)))

function hedged(): { venue: Venue; client: Client } {
  const venue = new Venue()
  expect(rows(venue.post('/api/v5/account/set-position-mode', { posMode: 'long_short_mode' }))).toEqual([{ posMode: 'long_short_mode' }])
  return { venue, client: venue.privately({ channel: 'orders', instType: 'SWAP' }, { channel: 'positions', instType: 'SWAP', extraParams: '{"updateInterval":"0"}' }, { channel: 'balance_and_position' }) }
}

describe('two legs (long_short_mode)', () => {
  it('need a side of the position with every order, as net mode needs none', () => {
    const { venue } = hedged()
    expect([send(venue, {}), send(venue, { posSide: 'net' }), send(venue, { posSide: 'both' }), send(venue, { posSide: 'long' })]).toEqual(['51000', '51000', '51000', '0'])
    const net = new Venue()
    expect([send(net, { posSide: 'long' }), send(net, { posSide: 'net' }), send(net, {})]).toEqual(['51000', '0', '0'])
  })

  it('are two positions with sizes of their own, always positive, in queries and pushes', () => {
    const { client, venue } = hedged()
    expect([send(venue, { posSide: 'long', sz: '3' }), send(venue, { posSide: 'short', side: 'sell', sz: '2' })]).toEqual(['0', '0'])
    venue.run(200)
    expect(rows(venue.get('/api/v5/account/positions', 'instType=SWAP')).map((row) => [row['posSide'], row['pos']])).toEqual([['long', '3'], ['short', '2']])
    expect(client.rows('positions').map((row) => [row['posSide'], row['pos']])).toEqual(expect.arrayContaining([['long', '3'], ['short', '2']]))
    expect(new Set(client.rows('positions').map((row) => row['posId'])).size).toBe(2)
    expect(client.rows('orders').map((row) => row['posSide'])).toEqual(expect.arrayContaining(['long', 'short']))
    expect(client.rows('balance_and_position').flatMap((row) => row['posData'] as Frame[]).map((row) => row['posSide'])).toEqual(expect.arrayContaining(['long', 'short']))
    expect(rows(venue.get('/api/v5/account/leverage-info', `instId=${BTC}&mgnMode=cross`)).map((row) => row['posSide'])).toEqual(['long', 'short'])
    expect(rows(venue.get('/api/v5/account/config'))).toMatchObject([{ posMode: 'long_short_mode' }])
    expect(venue.defects).toEqual([])
  })

  it('close by the other side alone, and refuse to close more than there is', () => {
    const { venue } = hedged()
    expect(send(venue, { posSide: 'long', side: 'sell' })).toBe('51169')
    send(venue, { posSide: 'long', sz: '3' })
    expect(send(venue, { posSide: 'long', side: 'sell', sz: '4' })).toBe('51112')
    expect(sCode(venue.post('/api/v5/trade/order', { ...order(venue, { posSide: 'long', side: 'sell', sz: '2', px: venue.price('sell', 2_000) }) }))).toBe('0')
    expect([send(venue, { posSide: 'long', side: 'sell', sz: '2' }), send(venue, { posSide: 'long', side: 'sell', sz: '1' })]).toEqual(['51112', '0'])
    expect(venue.post('/api/v5/trade/close-position', { instId: BTC, mgnMode: 'cross' })['code']).toBe('51000')
    expect(venue.post('/api/v5/trade/close-position', { instId: BTC, mgnMode: 'cross', posSide: 'long' })['code']).toBe('51115')
    expect(venue.post('/api/v5/trade/close-position', { instId: BTC, mgnMode: 'cross', posSide: 'long', autoCxl: true })).toMatchObject({ code: '0', data: [{ posSide: 'long' }] })
    expect(rows(venue.get('/api/v5/account/positions'))).toEqual([])
    const types = rows(venue.get('/api/v5/trade/fills', 'instType=SWAP')).map((row) => row['subType'])
    expect(new Set(types)).toEqual(new Set(['3', '5']))
    expect(rows(venue.get('/api/v5/account/positions-history', 'instType=SWAP'))).toMatchObject([{ posSide: 'long', direction: 'long', closeTotalPos: '3', type: '2' }])
  })

  it('cannot be entered or left with positions or orders', () => {
    const { venue } = hedged()
    const change = (posMode: string): unknown => {
      venue.run(2_100)
      return venue.post('/api/v5/account/set-position-mode', { posMode })['code']
    }
    send(venue, { posSide: 'short', side: 'sell' })
    expect(change('net_mode')).toBe('59000')
    venue.post('/api/v5/trade/close-position', { instId: BTC, mgnMode: 'cross', posSide: 'short' })
    const resting = at(venue.post('/api/v5/trade/order', order(venue, { posSide: 'long' })), 'data', 0, 'ordId')
    expect(change('net_mode')).toBe('59000')
    venue.post('/api/v5/trade/cancel-order', { instId: BTC, ordId: resting })
    expect([change('net_mode'), change('net_mode'), change('long_short_mode')]).toEqual(['0', '0', '0'])
  })
})

describe('what the venue does to a position', () => {
  const subscribed = (venue: Venue): Client => venue.privately({ channel: 'orders', instType: 'SWAP' }, { channel: 'balance_and_position' }, { channel: 'liquidation-warning', instType: 'SWAP' }, { channel: 'positions', instType: 'SWAP' })

  it('names a liquidation in order, balance, bill and history, and tells everybody', () => {
    const venue = new Venue()
    const open = venue.publicly({ channel: 'liquidation-orders', instType: 'SWAP' })
    send(venue, { sz: '10' })
    venue.post('/api/v5/trade/order', order(venue, { clOrdId: 'resting' }))
    const client = subscribed(venue)
    venue.exchange.operator.liquidate('main')
    venue.run(200)
    expect(client.rows('orders').find((row) => row['clOrdId'] === 'resting')).toMatchObject({ state: 'canceled', cancelSource: '3' })
    expect(client.rows('orders').at(-1)).toMatchObject({ category: 'full_liquidation', side: 'sell', state: 'filled', clOrdId: '' })
    expect(client.rows('balance_and_position').at(-1)!['eventType']).toBe('liquidation')
    expect(rows(venue.get('/api/v5/account/bills', 'type=5')).map((row) => row['subType'])).toEqual(expect.arrayContaining(['107']))
    expect(rows(venue.get('/api/v5/account/positions-history'))).toMatchObject([{ type: '3', closeTotalPos: '10' }])
    expect(open.rows('liquidation-orders')).toMatchObject([{ instId: BTC, details: [{ side: 'sell', posSide: 'long', sz: '10' }] }])
  })

  it('names a deleveraging, and ranks the position before', () => {
    const venue = new Venue()
    send(venue, { sz: '10' })
    const client = subscribed(venue)
    expect(Number(at(rows(venue.get('/api/v5/account/positions')), 0, 'adl'))).toBeGreaterThanOrEqual(1)
    expect(venue.exchange.operator.deleverage('BTCUSDT', 0, 40)).toBe(0)
    venue.run(200)
    expect(client.rows('orders').at(-1)).toMatchObject({ category: 'adl', side: 'sell', accFillSz: '4' })
    expect(client.rows('balance_and_position').at(-1)!['eventType']).toBe('adl')
    expect(rows(venue.get('/api/v5/account/bills', 'type=9'))).toMatchObject([{ subType: '128' }])
    expect(rows(venue.get('/api/v5/account/positions-history'))).toMatchObject([{ type: '5', closeTotalPos: '4' }])
  })

  it('warns an account once that comes near to its liquidation, and shows the price of it', () => {
    const venue = new Venue({ rate: 60 })
    venue.post('/api/v5/account/set-leverage', { instId: BTC, lever: '100', mgnMode: 'cross' })
    const client = subscribed(venue)
    const endangered = (): boolean => {
      const { equity, maintenanceMargin } = venue.exchange.wallet('main')
      return maintenanceMargin.greaterThan(0) && equity.div(maintenanceMargin).lessThan(2.9)
    }
    for (let i = 0; i < 60 && !endangered(); i++) {
      send(venue, { sz: '800' })
      venue.run(500)
    }
    expect(endangered()).toBe(true)
    const liqPx = Number(at(rows(venue.get('/api/v5/account/positions')), 0, 'liqPx'))
    expect(liqPx).toBeGreaterThan(0)
    expect(liqPx).toBeLessThan(Number(venue.price('buy', 0)))
    venue.run(3_500)
    expect(client.rows('liquidation-warning')).toMatchObject([{ instId: BTC, instType: 'SWAP', posSide: 'net' }])
  })

  it('lets the owner close by hand: pushed as any order of his', () => {
    const venue = new Venue()
    send(venue, { sz: '5' })
    const client = subscribed(venue)
    expect(venue.exchange.operator.closeByHand('main', 'BTCUSDT').ok).toBe(true)
    venue.run(200)
    expect(client.rows('orders').at(-1)).toMatchObject({ clOrdId: '', category: 'normal', side: 'sell', state: 'filled' })
    expect(client.rows('positions').at(-1)!['pos']).toBe('0')
  })
})

describe('instruments', () => {
  it('tell changes of their terms and state as they happen, the announced ones before', () => {
    const venue = new Venue({ rate: 1 })
    const client = venue.publicly({ channel: 'instruments', instType: 'SWAP' })
    const listed = (): Frame => rows(venue.get('/api/v5/public/instruments', `instType=SWAP&instId=${BTC}`))[0]!
    const told = (): Frame => (client.on('instruments').at(-1)!['data'] as Frame[])[0]!
    const { operator } = venue.exchange
    operator.announceChange('BTCUSDT', { tickSteps: 5 }, venue.time.wallMs() + 60_000)
    venue.run(5)
    expect(told()['upcChg']).toEqual([{ param: 'tickSz', newValue: '0.5', effTime: String(venue.time.wallMs() + 60_000 - 5) }])
    expect((client.on('instruments').at(-1)!['data'] as Frame[])).toHaveLength(3)
    const resting = venue.post('/api/v5/trade/order', order(venue, { clOrdId: 'offgrid', px: '58000.1' }))
    expect(sCode(resting)).toBe('0')
    client.say('ping')
    venue.run(25_000)
    client.say('ping')
    venue.run(20_000)
    client.say('ping')
    venue.run(16_000)
    expect([listed()['tickSz'], told()['tickSz'], told()['upcChg']]).toEqual(['0.5', '0.5', []])
    expect(sCode(venue.post('/api/v5/trade/order', order(venue, { px: '58000.1' })))).toBe('51000')
    expect(at(venue.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=offgrid`), 'data', 0)).toMatchObject({ state: 'canceled', cancelSource: '0' })
    const kept = at(venue.post('/api/v5/trade/order', order(venue, { px: '58000' })), 'data', 0, 'ordId')
    operator.changeContract('BTCUSDT', { status: 'Suspended' })
    venue.run(5)
    expect([listed()['state'], told()['state'], send(venue, {})]).toEqual(['suspend', 'suspend', '51022'])
    expect(sCode(venue.post('/api/v5/trade/cancel-order', { instId: BTC, ordId: kept }))).toBe('0')
    operator.changeContract('BTCUSDT', { status: 'Trading' })
    operator.changeContract('XRPUSDT', { status: 'Closed' })
    venue.run(5)
    expect([told()['state'], (client.on('instruments').at(-1)!['data'] as Frame[]).length]).toEqual(['live', 2])
    expect(rows(venue.get('/api/v5/public/instruments', 'instType=SWAP')).map((row) => row['instId'])).not.toContain('XRP-USDT-SWAP')
    expect(venue.exchange.place('main', { symbol: 'XRPUSDT', clientId: '', side: SELL, type: 'market', priceTicks: null, lots: 100, timeInForce: 'IOC', reduceOnly: false, closeOnTrigger: false }).ok).toBe(false)
  })
})
