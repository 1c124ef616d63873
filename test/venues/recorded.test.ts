import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorLabel, type Instrument, Random, VirtualTime } from '../../src/core/index.ts'
import { bybitUrlsAt, type CommandOutcome, createBybitVenue } from '../../src/venues/index.ts'
import { FRAME_BOOK, FRAME_CONTROL, FRAME_KLINE, FRAME_LIQUIDATIONS, FRAME_PRICE_LIMITS, FRAME_TICKER, FRAME_TRADES, PublicDecoder } from '../../src/venues/bybit/decode/index.ts'
import { readInstrumentState } from '../../src/venues/bybit/instruments.ts'
import { answerOf } from '../../src/venues/bybit/rest.ts'
import { readFill, readOrder, readPosition, readWallet } from '../../src/venues/bybit/rows.ts'
import type { Json } from '../../src/venues/common/json.ts'
import { FakeTransport } from './fake-transport.ts'
import { bodyOf, BTC, FIXTURES, fixturesPresent, framesOf, instrumentOf } from './fixtures.ts'
import { ORDER, World } from './trading-world.ts'

/*
 * One case for every file of recorded and documented payloads: what it becomes, or the code it is refused with. Values
 * are looked at more closely in the tests of the rooms; here nothing may be left out.
 */

const DEADLINE_MS = 1000
const APEX = instrumentOf('APEXUSDT', '0.001', '0.1')
const ETH_FINE = instrumentOf('ETHUSDT', '0.01', '0.01')
const PERP = instrumentOf('ETHPERP', '0.01', '0.01')

/** The frames of a public file, decoded: kind, or the code of the refusal. */
const publicFile = (instrument: Instrument, depth: number, ...expected: (number | string)[]) => (name: string): void => {
  const decoder = new PublicDecoder(instrument, depth)
  expect(framesOf(name).map((frame) => {
    try {
      return decoder.decode(Buffer.from(JSON.stringify(frame)))
    } catch (error) {
      return errorLabel(error)
    }
  })).toEqual(expected)
}

interface Heard {
  readonly orders?: readonly object[]
  readonly fills?: readonly object[]
  readonly positions?: readonly object[]
  readonly wallets?: readonly object[]
  readonly link?: RegExp
}

/** The frames of a private file, over the stream: all that is heard. */
const privateFile = (heard: Heard, settings: ConstructorParameters<typeof World>[0] = {}) => (name: string): void => {
  const w = new World(settings)
  w.up()
  for (const frame of framesOf(name)) w.private.receive(frame)
  const { orders, fills, positions, wallets, links } = w.handler
  expect({ orders, fills, positions, wallets }).toMatchObject({ orders: heard.orders ?? [], fills: heard.fills ?? [], positions: heard.positions ?? [], wallets: heard.wallets ?? [] })
  expect([orders.length, fills.length, positions.length, wallets.length]).toEqual([heard.orders?.length ?? 0, heard.fills?.length ?? 0, heard.positions?.length ?? 0, heard.wallets?.length ?? 0])
  if (heard.link === undefined) expect(links).toEqual(['up'])
  else expect(links.at(-1)).toMatch(heard.link)
}

/** An answer as the REST client reads it. */
const answerFile = (expected: object) => (name: string): void => {
  const [frame] = framesOf(name)
  expect(answerOf(frame!['retCode'] as number, frame!, 'result')).toMatchObject({ kind: 'ok', ...expected })
}

/** The rows of a list, each read as `read` does: the value, or the code of the refusal. */
const rowsFile = (read: (row: Json) => unknown, expected: readonly unknown[]) => (name: string): void => {
  const result = framesOf(name)[0]!['result'] as { readonly list: readonly Json[] }
  const rows = result.list
  expect(rows.map((row) => {
    try {
      return read(row)
    } catch (error) {
      return errorLabel(error)
    }
  })).toMatchObject(expected)
}

/** A command over REST that is answered with the file. */
const commandFile = (ask: (w: World, done: (outcomes: readonly CommandOutcome[]) => void) => void, expected: readonly object[]) => (name: string): void => {
  const w = new World({}, false)
  w.up()
  w.respond = () => ({ kind: 'response', status: 200, headers: {}, body: bodyOf(name) })
  const results: (readonly CommandOutcome[])[] = []
  ask(w, (outcomes) => results.push(outcomes))
  w.run(10)
  if (w.private.sent.some((frame) => frame['req_id'] === 'dead-man')) w.private.receive({ success: true, ret_msg: '', req_id: 'dead-man', op: 'subscribe' })
  expect(results).toMatchObject([expected])
}
const single = (ask: (w: World, done: (outcome: CommandOutcome) => void) => void) => (w: World, done: (outcomes: readonly CommandOutcome[]) => void): void => ask(w, (outcome) => done([outcome]))

