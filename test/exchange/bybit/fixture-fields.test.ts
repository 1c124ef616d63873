import { describe, expect, it } from 'vitest'

import { BUY } from '../../../src/core/index.ts'
import { at, authFrame, Bench, fixture, fixturesPresent, limit, START_MS, type Frame } from './harness.ts'

const header = { 'X-BAPI-TIMESTAMP': String(START_MS + 1) }

/** Every path of an object with the type of its value; of arrays the first element stands for all. */
function shape(value: unknown, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  if (Array.isArray(value)) {
    found.set(path, 'array')
    if (value.length > 0) for (const [key, type] of shape(value[0], `${path}[]`)) found.set(key, type)
  } else if (typeof value === 'object' && value !== null) {
    found.set(path, 'object')
    for (const [name, inner] of Object.entries(value)) for (const [key, type] of shape(inner, `${path}.${name}`)) found.set(key, type)
  } else found.set(path, value === null ? 'null' : typeof value)
  return found
}

/** Paths of the recorded sample that ours lacks or gives another type. `null` in a sample says nothing about the type. */
function differences(ours: unknown, sample: unknown, except: readonly string[]): string[] {
  const mine = shape(ours)
  return [...shape(sample)].filter(([path, type]) => !except.some((prefix) => path.startsWith(prefix)) && type !== 'null' && mine.get(path) !== type).map(([path, type]) => `${path}: ${type}, ours ${mine.get(path)}`)
}

function scene(): { bench: Bench; frames: (topic: string) => Frame[] } {
  const bench = new Bench()
  const privately = bench.signedIn('/v5/private', ['order', 'execution', 'execution.fast', 'position', 'wallet'])
  const publicly = bench.connect('/v5/public/linear')
  const startMs = Math.floor(START_MS / 60_000) * 60_000
  bench.exchange.candlesOf = [{ startMs, openTicks: 1, highTicks: 4, lowTicks: 1, closeTicks: 2, lots: 3, turnover: 1.5 }]
  publicly.say({ op: 'subscribe', args: ['orderbook.50.BTCUSDT', 'orderbook.1.BTCUSDT', 'publicTrade.BTCUSDT', 'tickers.BTCUSDT', 'kline.5.BTCUSDT', 'allLiquidation.BTCUSDT'], req_id: 's' })
  bench.run(1)
  bench.exchange.trade('BTCUSDT', BUY, 650_001, 5)
  bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 3)
  bench.post('/v5/order/create', limit({ price: '65000.1', orderLinkId: 'test-order-link-001' }))
  bench.post('/v5/order/create', limit({ price: '65000.1', timeInForce: 'PostOnly' }))
  bench.post('/v5/order/create', limit({ orderLinkId: 'open-1' }))
  bench.post('/v5/order/create', limit({ side: 'Sell', orderType: 'Market', price: undefined }))
  bench.run(150)
  return { bench, frames: (topic) => [...privately.on(topic), ...publicly.on(topic)] }
}

