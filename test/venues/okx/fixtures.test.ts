import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DecimalStep, errorLabel } from '../../../src/core/index.ts'
import type { HttpOutcome } from '../../../src/venues/index.ts'
import { AlgoIds } from '../../../src/venues/okx/algo-ids.ts'
import { readAlgo } from '../../../src/venues/okx/algo-rows.ts'
import { type OkxContract, readContract, symbolOf } from '../../../src/venues/okx/contracts.ts'
import { FRAME_BOOK, FRAME_EVENT, FRAME_FUNDING, FRAME_INSTRUMENTS, FRAME_LIQUIDATIONS, FRAME_PRICE_LIMITS, FRAME_TICKER, FRAME_TRADES, PublicDecoder, readCandle, toTicks } from '../../../src/venues/okx/decode/index.ts'
import { readAnswer, readItem, type RestAnswer } from '../../../src/venues/okx/rest.ts'
import { readFill, readFunding as readFundingBill, readOrder, readPosition, readWallet } from '../../../src/venues/okx/rows.ts'
import { bytesOf } from '../fixtures.ts'
import { BTC, CREDENTIALS, FIXTURES, fixture, fixturesPresent, OkxWorld, ok, type Row } from './okx-world.ts'
import { TradingWorld } from './trading-world.ts'

/*
 * Every published or recorded payload of the venue, and what this adapter makes of it. A file that is not in the table
 * fails the listing at the end: a new payload wants a decision.
 */

const step = (text: string): DecimalStep => new DecimalStep(text)
/** A fine grid, for payloads of instruments and days that have others. */
const contractOf = (instId: string): OkxContract => {
  const [baseCoin, quoteCoin] = instId.split('-') as [string, string]
  return { instId, instIdCode: 1, coins: '1', groupId: '1', size: step('0.00000001'), instrument: { symbol: symbolOf(instId) ?? instId, index: 0, baseCoin, quoteCoin, tick: step('0.000001'), lot: step('0.00000001'), minLots: 1, maxLots: 1, minNotional: '0', maxLeverage: 1 } }
}
const KINDS: Readonly<Record<number, string>> = {
  [FRAME_BOOK]: 'book', [FRAME_TRADES]: 'trades', [FRAME_TICKER]: 'ticker', [FRAME_EVENT]: 'event', [FRAME_FUNDING]: 'funding', [FRAME_PRICE_LIMITS]: 'limits', [FRAME_LIQUIDATIONS]: 'liquidations', [FRAME_INSTRUMENTS]: 'instruments',
}

const attempt = (read: () => string): string => {
  try {
    return read()
  } catch (error) {
    return errorLabel(error)
  }
}
const framesOf = (name: string): readonly Row[] => {
  const content = fixture(name)
  if (Array.isArray(content)) return content as Row[]
  return 'frames' in (content as Row) ? ((content as { frames: { frame: Row }[] }).frames.map((one) => one.frame)) : [content as Row]
}
const rowsOf = (name: string): readonly Row[] => framesOf(name).flatMap((frame) => (Array.isArray(frame['data']) ? (frame['data'] as Row[]) : []))

/** Frames of the public addresses, as the feed of the instrument that they are about would read them. */
const publicFrames = (name: string): string => [...new Set(framesOf(name).map((frame) => {
  const arg = (frame['arg'] ?? {}) as { channel?: string; instId?: string }
  const row = ((frame['data'] ?? []) as Row[])[0]
  const instId = arg.instId ?? (typeof row?.['instId'] === 'string' ? row['instId'] : 'BTC-USDT-SWAP')
  const decoder = new PublicDecoder(contractOf(instId), /^(?:books|bbo)/.test(arg.channel ?? '') ? arg.channel! : 'books')
  return attempt(() => `${KINDS[decoder.decode(bytesOf(frame))]}${decoder.fallbacks > 0 ? ' by JSON' : ''}`)
}))].join()

