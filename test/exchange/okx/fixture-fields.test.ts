import { describe, expect, it } from 'vitest'

import { at, BTC, fixture, fixturesPresent, market, order, Venue, type Frame } from './venue.ts'

/** Field names with the kind of what they hold. */
const shape = (row: unknown): Record<string, string> => Object.fromEntries(Object.entries(row as Frame).map(([name, value]) => [name, Array.isArray(value) ? 'array' : typeof value]))
const first = (name: string): Frame => at(fixture(name), 'data', 0) as Frame

/** Every field of the sample is there with the same kind, but for those that are named. */
function carries(row: unknown, name: string, sample: unknown = first(name), without: readonly string[] = []): void {
  const expected = Object.fromEntries(Object.entries(shape(sample)).filter(([field]) => !without.includes(field)))
  expect(shape(row), name).toMatchObject(expected)
}

describe.skipIf(!fixturesPresent)('rows carry the fields of the venue (needs samples: RINGMASTER_FIXTURES)', () => {
  const venue = new Venue({ rate: 60 })
  const client = venue.privately({ channel: 'orders', instType: 'SWAP' }, { channel: 'positions', instType: 'SWAP' }, { channel: 'account' }, { channel: 'balance_and_position' })
  const pub = venue.publicly(...['books', 'books5', 'bbo-tbt', 'trades', 'tickers', 'mark-price', 'funding-rate', 'open-interest'].map((channel) => ({ channel, instId: BTC })))
  client.say({ id: '1512', op: 'order', args: [market({ clOrdId: 'f1' })] })
  venue.run(200)
  const resting = venue.post('/api/v5/trade/order', order(venue, { clOrdId: 'f2' }))
  venue.run(5_000)
  const algos = venue.loggedIn('business', 'key-1', { channel: 'orders-algo', instType: 'SWAP' }, { channel: 'trades-all', instId: BTC })
  const events = venue.publicly({ channel: 'price-limit', instId: BTC }, { channel: 'index-tickers', instId: 'BTC-USDT' }, { channel: 'instruments', instType: 'SWAP' }, { channel: 'liquidation-orders', instType: 'SWAP' }, { channel: 'status' })
  const algo = venue.post('/api/v5/trade/order-algo', { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'trigger', sz: '1', triggerPx: venue.price('sell', 9_000), orderPx: '-1' })
  venue.post('/api/v5/trade/order', market({ side: 'sell', sz: '0.5', reduceOnly: true }))
  venue.front.faults.planMaintenance(3_600_000, 1_000)
  const vip = venue.loggedIn('private', 'key-vip', { channel: 'fills' })
  vip.say({ id: '1', op: 'order', args: [market()] })
  venue.run(2_000)
  venue.exchange.operator.liquidate('vip')
  venue.run(200)

  it('on private channels', () => {
    carries(client.rows('orders').at(-1), 'ws_orders_swap', first('ws_orders_swap'), ['cancelSourceReason'])
    carries(client.rows('orders').at(-1), 'ws_orders_docs')
    carries(client.rows('positions').at(-1), 'ws_positions_docs')
    carries(client.rows('account').at(-1), 'ws_account')
    carries(at(client.rows('account').at(-1), 'details', 0), 'ws_account details', at(first('ws_account'), 'details', 0))
    const both = client.rows('balance_and_position').at(-1)!
    carries(both, 'ws_balance_and_position_docs')
    for (const part of ['balData', 'posData', 'trades']) carries(at(both, part, 0), part, at(first('ws_balance_and_position_docs'), part, 0))
    const answer = fixture('ws_op_order_success')
    carries(client.answer('1512'), 'ws_op_order_success', answer)
    carries(at(client.answer('1512'), 'data', 0), 'ws_op_order_success', first('ws_op_order_success'))
  })

  it('on public channels', () => {
    carries(pub.rows('books5')[0], 'ws_books5_2026_recorded')
    carries(pub.rows('bbo-tbt')[0], 'ws_bbo_tbt_recorded')
    carries(pub.rows('books')[0], 'ws_books_docs')
    expect(Object.keys(pub.on('books')[0]!)).toEqual(['arg', 'action', 'data'])
    carries(pub.rows('trades')[0], 'ws_trades_2026_recorded')
    carries(pub.rows('tickers')[0], 'ws_tickers_2026_recorded')
    carries(pub.rows('mark-price')[0], 'ws_mark_price_recorded')
    carries(pub.rows('funding-rate')[0], 'ws_funding_rate_docs')
    carries(pub.rows('open-interest')[0], 'ws_open_interest_docs')
  })

  it('on the channels of what happens now and then', () => {
    carries(algos.rows('orders-algo').at(-1), 'ws_orders_algo_docs')
    carries(algos.rows('orders-algo').at(-1), 'ws_orders_algo')
    carries(algos.rows('trades-all')[0], 'ws_trades_all_docs')
    carries(at(algo, 'data', 0), 'rest_algo_place')
    carries(events.rows('price-limit')[0], 'ws_price_limit_docs')
    carries(events.rows('index-tickers')[0], 'ws_index_tickers_recorded')
    carries(events.rows('instruments')[0], 'ws_instruments')
    carries(events.rows('liquidation-orders')[0], 'ws_liquidation_orders_docs')
    carries(at(events.rows('liquidation-orders')[0], 'details', 0), 'ws_liquidation_orders_docs details', at(first('ws_liquidation_orders_docs'), 'details', 0))
    carries(events.rows('status')[0], 'ws_status_docs')
    carries(vip.rows('fills')[0], 'ws_fills_docs')
    carries(at(client.frames.find((frame) => frame['event'] === 'channel-conn-count')), 'ws_channel_conn_count', fixture('ws_channel_conn_count'))
  })

  it.each<[string, string, string]>([
    ['rest_instruments_swap', '/api/v5/public/instruments', 'instType=SWAP'],
    ['rest_ticker', '/api/v5/market/ticker', `instId=${BTC}`],
    ['rest_books', '/api/v5/market/books', `instId=${BTC}&sz=5`],
    ['rest_trades', '/api/v5/market/trades', `instId=${BTC}`],
    ['rest_funding_rate', '/api/v5/public/funding-rate', `instId=${BTC}`],
    ['rest_mark_price', '/api/v5/public/mark-price', 'instType=SWAP'],
    ['rest_price_limit', '/api/v5/public/price-limit', `instId=${BTC}`],
    ['rest_open_interest', '/api/v5/public/open-interest', 'instType=SWAP'],
    ['rest_position_tiers_swap', '/api/v5/public/position-tiers', 'instType=SWAP&tdMode=cross&instFamily=BTC-USDT'],
    ['rest_time', '/api/v5/public/time', ''],
    ['rest_convert_contract_coin', '/api/v5/public/convert-contract-coin', `instId=${BTC}&sz=0.311`],
    ['rest_order_details', '/api/v5/trade/order', `instId=${BTC}&clOrdId=f1`],
    ['rest_orders_pending', '/api/v5/trade/orders-pending', 'instType=SWAP'],
    ['rest_orders_history_swap', '/api/v5/trade/orders-history', 'instType=SWAP'],
    ['rest_fills', '/api/v5/trade/fills', 'instType=SWAP'],
    ['rest_positions_swap', '/api/v5/account/positions', 'instType=SWAP'],
    ['rest_positions_docs', '/api/v5/account/positions', 'instType=SWAP'],
    ['rest_balance', '/api/v5/account/balance', ''],
    ['rest_account_config', '/api/v5/account/config', ''],
    ['rest_leverage_info', '/api/v5/account/leverage-info', `instId=${BTC}&mgnMode=cross`],
    ['rest_trade_fee_docs', '/api/v5/account/trade-fee', 'instType=SWAP'],
    ['rest_bills', '/api/v5/account/bills', ''],
    ['rest_account_rate_limit', '/api/v5/trade/account-rate-limit', ''],
    ['rest_algo_pending_docs', '/api/v5/trade/orders-algo-pending', 'ordType=trigger'],
    ['rest_positions_history_docs', '/api/v5/account/positions-history', 'instType=SWAP'],
    ['rest_orders_pending_attached_tp_sl', '/api/v5/trade/orders-pending', 'instType=SWAP'],
    ['rest_system_status', '/api/v5/system/status', ''],
  ])('of %s over REST', (name, path, query) => {
    const body = venue.get(path, query)
    expect([body['code'], body['msg']]).toEqual(['0', ''])
    carries(at(body, 'data', 0), name)
  })

  it('of order answers and settings', () => {
    carries(resting, 'rest_place_order', fixture('rest_place_order'))
    carries(at(resting, 'data', 0), 'rest_place_order')
    const amended = venue.post('/api/v5/trade/amend-order', { instId: BTC, clOrdId: 'f2', newSz: '2', reqId: 'q' })
    carries(at(amended, 'data', 0), 'rest_amend_order')
    carries(at(venue.post('/api/v5/trade/cancel-order', { instId: BTC, clOrdId: 'f2' }), 'data', 0), 'rest_cancel_order')
    carries(at(venue.post('/api/v5/account/set-leverage', { instId: BTC, lever: '7', mgnMode: 'cross' }), 'data', 0), 'rest_set_leverage')
    carries(at(venue.post('/api/v5/account/set-position-mode', { posMode: 'net_mode' }), 'data', 0), 'rest_set_position_mode')
    carries(at(venue.post('/api/v5/trade/cancel-all-after', { timeOut: '0' }), 'data', 0), 'rest_cancel_all_after')
    carries(at(venue.post('/api/v5/trade/close-position', { instId: BTC, mgnMode: 'cross' }), 'data', 0), 'rest_close_position')
    expect(at(venue.get('/api/v5/market/candles', `instId=${BTC}&limit=3`), 'data')).toHaveLength(3)
    expect(at(venue.get('/api/v5/market/candles', `instId=${BTC}`), 'data', 0)).toHaveLength((first('rest_candles') as unknown as string[]).length)
  })
})
