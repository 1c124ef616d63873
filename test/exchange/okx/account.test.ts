import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { DecimalStep } from '../../../src/core/index.ts'
import { defaultContracts, defineContract, recordedContracts } from '../../../src/exchange/index.ts'
import { Listing, Listings } from '../../../src/exchange/okx/index.ts'
import { at, BTC, ETH, market, order, Venue, type Client, type Frame } from './venue.ts'

describe('contracts', () => {
  it('have the customary value where it fits the lot, else ten lots', () => {
    const rows = [...defaultContracts, ...recordedContracts].map((contract, i) => new Listing(contract, i)).map((one) => [one.instId, one.ctVal.toFixed(), one.size.of(1)])
    expect(rows).toEqual([
      ['BTC-USDT-SWAP', '0.01', '0.1'], ['ETH-USDT-SWAP', '0.1', '0.1'], ['XRP-USDT-SWAP', '100', '0.001'],
      ['BTC-USDT-SWAP', '0.01', '0.1'], ['ETH-USDT-SWAP', '0.1', '0.01'], ['NEXO-USDT-SWAP', '0.1', '0.1'],
    ])
  })

  it('convert every size there and back exactly, whatever the lot', () => {
    const row = { symbol: 'ABCUSDT', tick: '0.1', minSize: '0', maxSize: '0', maxMarketSize: '0', maxLeverage: 10, maintenanceRate: '0.01' }
    fc.assert(fc.property(fc.constantFrom('BTC', 'ETH', 'XRP', 'ABC'), fc.constantFrom('0.0001', '0.001', '0.003', '0.01', '0.05', '0.1', '1', '7', '10', '1000'), fc.integer({ min: 1, max: 2_000_000_000 }), (baseCoin, lot, lots) => {
      const size = new DecimalStep(lot).format(1)
      const listing = new Listing(defineContract({ ...row, baseCoin, lot, minSize: size, maxSize: size, maxMarketSize: size }), 1)
      expect(listing.lotSz.parse(listing.size.of(lots))).toBe(lots)
      // Contracts × coins of one contract are the coins of the lots.
      expect(listing.ctVal.times(listing.size.of(lots)).toFixed()).toBe(listing.ctVal.times(0).plus(lot).times(lots).toFixed())
    }))
  })

  it('are listed once each, and found by name, code and symbol', () => {
    const listings = new Listings(defaultContracts)
    for (const one of listings.all) expect([listings.byInstId(one.instId), listings.byCode(one.code), listings.bySymbol(one.symbol)]).toEqual([one, one, one])
    expect(() => new Listings([defaultContracts[0]!, { ...defaultContracts[0]!, symbol: 'BTCUSDT2' }])).toThrow('RM_EXCHANGE_CONTRACT')
    expect(() => listings.bySymbol('NOPE')).toThrow('RM_EXCHANGE_SYMBOL')
  })
})

const digest = (said: readonly string[]): string => createHash('sha256').update(said.join('\n')).digest('hex')

/** A minute of trading: every third order sells, some rest, some take. */
function session(seed: number): { venue: Venue; client: Client } {
  const venue = new Venue({ seed, rate: 40, latency: { requestMs: 2, replyMs: 2, pushMs: 3, marketMs: 1, jitterMs: 4 } })
  venue.publicly({ channel: 'books', instId: BTC }, { channel: 'bbo-tbt', instId: BTC }, { channel: 'trades', instId: BTC }, { channel: 'tickers', instId: BTC })
  const client = venue.privately({ channel: 'orders', instType: 'SWAP' }, { channel: 'positions', instType: 'SWAP', extraParams: '{"updateInterval":"0"}' }, { channel: 'account' }, { channel: 'balance_and_position' })
  venue.run(100)
  for (let i = 0; i < 40; i++) {
    const side = i % 3 === 0 ? 'sell' : 'buy'
    const near = side === 'buy' ? 1 : -1
    const kind = [{ ordType: 'market' }, { ordType: 'post_only', px: venue.price(side, 0) }, { ordType: 'ioc', px: venue.price(side, 5 * near) }, { ordType: 'limit', px: venue.price(side, 60 * near) }][i % 4]!
    client.say({ id: `r${i}`, op: 'order', args: [{ instId: BTC, tdMode: 'cross', side, sz: '1.3', clOrdId: `v${i}`, ...kind }] })
    venue.run(700)
    if (i % 5 === 4) client.say({ id: `c${i}`, op: 'cancel-order', args: [{ instId: BTC, clOrdId: `v${i - 1}` }] })
    venue.run(300)
  }
  venue.run(200)
  return { venue, client }
}

