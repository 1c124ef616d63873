import { describe, expect, it } from 'vitest'

import { BUY, SELL } from '../../../src/core/index.ts'
import { at, BTC, type Client, ETH, market, order, Venue, type Frame } from './venue.ts'

type Level = readonly [string, string, string, string]
const rows = (answer: Frame): Frame[] => answer['data'] as Frame[]
const sCode = (answer: Frame): unknown => at(answer, 'data', 0, 'sCode')
const errors = (client: Client): unknown[] => client.frames.filter((frame) => frame['event'] === 'error').map((frame) => frame['code'])

describe('tick-by-tick books', () => {
  const deep = { channel: 'books-l2-tbt', instId: BTC }
  const fifty = { channel: 'books50-l2-tbt', instId: BTC }

  it('are for those who log in and whose fee tier is high enough', () => {
    const venue = new Venue()
    const refused = ['key-1', 'key-vip'].map((key) => venue.loggedIn('public', key, deep))
    expect(refused.map(errors)).toEqual([['64003'], []])
    expect(errors(venue.publicly(deep, fifty))).toEqual(['60011', '60011'])
    expect(refused[1]!.on('books-l2-tbt')[0]!['action']).toBe('snapshot')
  })

  it('do not stand beside another deep book of the same instrument', () => {
    const venue = new Venue()
    const client = venue.loggedIn('public', 'key-vip', deep, fifty, { channel: 'books', instId: BTC }, { channel: 'books', instId: ETH }, { channel: 'books5', instId: BTC })
    expect(errors(client)).toEqual(['64004', '64004'])
    client.say({ op: 'unsubscribe', args: [deep] })
    client.say({ op: 'subscribe', args: [fifty, { channel: 'books', instId: BTC }, deep] })
    venue.run(5)
    expect(errors(client)).toEqual(['64004', '64004', '64004'])
  })

  it.each([['books50-l2-tbt', 50], ['books-l2-tbt', 400]] as const)('of %s rebuilt by a client equal the book of the exchange', (channel, depth) => {
    const venue = new Venue({ rate: 100 })
    const client = venue.loggedIn('public', 'key-vip', { channel, instId: BTC })
    venue.run(5_000)
    venue.exchange.stop()
    venue.run(200)
    const sides = [new Map<string, string>(), new Map<string, string>()]
    let seqId = -1
    for (const frame of client.on(channel)) {
      const data = at(frame, 'data', 0) as { bids: Level[]; asks: Level[]; prevSeqId: number; seqId: number }
      expect(data.prevSeqId).toBe(seqId)
      seqId = data.seqId
      for (const [i, levels] of [data.bids, data.asks].entries()) for (const [px, sz] of levels) if (sz === '0') sides[i]!.delete(px)
      else sides[i]!.set(px, sz)
    }
    for (const side of [BUY, SELL] as const) {
      const ticks = new Float64Array(depth)
      const lots = new Float64Array(depth)
      const count = venue.exchange.levels('BTCUSDT', side, depth, ticks, lots)
      expect([...sides[side]!].toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual(Array.from({ length: count }, (_, i) => [String(ticks[i]! / 10), String(lots[i]! / 10)] as const).toSorted((a, b) => Number(a[0]) - Number(b[0])))
    }
    expect(client.on(channel).length).toBeGreaterThan(30)
  })
})

describe('the business path', () => {
  it('has candles of mark and index, and every trade by itself', () => {
    const venue = new Venue({ rate: 60 })
    const client = venue.connect('/ws/v5/business')
    client.say({ op: 'subscribe', args: [{ channel: 'mark-price-candle1m', instId: BTC }, { channel: 'index-candle1m', instId: 'BTC-USDT' }, { channel: 'trades-all', instId: BTC }, { channel: 'index-candle1m', instId: BTC }, { channel: 'mark-price-candle7m', instId: BTC }, { channel: 'trades', instId: BTC }] })
    venue.run(125_000)
    expect(errors(client)).toEqual(['60018', '60018', '60018'])
    for (const channel of ['mark-price-candle1m', 'index-candle1m']) {
      const closed = client.on(channel).map((frame) => at(frame, 'data', 0) as string[]).filter((row) => row[5] === '1')
      expect(closed.length, channel).toBe(2)
      expect(closed.every((row) => row.length === 6 && Number(row[2]) >= Number(row[3]))).toBe(true)
    }
    const trades = client.rows('trades-all')
    expect(trades.length).toBeGreaterThan(20)
    expect(trades.every((row) => !('count' in row) && !('seqId' in row))).toBe(true)
    expect(rows(venue.get('/api/v5/market/mark-price-candles', `instId=${BTC}`)).length).toBeGreaterThanOrEqual(3)
    expect(rows(venue.get('/api/v5/market/index-candles', 'instId=BTC-USDT&limit=2'))).toHaveLength(2)
    expect(venue.get('/api/v5/market/index-candles', `instId=${BTC}`)['code']).toBe('51001')
  })

  it('serves algo orders to those who log in, and nobody else', () => {
    const venue = new Venue()
    const client = venue.connect('/ws/v5/business')
    client.say({ op: 'subscribe', args: [{ channel: 'orders-algo', instType: 'SWAP' }, { channel: 'orders', instType: 'SWAP' }] })
    venue.run(5)
    expect(errors(client)).toEqual(['60011', '60018'])
    expect(errors(venue.privately({ channel: 'orders-algo', instType: 'SWAP' }))).toEqual(['60018'])
  })
})

describe('the fills channel', () => {
  it('tells fills before anything else, to high fee tiers', () => {
    const venue = new Venue()
    expect(errors(venue.privately({ channel: 'fills' }))).toEqual(['64003'])
    const client = venue.loggedIn('private', 'key-vip', { channel: 'fills', instId: BTC }, { channel: 'orders', instType: 'SWAP' })
    client.say({ id: '1', op: 'order', args: [market({ clOrdId: 'quick' })] })
    venue.run(50)
    const pushes = client.frames.filter((frame) => frame['data'] !== undefined && frame['arg'] !== undefined).map((frame) => at(frame, 'arg', 'channel'))
    expect(pushes[0]).toBe('fills')
    expect(client.rows('fills').reduce((sum, row) => sum + Number(row['fillSz']), 0)).toBeCloseTo(1, 9)
    expect(client.rows('fills')[0]).toMatchObject({ clOrdId: 'quick', instId: BTC, side: 'buy', execType: 'T' })
    expect(client.rows('fills').map((row) => row['tradeId'])).toEqual(client.rows('orders').filter((row) => row['fillSz'] !== '0').map((row) => row['tradeId']))
  })
})

describe('what an account may do', () => {
  it('is told in contracts: what opens and what closes', () => {
    const venue = new Venue()
    const size = (query = ''): Frame => rows(venue.get('/api/v5/account/max-size', `instId=${BTC}&tdMode=cross${query}`))[0]!
    const most = String(size()['maxBuy'])
    expect(sCode(venue.post('/api/v5/trade/order', market({ sz: String(Number(most) * 1.01 | 0) })))).toBe('51008')
    venue.post('/api/v5/trade/order', market({ sz: '10' }))
    expect(Number(size()['maxSell'])).toBeGreaterThan(Number(size()['maxBuy']))
    expect(Number(size('&leverage=20')['maxBuy'])).toBeGreaterThan(Number(size()['maxBuy']) * 1.8)
    expect(rows(venue.get('/api/v5/account/max-avail-size', `instId=${BTC}&tdMode=cross&reduceOnly=true`))).toMatchObject([{ availBuy: '0', availSell: '10' }])
    expect(venue.get('/api/v5/account/max-size', `instId=${BTC}`)['code']).toBe('50014')
    expect(venue.get('/api/v5/account/max-size', `instId=${BTC}&tdMode=isolated`)['code']).toBe('51000')
    expect(rows(venue.get('/api/v5/account/subtypes', 'type=8,9')).map((row) => row['typeDesc'])).toEqual(['Funding fee', 'ADL'])
  })

  it('ends at the price limits: refused by default, moved there on demand', () => {
    const venue = new Venue()
    const limit = rows(venue.get('/api/v5/public/price-limit', `instId=${BTC}`))[0]!
    const beyond = String(Math.ceil(Number(limit['buyLmt']) * 1.05))
    expect(sCode(venue.post('/api/v5/trade/order', order(venue, { px: beyond, sz: '0.1' })))).toBe('51006')
    expect(sCode(venue.post('/api/v5/trade/order', order(venue, { px: beyond, sz: '0.1', pxAmendType: '1', clOrdId: 'moved' })))).toBe('0')
    expect(at(venue.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=moved`), 'data', 0, 'px')).toBe(limit['buyLmt'])
    venue.post('/api/v5/trade/order', { ...order(venue, { clOrdId: 'best', ordType: 'optimal_limit_ioc', sz: '0.1' }), px: undefined })
    expect(at(venue.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=best`), 'data', 0)).toMatchObject({ ordType: 'ioc', state: 'filled' })
  })

  it('is summed up position by position when they are over', () => {
    const venue = new Venue()
    const history = (query = ''): Frame[] => rows(venue.get('/api/v5/account/positions-history', `instType=SWAP${query}`))
    venue.post('/api/v5/trade/order', market({ sz: '4' }))
    expect(history()).toEqual([])
    venue.post('/api/v5/trade/order', market({ side: 'sell', sz: '1', reduceOnly: true }))
    expect(history()).toMatchObject([{ type: '1', direction: 'long', closeTotalPos: '1', openMaxPos: '4' }])
    venue.run(1_000)
    venue.post('/api/v5/trade/order', market({ side: 'sell', sz: '5' }))
    venue.run(1_000)
    venue.post('/api/v5/trade/order', market({ sz: '2', reduceOnly: true }))
    const [short, long] = history()
    expect([short, long]).toMatchObject([{ type: '2', direction: 'short', closeTotalPos: '2' }, { type: '2', direction: 'long', closeTotalPos: '4' }])
    const executions = venue.exchange.executions('main', {})
    const paid = executions.reduce((sum, one) => sum + one.realisedPnl.toNumber() - one.fee.toNumber(), 0)
    expect(Number(short!['realizedPnl']) + Number(long!['realizedPnl'])).toBeCloseTo(paid, 8)
    expect(history('&type=1')).toEqual([])
    expect(history(`&after=${String(short!['uTime'])}`)).toMatchObject([{ direction: 'long' }])
  })
})