/** A market query answered with the file. */
const queryFile = (ask: (venue: ReturnType<typeof createBybitVenue>, done: (error: unknown, value: unknown) => void) => void, expected: unknown) => (name: string): void => {
  const time = new VirtualTime(1_700_000_000_000)
  const transport = new FakeTransport(time)
  transport.respond = () => ({ kind: 'response', status: 200, headers: {}, body: bodyOf(name) })
  const venue = createBybitVenue({ transport, clock: time, timers: time, random: new Random(1), urls: bybitUrlsAt('venue', 1), credentials: null, settings: { clockSamples: 1 }, count: () => {} })
  const results: unknown[] = []
  ask(venue, (error, value) => results.push(error === null ? value : errorLabel(error)))
  time.runUntil(5e9)
  expect(results).toMatchObject([expected])
}

/** Frames of the trade socket with a command under way: its outcome where the frame answers it. */
const tradeFile = (outcomes: readonly object[], answering = false) => (name: string): void => {
  const w = new World()
  w.up()
  const heard = w.place()
  const id = w.trade.sent.findLast((frame) => frame['op'] === 'order.create')!['reqId']
  for (const frame of framesOf(name)) w.trade.receive(answering ? { ...frame, reqId: id } : frame)
  expect(heard).toMatchObject(outcomes)
}

/** A frame of ours in the documents: what we send has the same fields in the same places. */
const ourFile = (sent: (w: World) => Json, fields: (frame: Json) => readonly unknown[]) => (name: string): void => {
  const w = new World()
  w.up()
  expect(fields(sent(w))).toEqual(fields(framesOf(name)[0]!))
}
const first = (frame: Json): Json => (frame['args'] as Json[])[0]!
const place = (w: World): Json => {
  w.place({ clientId: 'x', symbol: 'ETHUSDT', side: 0, type: 'limit', priceTicks: 280_000, lots: 20, timeInForce: 'PostOnly', reduceOnly: false })
  return w.trade.sent.at(-1)!
}
const placeBatch = (w: World): Json => {
  w.port.placeBatch([{ ...ORDER, clientId: 'a', timeInForce: 'GTC' }, { ...ORDER, clientId: 'b', timeInForce: 'GTC' }, { ...ORDER, clientId: 'c', timeInForce: 'GTC' }], () => {})
  return w.trade.sent.at(-1)!
}