const instIdIn = (row: Row): string => (typeof row['instId'] === 'string' ? row['instId'] : 'BTC-USDT-SWAP')
/** Rows one by one, by the reader that their endpoint or channel has. */
const rows = (read: (row: Row, contract: OkxContract) => unknown) => (name: string): string => [...new Set(rowsOf(name).map((row) => attempt(() => String(read(row, contractOf(instIdIn(row)))))))].join()

const ids = (): AlgoIds => new AlgoIds()
const listedOrder = rows((row, contract) => readOrder(row, contract, ids()).status)
const algo = rows((row, contract) => readAlgo(row, contract).phase)
const position = rows((row, contract) => `${Math.sign(readPosition(row, contract, row['posSide'] === 'net' ? 'one-way' : 'hedge').signedLots)} ${String(row['posSide'])}`)
const wallet = rows((row) => (readWallet(row, 'USDT') === null ? 'none' : 'a wallet'))
const candle = rows((row, contract) => (readCandle(row, contract, 60_000, 'candle').closed ? 'closed' : 'forming'))
const fill = rows((row, contract) => readFill(row, contract, ids()).kind)
const bill = rows((row, contract) => readFundingBill(row, contract).kind)
const contract = rows((row) => readContract(row, 0).instrument.symbol)
/** What the account's own connection makes of a frame: its state after it, and what the engine was told. */
const privateFrames = (name: string): string => {
  const w = new TradingWorld()
  w.up()
  for (const frame of framesOf(name)) w.socket.receive(frame)
  const { orders, fills, positions, wallets, links } = w.handler
  return [links.at(-1)!.split(':')[0], ...Object.entries({ orders, fills, positions, wallets }).filter(([, list]) => list.length > 0).map(([what, list]) => `${list.length} ${what}`)].join()
}
/** Answers of commands: the whole, or each item. */
const answer = (name: string): string => {
  const read = readAnswer(fixture(name) as Row, 'batch')
  const wordOf = (one: RestAnswer): string => (one.kind === 'refused' ? one.errorClass : one.kind)
  return read.kind === 'ok' ? read.data.map((item) => wordOf(readItem(item))).join() : wordOf(read)
}
const plain = (name: string): string => readAnswer(fixture(name) as Row, 'plain').kind
/** Asked for through the port, with the payload as the answer of its endpoint. */
const port = (path: string, ask: (w: OkxWorld, done: (error: unknown, value: unknown) => void) => void) => (name: string): string => {
  const w = new OkxWorld({}, {}, CREDENTIALS)
  const body: HttpOutcome = ok(rowsOf(name))
  const before = w.transport.respond
  w.transport.respond = (request, query, asked) => (asked === `/api/v5/${path}` ? body : before(request, query, asked))
  let told = 'nothing'
  ask(w, (error, value) => {
    told = error === null ? JSON.stringify(value) : errorLabel(error)
  })
  w.run(9000)
  return told
}
/** What we send ourselves, and answers of endpoints that this adapter does not ask: nothing here reads them. */
const NOT_READ: readonly string[] = [
  'rest_account_rate_limit', 'rest_close_position', 'rest_convert_contract_coin', 'rest_leverage_info', 'rest_mass_cancel',
  'rest_open_interest', 'rest_place_order_request', 'rest_position_tiers_swap', 'rest_positions_history_docs', 'rest_system_status',
  'rest_trades', 'ws_login_request', 'ws_op_mass_cancel_success', 'ws_op_order_request',
]