describe.skipIf(!fixturesPresent)('frames carry every field of the recorded samples with its type (needs fixtures: RINGMASTER_FIXTURES)', () => {
  const { bench, frames } = fixturesPresent ? scene() : { bench: new Bench(), frames: () => [] }

  it.each([
    ['order', 'ws_private_order_docs', []],
    ['order', 'ws_private_order_new', []],
    ['order', 'ws_private_order_postonly_cancelled_synthetic', []],
    ['execution', 'ws_private_execution_docs', ['.data[].extraFees[]']],
    ['execution', 'ws_private_execution', []],
    ['execution', 'ws_private_execution_funding_synthetic', []],
    ['execution.fast', 'ws_private_execution_fast_docs', []],
    ['position', 'ws_private_position_docs', []],
    ['position', 'ws_private_position', []],
    ['wallet', 'ws_private_wallet_docs', []],
    ['publicTrade.BTCUSDT', 'ws_public_publicTrade_docs', []],
    ['kline.5.BTCUSDT', 'ws_public_kline_docs', []],
  ] as const)('%s like %s', (topic, name, except) => {
    // The first order filled at once: what is a map of fees there is an empty one on a fresh order.
    const frame = frames(topic).find((one) => at(one, 'data', 0, 'orderStatus') === 'Filled') ?? frames(topic)[0]
    expect(differences(frame, fixture(name), ['.data[].cumFeeDetail.', ...except])).toEqual([])
  })

  it('orderbook and tickers like the recorded pairs', () => {
    const [snapshot, delta] = fixture('ws_public_orderbook_recorded') as [unknown, unknown]
    const book = frames('orderbook.50.BTCUSDT')
    expect(differences(book[0], snapshot, [])).toEqual([])
    expect(differences(book[1], delta, ['.data.a[]'])).toEqual([])
    expect(differences(book[1], fixture('ws_public_orderbook_delta_docs'), ['.data.a[]'])).toEqual([])
    const [whole, part] = fixture('ws_public_tickers_2026_recorded') as [Frame, Frame]
    const [ours, changed] = frames('tickers.BTCUSDT')
    expect(differences(ours, whole, [])).toEqual([])
    expect(Object.keys(ours!['data'] as object).sort()).toEqual(Object.keys(whole['data'] as object).sort())
    expect(Object.keys(changed!).sort()).toEqual(Object.keys(part).sort())
  })

  const q = 'category=linear&symbol=BTCUSDT'
  it.each([
    ['rest_order_realtime', '/v5/order/realtime', q, []],
    ['rest_order_history', '/v5/order/history', 'category=linear', []],
    ['rest_execution_list', '/v5/execution/list', 'category=linear', []],
    ['rest_position_list', '/v5/position/list', q, []],
    ['rest_position_closed_pnl', '/v5/position/closed-pnl', 'category=linear', []],
    ['rest_wallet_balance', '/v5/account/wallet-balance', 'accountType=UNIFIED', []],
    ['rest_account_info', '/v5/account/info', '', []],
    ['rest_fee_rate', '/v5/account/fee-rate', q, []],
    ['rest_transaction_log', '/v5/account/transaction-log', '', []],
    ['rest_instruments_linear_docs', '/v5/market/instruments-info', 'category=linear', []],
    ['rest_tickers_inverse', '/v5/market/tickers', 'category=linear', []],
    ['rest_orderbook', '/v5/market/orderbook', q, []],
    ['rest_kline', '/v5/market/kline', `${q}&interval=1`, []],
    ['rest_mark_price_kline', '/v5/market/mark-price-kline', `${q}&interval=1`, []],
    ['rest_funding_history', '/v5/market/funding/history', q, []],
    ['rest_recent_trade', '/v5/market/recent-trade', q, []],
    ['rest_open_interest', '/v5/market/open-interest', `${q}&intervalTime=1h`, []],
    ['rest_price_limit', '/v5/market/price-limit', q, []],
    ['rest_time', '/v5/market/time', '', []],
  ] as const)('%s', (name, path, query, except) => {
    const ours = bench.get(path, query)
    expect(ours['retCode']).toBe(0)
    expect(differences(ours, fixture(name), ['.result.list[].cumFeeDetail.', ...except])).toEqual([])
  })

  it('answers of order commands', () => {
    const link = (i: number): object => ({ symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: '64000', orderLinkId: `k-${i}` })
    const key = (i: number): object => ({ symbol: 'BTCUSDT', orderLinkId: `k-${i}` })
    const own = { category: 'linear', symbol: 'BTCUSDT' }
    const pairs: readonly (readonly [string, string, object])[] = [
      ['rest_order_create', '/v5/order/create', { ...own, ...link(1) }],
      ['rest_order_create_batch', '/v5/order/create-batch', { category: 'linear', request: [link(2), link(3)] }],
      ['rest_order_amend', '/v5/order/amend', { ...own, ...key(1), price: '63000' }],
      ['rest_order_amend_batch', '/v5/order/amend-batch', { category: 'linear', request: [{ ...key(2), qty: '0.02' }] }],
      ['rest_order_cancel', '/v5/order/cancel', { ...own, ...key(1) }],
      ['rest_order_cancel_batch', '/v5/order/cancel-batch', { category: 'linear', request: [key(2)] }],
      ['rest_order_cancel_all', '/v5/order/cancel-all', own],
      ['rest_set_leverage', '/v5/position/set-leverage', { ...own, buyLeverage: '7', sellLeverage: '7' }],
    ]
    for (const [name, path, body] of pairs) {
      const ours = bench.post(path, body)
      expect(ours['retCode'], name).toBe(0)
      expect(differences(ours, fixture(name), []), name).toEqual([])
    }
  })

  it('acks, pongs and trade answers', () => {
    const own = new Bench()
    const publicly = own.connect('/v5/public/linear')
    const privately = own.connect('/v5/private')
    const trade = own.connect('/v5/trade')
    publicly.say({ op: 'ping', req_id: 'p' })
    publicly.say({ op: 'subscribe', req_id: 's', args: ['publicTrade.BTCUSDT'] })
    publicly.say({ op: 'subscribe', req_id: 's', args: ['orderbook.500.BTCUSDT'] })
    privately.say({ op: 'ping', req_id: 'p' })
    trade.say(authFrame(START_MS + 10_000))
    trade.say({ op: 'ping' })
    trade.say({ reqId: 'test-005', header, op: 'order.create', args: [limit()] })
    trade.say({ reqId: 'test-006', header, op: 'order.create-batch', args: [{ category: 'linear', request: [{ symbol: 'BTCUSDT', positionIdx: 1, orderLinkId: 'x' }] }] })
    own.run(1)
    const pairs: readonly (readonly [string, unknown])[] = [
      ['ws_public_pong', publicly.frames[0]], ['ws_subscribe_ack', publicly.frames[1]], ['ws_subscribe_error_topic', publicly.frames[2]], ['ws_private_pong', privately.frames[0]],
      ['ws_trade_auth_response', trade.frames[0]], ['ws_trade_pong', trade.frames[1]], ['ws_trade_create_response', trade.frames[2]], ['ws_trade_batch_response_all_failed', trade.frames[3]],
    ]
    for (const [name, ours] of pairs) expect(differences(ours, fixture(name), []), name).toEqual([])
    expect(publicly.frames[2]!['ret_msg']).toBe(at(fixture('ws_subscribe_error_topic'), 'ret_msg'))
  })
})