describe('the front before the real exchange', () => {
  const { venue, client } = session(3)
  const said = { frames: venue.said.length, digest: digest(venue.said) }
  const pushes = client.rows('orders')
  const fills = pushes.filter((row) => row['fillSz'] !== '0')

  it('accepted every order, and the last push of each says what the query says', () => {
    for (let i = 0; i < 40; i++) {
      expect(client.answer(`r${i}`)['code']).toBe('0')
      venue.run(40)
      const last = pushes.findLast((row) => row['clOrdId'] === `v${i}`)!
      const listed = at(venue.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=v${i}`), 'data', 0) as Frame
      if (last['state'] === 'live' || last['state'] === 'partially_filled') continue
      expect([last['state'], last['accFillSz'], last['cancelSource'], last['fee'], last['pnl']]).toEqual([listed['state'], listed['accFillSz'], listed['cancelSource'], listed['fee'], listed['pnl']])
    }
    expect(venue.defects).toEqual([])
  })

  it('pushed each fill once; they add up to orders, position and balance of the exchange', () => {
    expect(fills.length).toBeGreaterThan(15)
    expect(new Set(fills.map((row) => row['tradeId'])).size).toBe(fills.length)
    const executions = venue.exchange.executions('main', { kind: 'Trade' })
    expect(fills.length).toBe(executions.length)
    const signed = fills.reduce((sum, row) => sum + Math.round(Number(row['fillSz']) * 10) * (row['side'] === 'buy' ? 1 : -1), 0)
    expect(venue.exchange.position('main', 'BTCUSDT').signedLots).toBe(signed)
    const change = fills.reduce((sum, row) => sum + Number(row['fillPnl']) + Number(row['fillFee']), 0)
    expect(venue.exchange.wallet('main').balance.toNumber()).toBeCloseTo(100_000 + change, 6)
    for (const name of new Set(fills.map((row) => row['clOrdId']))) {
      const own = fills.filter((row) => row['clOrdId'] === name)
      expect(own.reduce((sum, row) => sum + Math.round(Number(row['fillSz']) * 10), 0)).toBe(Math.round(Number(own.at(-1)!['accFillSz']) * 10))
    }
  })

  it('followed with position and balance, which the queries repeat', () => {
    const position = venue.exchange.position('main', 'BTCUSDT')
    const pushed = client.rows('positions').at(-1)!
    expect([pushed['pos'], pushed['instId'], pushed['posSide'], pushed['mgnMode']]).toEqual([String(position.signedLots / 10), BTC, 'net', 'cross'])
    expect(Number(pushed['realizedPnl'])).toBeCloseTo(Number(pushed['pnl']) + Number(pushed['fee']) + Number(pushed['fundingFee']), 9)
    const queried = at(venue.get('/api/v5/account/positions', 'instType=SWAP'), 'data', 0) as Frame
    expect([queried['pos'], queried['avgPx'], queried['realizedPnl'], queried['posId']]).toEqual([pushed['pos'], pushed['avgPx'], pushed['realizedPnl'], pushed['posId']])
    const margin = venue.exchange.positionMargin('main', 'BTCUSDT')
    expect(Number(queried['notionalUsd'])).toBeCloseTo(margin.value.toNumber(), 6)
    const wallet = venue.exchange.wallet('main')
    expect(Number(at(venue.get('/api/v5/account/balance', 'ccy=USDT'), 'data', 0, 'details', 0, 'eq'))).toBeCloseTo(wallet.equity.toNumber(), 6)
    expect(Number(at(client.rows('account').at(-1), 'details', 0, 'cashBal'))).toBeCloseTo(wallet.balance.toNumber(), 6)
    expect(at(client.on('account')[0], 'eventType')).toBe('snapshot')
    expect(client.rows('balance_and_position').filter((row) => row['eventType'] === 'filled').flatMap((row) => row['trades'] as Frame[]).map((row) => row['tradeId'])).toEqual(fills.map((row) => row['tradeId']))
  })

  it('lists fills and bills newest first; bills walk back to the starting balance', () => {
    const listed = venue.get('/api/v5/trade/fills', 'instType=SWAP')['data'] as Frame[]
    expect(listed.map((row) => row['tradeId'])).toEqual(fills.map((row) => row['tradeId']).reverse())
    const older = venue.get('/api/v5/trade/fills', `after=${String(listed[2]!['billId'])}&limit=2`)['data'] as Frame[]
    expect(older).toEqual(listed.slice(3, 5))
    const bills = venue.get('/api/v5/account/bills', 'instType=SWAP')['data'] as Frame[]
    for (let i = 0; i + 1 < bills.length; i++) expect(Number(bills[i]!['bal']) - Number(bills[i]!['balChg'])).toBeCloseTo(Number(bills[i + 1]!['bal']), 8)
    expect(Number(bills.at(-1)!['bal']) - Number(bills.at(-1)!['balChg'])).toBeCloseTo(100_000, 8)
  })

  it('says the same bytes for the same seed, and others for another', () => {
    expect(said.frames).toBeGreaterThan(500)
    expect(digest(session(3).venue.said)).toBe(said.digest)
    expect(digest(session(5).venue.said)).not.toBe(said.digest)
  })
})

describe('funding and settings', () => {
  it('charges funding as a bill of type 8 and in the position', () => {
    const venue = new Venue({ rate: 2, contracts: defaultContracts.slice(0, 1) })
    venue.post('/api/v5/trade/order', market({ sz: '10' }))
    const client = venue.privately({ channel: 'balance_and_position' })
    const waitMs = venue.exchange.summary('BTCUSDT').nextFundingMs - venue.time.wallMs()
    for (let i = 0; i < waitMs / 20_000 + 1; i++) {
      client.say('ping')
      venue.run(20_000)
    }
    const bill = at(venue.get('/api/v5/account/bills', 'type=8'), 'data', 0) as Frame
    const paid = venue.exchange.executions('main', { kind: 'Funding' })[0]!
    expect(Number(bill['balChg'])).toBeCloseTo(-paid.fee.toNumber(), 10)
    expect(bill['subType']).toBe(paid.fee.isPositive() ? '173' : '174')
    expect(Number(at(venue.get('/api/v5/account/positions'), 'data', 0, 'fundingFee'))).toBeCloseTo(-paid.fee.toNumber(), 10)
    expect(client.rows('balance_and_position').at(-1)!['eventType']).toBe('funding_fee')
  })

  it('sets leverage (text or number, again without harm) and tells the settings', () => {
    const venue = new Venue()
    expect(venue.post('/api/v5/account/set-leverage', { instId: ETH, lever: 5, mgnMode: 'cross' })).toMatchObject({ code: '0', data: [{ lever: '5', instId: ETH }] })
    expect(venue.post('/api/v5/account/set-leverage', { instId: ETH, lever: '5', mgnMode: 'cross' })['code']).toBe('0')
    expect(venue.post('/api/v5/account/set-leverage', { instId: ETH, lever: '1000', mgnMode: 'cross' })['code']).toBe('59102')
    expect(venue.post('/api/v5/account/set-leverage', { instId: ETH, lever: '5', mgnMode: 'isolated' })['code']).toBe('51000')
    expect(venue.get('/api/v5/account/leverage-info', `instId=${ETH}&mgnMode=cross`)['data']).toMatchObject([{ lever: '5' }])
    expect(venue.post('/api/v5/account/set-position-mode', { posMode: 'net_mode' })['data']).toEqual([{ posMode: 'net_mode' }])
    expect(venue.post('/api/v5/account/set-position-mode', { posMode: 'hedge' })['code']).toBe('51000')
    venue.run(3_000)
    expect(venue.get('/api/v5/account/config')['data']).toMatchObject([{ acctLv: '2', posMode: 'net_mode' }])
    expect(venue.get('/api/v5/account/trade-fee', 'instType=SWAP')['data']).toMatchObject([{ maker: '-0.0002', taker: '-0.00055' }])
  })

  it('repeats the state in its period to those who did not ask for events only', () => {
    const venue = new Venue()
    venue.post('/api/v5/trade/order', market())
    venue.run(100)
    const client = venue.privately({ channel: 'positions', instType: 'SWAP', instId: BTC }, { channel: 'positions', instType: 'SWAP', instId: ETH })
    venue.run(11_000)
    expect(client.on('positions').map((frame) => [frame['eventType'], (frame['data'] as unknown[]).length])).toEqual([['snapshot', 1], ['snapshot', 0], ['interval_update', 1], ['interval_update', 1]])
    venue.post('/api/v5/trade/order', order(venue))
    venue.run(100)
    expect(client.on('orders')).toEqual([])
  })
})