// Refused ones are of other products: spot coins, margin loans, isolated positions, channels that nobody subscribes here.
const TABLE: Readonly<Record<string, readonly [read: (name: string) => string, expected: string]>> = {
  rest_account_config: [port('account/config', (w, done) => w.venue.trading([BTC]).positionMode('BTCUSDT', done)), '"hedge"'],
  rest_algo_cancel: [answer, 'ok'],
  rest_algo_pending_docs: [algo, 'waiting'],
  rest_algo_pending_swap: [algo, 'waiting'],
  rest_algo_place: [answer, 'ok'],
  rest_algo_place_rejected: [answer, 'rejected'],
  rest_amend_order: [answer, 'ok'],
  rest_balance: [wallet, 'a wallet'],
  rest_batch_orders: [answer, 'ok,ok'],
  rest_bills: [bill, 'funding'],
  rest_books: [port('market/books', (w, done) => w.venue.queries.book(BTC, 5, 1000, done)), 'RM_VENUE_FRAME_FIELD'],
  rest_cancel_all_after: [plain, 'ok'],
  rest_cancel_order: [answer, 'ok'],
  rest_candles: [candle, 'forming,closed'],
  rest_fills: [fill, 'trade'],
  rest_funding_rate: [port('public/funding-rate', (w, done) => w.venue.queries.funding(BTC, 1000, done)), '{"rate":0.0000182221218054,"settleMs":1743609600000,"intervalMs":28800000,"timeMs":1743588686291}'],
  rest_funding_rate_history: [port('public/funding-rate-history', (w, done) => w.venue.queries.fundingHistory(BTC, 2, 1000, done)), '[{"rate":0.0002279755647389,"timeMs":1703030400000},{"rate":0.0000746572360545,"timeMs":1703059200000}]'],
  rest_instruments_swap: [contract, 'RM_VENUE_INSTRUMENT,ETHUSDT,BTCUSDT'],
  rest_mark_price: [rows((row, { instrument }) => toTicks(Number(row['markPx']), instrument.tick)), '200000000'],
  rest_order_details: [listedOrder, 'filled'],
  rest_orders_history_docs: [listedOrder, 'filled'],
  rest_orders_history_swap: [listedOrder, 'filled'],
  rest_orders_pending: [listedOrder, 'open'],
  rest_orders_pending_attached_tp_sl: [listedOrder, 'open'],
  rest_place_order: [answer, 'ok'],
  rest_positions_docs: [position, 'RM_VENUE_ROW'],
  rest_positions_swap: [position, 'RM_VENUE_ROW'],
  rest_price_limit: [port('public/price-limit', (w, done) => w.venue.queries.priceLimits(BTC, 1000, done)), '{"highestBuyTicks":170579,"lowestSellTicks":163889,"enabled":true,"timeMs":1597026383085}'],
  rest_set_leverage: [plain, 'ok'],
  rest_set_position_mode: [plain, 'ok'],
  rest_ticker: [port('market/ticker', (w, done) => w.venue.queries.quote(BTC, 1000, done)), '{"bidTicks":569590,"bidLots":455200,"askTicks":569591,"askLots":1058200,"lastTicks":569561,"markTicks":null,"venueTimeMs":1620289117764}'],
  rest_time: [plain, 'ok'],
  rest_trade_fee_docs: [port('account/trade-fee', (w, done) => w.venue.trading([BTC]).fees('BTCUSDT', done)), '{"makerRate":"0.0008","takerRate":"0.001"}'],
  rest_trade_fee_swap: [port('account/trade-fee', (w, done) => w.venue.trading([BTC]).fees('BTCUSDT', done)), '{"makerRate":"0.0008","takerRate":"0.001"}'],
  ws_account: [privateFrames, 'up,1 wallets'],
  ws_account_docs: [privateFrames, 'up,1 wallets'],
  ws_account_empty: [privateFrames, 'up'],
  ws_balance_and_position_docs: [privateFrames, 'up'],
  ws_bbo_tbt: [publicFrames, 'book'],
  ws_bbo_tbt_recorded: [publicFrames, 'book'],
  ws_books5_2026_recorded: [publicFrames, 'book'],
  ws_books_checksum_2022_recorded: [publicFrames, 'book'],
  ws_books_docs: [publicFrames, 'book'],
  ws_books_seq_synthetic: [publicFrames, 'book'],
  ws_candle: [candle, 'closed'],
  ws_candle_docs: [candle, 'forming'],
  ws_channel_conn_count: [privateFrames, 'up'],
  ws_channel_conn_count_error: [privateFrames, 'down'],
  ws_error_unknown_channel: [publicFrames, 'event'],
  ws_fills_docs: [publicFrames, 'RM_VENUE_FRAME_TOPIC'],
  ws_funding_rate: [publicFrames, 'funding'],
  ws_funding_rate_docs: [publicFrames, 'funding'],
  ws_index_tickers_recorded: [publicFrames, 'RM_VENUE_FRAME_TOPIC'],
  ws_instruments: [publicFrames, 'instruments'],
  ws_liquidation_orders_docs: [publicFrames, 'liquidations'],
  ws_liquidation_warning_docs: [publicFrames, 'RM_VENUE_FRAME_SYMBOL'],
  ws_login_failure: [privateFrames, 'down'],
  ws_login_success: [privateFrames, 'up'],
  ws_mark_price_docs: [publicFrames, 'ticker'],
  ws_mark_price_recorded: [publicFrames, 'ticker'],
  ws_notice_64008: [privateFrames, 'down'],
  ws_op_amend_failure: [answer, 'insufficient-margin'],
  ws_op_amend_success: [answer, 'ok'],
  ws_op_batch_all_failed: [answer, 'insufficient-margin,insufficient-margin'],
  ws_op_batch_partial: [answer, 'ok,insufficient-margin'],
  ws_op_cancel_failure: [answer, 'unknown'],
  ws_op_cancel_success: [answer, 'ok'],
  ws_op_order_failure: [answer, 'insufficient-margin'],
  ws_op_order_format_error: [answer, 'rejected'],
  ws_op_order_success: [answer, 'ok'],
  ws_open_interest_docs: [publicFrames, 'RM_VENUE_FRAME_TOPIC'],
  ws_open_interest_recorded: [publicFrames, 'RM_VENUE_FRAME_TOPIC'],
  ws_orders_adl: [privateFrames, 'up,1 orders,1 fills'],
  ws_orders_algo: [algo, 'waiting,triggered,cancelled'],
  ws_orders_algo_docs: [algo, 'waiting'],
  ws_orders_docs: [privateFrames, 'up'],
  ws_orders_fok: [privateFrames, 'up'],
  ws_orders_ioc: [privateFrames, 'up'],
  ws_orders_liquidation: [privateFrames, 'up,1 orders,1 fills'],
  ws_orders_postonly_cancelled_synthetic: [privateFrames, 'up,1 orders'],
  ws_orders_subscribe_ack: [privateFrames, 'up'],
  ws_orders_subscribe_error: [privateFrames, 'down'],
  ws_orders_swap: [privateFrames, 'up,1 orders,1 fills'],
  ws_orders_trigger: [privateFrames, 'up,1 orders,1 fills'],
  ws_positions_docs: [privateFrames, 'up'],
  ws_price_limit_docs: [publicFrames, 'limits'],
  ws_status_docs: [publicFrames, 'RM_VENUE_FRAME_SYMBOL'],
  ws_subscribe_ack: [publicFrames, 'event'],
  ws_subscribe_ack_recorded: [publicFrames, 'event'],
  ws_tickers_2026_recorded: [publicFrames, 'ticker'],
  ws_trades_2021_recorded: [publicFrames, 'trades'],
  ws_trades_2026_recorded: [publicFrames, 'trades'],
  ws_trades_all_docs: [publicFrames, 'RM_VENUE_FRAME_TOPIC'],
  ws_unsubscribe_ack: [publicFrames, 'event'],
}

describe.skipIf(!fixturesPresent)('payloads of the venue (needs reference fixtures)', () => {
  it.each(Object.entries(TABLE))('%s', (name, [read, expected]) => {
    expect(read(name)).toBe(expected)
  })

  it('are all in the table', () => {
    expect(readdirSync(`${FIXTURES}/okx`).map((file) => file.replace('.json', '')).toSorted()).toEqual([...Object.keys(TABLE), ...NOT_READ].toSorted())
  })
})