const CASES: Readonly<Record<string, (name: string) => void>> = {
  // Answers of the market endpoints.
  rest_time: queryFile((venue, done) => venue.reference.clock((error, offsetMs) => done(error, Math.round(offsetMs))), 1688639403423 - 1_700_000_000_000),
  rest_instruments_linear_docs: rowsFile((row) => readInstrumentState(row, 0), [{ status: 'trading', fundingIntervalMs: 28_800_000, instrument: { symbol: 'BTCUSDT', minLots: 1, maxLots: 500_000 } }]),
  rest_instruments_linear: rowsFile((row) => readInstrumentState(row, 0), [{ instrument: { symbol: 'BTCUSDT', maxLots: 50_000 } }, { instrument: { symbol: 'ETHUSDT', minLots: 1 } }]),
  rest_tickers_inverse: queryFile((venue, done) => venue.queries.quote(instrumentOf('BTCUSD', '0.10', '1'), DEADLINE_MS, done), { bidTicks: 1_034_010, askTicks: 1_091_528 }),
  rest_orderbook: queryFile((venue, done) => venue.queries.book(instrumentOf('BTCUSDT', '0.01', '0.000001'), 1, DEADLINE_MS, done), { number: 1432604333, by: 'sequence', bidTicks: Float64Array.of(6_548_547) }),
  rest_price_limit: queryFile((venue, done) => venue.queries.priceLimits(BTC, DEADLINE_MS, done), { highestBuyTicks: 1_058_781, lowestSellTicks: 1_037_816 }),
  rest_funding_history: queryFile((venue, done) => venue.queries.fundingHistory(PERP, 5, DEADLINE_MS, done), [{ rate: 0.0001, timeMs: 1672041600000 }]),
  rest_kline: queryFile((venue, done) => venue.reference.klines(instrumentOf('BTCUSD', '0.5', '1'), 3_600_000, 5, done), [{ openTicks: 34173 }, { closeTicks: 34142 }, { startMs: 1670608800000, closed: true, lots: 268_611 }]),
  rest_mark_price_kline: queryFile((venue, done) => venue.reference.klines(instrumentOf('BTCUSDT', '0.01', '0.001'), 3_600_000, 5, done), 'RM_VENUE_FRAME_FIELD'),
  rest_recent_trade: answerFile({ result: { list: [{ seq: '123456' }] } }),
  rest_open_interest: answerFile({ result: { symbol: 'BTCUSD' } }),
  // Answers to commands.
  rest_order_create: commandFile(single((w, done) => w.port.place(ORDER, done)), [{ kind: 'accepted', venueId: '1321003749386327552' }]),
  rest_order_amend: commandFile(single((w, done) => w.port.amend('BTCUSDT', 'a', { lots: 1 }, done)), [{ kind: 'accepted', venueId: 'c6f055d9-7f21-4079-913d-e6523a9cfffa' }]),
  rest_order_cancel: commandFile(single((w, done) => w.port.cancel('BTCUSDT', 'a', done)), [{ kind: 'accepted', venueId: 'c6f055d9-7f21-4079-913d-e6523a9cfffa' }]),
  rest_order_cancel_all: commandFile(single((w, done) => w.port.cancelAll('BTCUSDT', done)), [{ kind: 'accepted', venueId: '' }]),
  rest_order_create_batch: commandFile((w, done) => w.port.placeBatch(['spot-btc-03', 'spot-atom-03'].map((clientId) => ({ ...ORDER, clientId })), done), [{ kind: 'accepted', venueId: '1666800494330512128' }, { kind: 'accepted', venueId: '1666800494330512129' }]),
  // An unlisted code outside of the order service proves nothing.
  rest_order_cancel_batch: commandFile((w, done) => w.port.cancelBatch('BTCUSDT', ['spot-btc-03', '1666800494330512129'], done), [{ kind: 'accepted', venueId: '1666800494330512128' }, { kind: 'unknown', reason: 'code 170213: Order does not exist.' }]),
  rest_order_amend_batch: answerFile({ items: [{ code: 0 }, { code: 0 }] }),
  rest_order_pre_check: answerFile({ result: { orderLinkId: 'test129' } }),
  rest_set_leverage: commandFile(single((w, done) => w.port.setLeverage('BTCUSDT', '6', done)), [{ kind: 'accepted' }]),
  rest_switch_mode: commandFile(single((w, done) => w.port.setPositionMode('one-way', done)), [{ kind: 'accepted' }]),
  rest_trading_stop: commandFile(single((w, done) => w.port.setProtection('BTCUSDT', { takeProfitTicks: 5, stopLossTicks: null }, done)), [{ kind: 'accepted' }]),
  rest_set_dcp: commandFile(single((w, done) => w.port.armDeadMan(40_000, done)), [{ kind: 'accepted' }]),
  // Rows of the account.
  rest_order_realtime: rowsFile((row) => readOrder(row, ETH_FINE), [{ clientId: 'test-000005', status: 'open', priceTicks: 160_000, lots: 10 }]),
  rest_order_history: rowsFile((row) => readOrder(row, BTC), [{ clientId: 'YLxaWKMiHU', status: 'cancelled', filledLots: 0, reason: 'EC_PostOnlyWillTakeLiquidity' }]),
  rest_orders_realtime_tp_sl: rowsFile((row) => readOrder(row, BTC), [{ clientId: 'client-tp-001', status: 'untriggered', priceTicks: null, reduceOnly: true }, { clientId: 'client-sl-001', status: 'untriggered', priceTicks: 475_000 }]),
  rest_order_partially_filled_rejected: rowsFile((row) => readOrder(row, BTC), [{ status: 'rejected', lots: 10, filledLots: 5, averagePrice: '30000', reason: 'INSUFFICIENT_MARGIN' }]),
  rest_execution_list: rowsFile((row) => readFill(row, PERP), [{ kind: 'trade', executionId: 'e0cbe81d-0f18-5866-9415-cf319b5dab3b', fee: '0.071409', maker: false }]),
  rest_position_list: rowsFile((row) => readPosition(row, { BTCUSDT: BTC, ETHUSDT: ETH_FINE }[String(row['symbol'])] ?? instrumentOf('SOLUSDT', '0.01', '0.1'), false), [{ signedLots: 500, entryPrice: '50000.00' }, { signedLots: -500, leverage: '5' }, { symbol: 'SOLUSDT', signedLots: 0, entryPrice: '' }]),
  rest_wallet_balance: rowsFile((row) => [readWallet(row, 'USDT'), readWallet(row, 'BTC')], [[null, { balance: '0', marginAvailable: '3.00326056' }]]),
  rest_fee_rate: (name) => {
    const w = new World({}, false)
    w.up()
    w.respond = () => ({ kind: 'response', status: 200, headers: {}, body: bodyOf(name) })
    const results: unknown[] = []
    w.port.fees('ETHUSDT', (error, fees) => results.push(error, fees))
    w.run(10)
    expect(results).toEqual([null, { makerRate: '0.0001', takerRate: '0.0006' }])
  },
  rest_account_info: answerFile({ result: { unifiedMarginStatus: 4, dcpStatus: 'OFF' } }),
  rest_position_closed_pnl: answerFile({ result: { list: [{ closedPnl: '-47.4065323' }] } }),
  rest_transaction_log: answerFile({ result: { list: [{ type: 'SETTLEMENT', funding: '-0.003676' }, { type: 'TRADE' }, { type: 'TRADE' }] } }),
  // Public stream.
  ws_public_orderbook_recorded: publicFile(instrumentOf('BTCPERP', '0.10', '0.001'), 50, FRAME_BOOK, FRAME_BOOK),
  ws_public_orderbook_delta_docs: publicFile(BTC, 50, FRAME_BOOK),
  ws_public_orderbook1_recorded: publicFile(BTC, 1, FRAME_BOOK, FRAME_BOOK, FRAME_BOOK),
  ws_public_orderbook_full_docs: publicFile(instrumentOf('MNTUSDT', '0.0001', '0.01'), 50, 'RM_VENUE_FRAME_TOPIC'),
  ws_public_orderbook_rpi_docs: publicFile(BTC, 50, 'RM_VENUE_FRAME_TOPIC'),
  ws_public_publicTrade_recorded: publicFile(instrumentOf('LTCUSDT', '0.01', '0.1'), 50, FRAME_TRADES),
  ws_public_publicTrade_docs: publicFile(BTC, 50, FRAME_TRADES),
  ws_public_tickers_2023_recorded: publicFile(BTC, 50, FRAME_TICKER),
  ws_public_tickers_2026_recorded: publicFile(BTC, 50, FRAME_TICKER, FRAME_TICKER),
  ws_public_tickers_linear_docs: publicFile(BTC, 50, FRAME_TICKER),
  ws_public_kline_docs: publicFile(BTC, 50, FRAME_KLINE),
  ws_public_allLiquidation_docs: publicFile(instrumentOf('ROSEUSDT', '0.00001', '1'), 50, FRAME_LIQUIDATIONS),
  ws_public_allLiquidation_recorded: publicFile(instrumentOf('PIPPINUSDT', '0.00001', '1'), 50, FRAME_LIQUIDATIONS),
  ws_public_priceLimit_docs: publicFile(BTC, 50, FRAME_PRICE_LIMITS),
  ws_public_pong: publicFile(BTC, 50, FRAME_CONTROL),
  ws_subscribe_ack: publicFile(BTC, 50, FRAME_CONTROL),
  ws_subscribe_error_topic: publicFile(BTC, 50, FRAME_CONTROL),
  ws_subscribe_failure: publicFile(BTC, 50, FRAME_CONTROL),
  // Private stream.
  ws_private_order_filled: privateFile({ orders: [{ status: 'filled', lots: 100, filledLots: 100 }] }),
  ws_private_order_new: privateFile({ orders: [{ clientId: 'client-1', status: 'cancelled', reason: 'CancelByUser' }] }),
  ws_private_order_postonly_cancelled_synthetic: privateFile({ orders: [{ status: 'cancelled', reason: 'EC_PostOnlyWillTakeLiquidity' }] }),
  ws_private_order_stop_limit: privateFile({ orders: [{ status: 'untriggered', priceTicks: 445_000 }] }),
  ws_private_order_stop_market: privateFile({ orders: [{ status: 'untriggered', priceTicks: null, reduceOnly: false }] }),
  ws_private_order_stop_loss: privateFile({ orders: [{ status: 'untriggered', priceTicks: null, reduceOnly: true }] }),
  ws_private_order_take_profit: privateFile({ orders: [{ status: 'untriggered', reduceOnly: true }] }),
  // Another symbol and another category are not ours, but read like any other.
  ws_private_order_partially_filled_rejected: (name) => {
    privateFile({})(name)
    expect(readOrder((framesOf(name)[0]!['data'] as Json[])[0]!, APEX)).toMatchObject({ status: 'rejected', lots: 1000, filledLots: 500, averagePrice: '1.500' })
  },
  ws_private_order_docs: privateFile({}),
  ws_private_execution: privateFile({ fills: [{ kind: 'trade', fee: '26.3725275' }] }),
  ws_private_execution_docs: privateFile({ fills: [{ kind: 'trade', clientId: '' }] }),
  ws_private_execution_adl: privateFile({ fills: [{ kind: 'adl', lots: 500 }] }),
  ws_private_execution_funding_synthetic: privateFile({ fills: [{ kind: 'funding', fee: '0.65', lots: 100 }] }),
  ws_private_execution_fast: privateFile({}),
  ws_private_execution_fast_docs: privateFile({}),
  ws_private_position: privateFile({ positions: [{ signedLots: -1, entryPrice: '3641.075' }] }),
  ws_private_position_short: privateFile({ positions: [{ signedLots: -1 }] }),
  ws_private_position_docs: (name) => {
    privateFile({ link: /RM_VENUE_POSITION_MODE/ })(name)
    privateFile({ positions: [{ symbol: 'BTCUSDT', leg: 'short', signedLots: 0, entryPrice: '' }] }, { hedge: true })(name)
  },
  ws_private_wallet: privateFile({ wallets: [{ balance: '9647.75537647', marginUsed: '127.8573161' }] }),
  ws_private_wallet_docs: privateFile({}),
  ws_private_pong: privateFile({}),
  ws_private_auth_success: privateFile({}),
  ws_private_auth_failure: privateFile({ link: /login refused: 10003 Invalid apikey/ }),
  // Trade socket.
  ws_trade_auth_response: tradeFile([]),
  ws_trade_pong: tradeFile([]),
  ws_trade_create_response: tradeFile([{ kind: 'accepted', venueId: 'a4c1718e-fe53-4659-a118-1f6ecce04ad9' }], true),
  ws_trade_response_nautilus: tradeFile([{ kind: 'accepted', venueId: '1726025498520715008' }], true),
  ws_trade_batch_response_all_failed: (name) => {
    const w = new World()
    w.up()
    const results: (readonly CommandOutcome[])[] = []
    w.port.placeBatch(['batch-000', 'batch-001', 'batch-002'].map((clientId) => ({ ...ORDER, clientId })), (outcomes) => results.push(outcomes))
    w.trade.receive({ ...framesOf(name)[0]!, reqId: w.trade.sent.at(-1)!['reqId'] })
    expect(results).toEqual([Array.from({ length: 3 }, () => ({ kind: 'refused', errorClass: 'rejected', code: '10001', text: 'position idx not match position mode' }))])
  },
  // Frames that we send.
  ws_trade_auth_request: ourFile((w) => w.trade.ops('auth')[0]!, (frame) => [frame['op'], (frame['args'] as unknown[]).map((argument) => typeof argument), String((frame['args'] as unknown[])[2]).length]),
  ws_trade_create_request: ourFile(place, (frame) => [frame['op'], typeof frame['reqId'], Object.keys(frame['header'] as Json).slice(0, 2), (frame['args'] as unknown[]).length, ['symbol', 'side', 'orderType', 'category', 'timeInForce'].map((field) => first(frame)[field]), Number(first(frame)['qty']), Number(first(frame)['price'])]),
  ws_trade_batch_request: ourFile(placeBatch, (frame) => [frame['op'], first(frame)['category'], (first(frame)['request'] as Json[]).map((order) => ['symbol', 'qty', 'price', 'orderType', 'timeInForce', 'orderLinkId', 'side'].map((field) => typeof order[field]))]),
}

describe.skipIf(!fixturesPresent)('every recorded and documented payload of the venue (needs fixtures: RINGMASTER_FIXTURES)', () => {
  const files = fixturesPresent ? readdirSync(`${FIXTURES}/bybit`).map((name) => name.replace(/\.json$/, '')) : []

  it('has a case, and no case is without its file', () => {
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((name) => !(name in CASES))).toEqual([])
    expect(Object.keys(CASES).filter((name) => !files.includes(name))).toEqual([])
  })

  it.each(Object.entries(CASES))('%s', (name, check) => check(name))
})
