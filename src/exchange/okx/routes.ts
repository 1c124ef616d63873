import type { WallMs } from '../../core/index.ts'
import type { Fields } from '../front/json.ts'
import { billTypes } from './bills.ts'
import { refuse } from './codes.ts'
import type { DeadMan } from './dead-man.ts'
import { massCancelRefusal, type OrderDesk } from './order-desk.ts'
import { textOf } from './fields.ts'
import type { Query } from './query.ts'
import type { RestAccount } from './rest-account.ts'
import type { RestAlgos } from './rest-algos.ts'
import type { RestMarket } from './rest-market.ts'
import type { RestSizes } from './rest-sizes.ts'
import type { OkxKey, RateGroup } from './settings.ts'
import type { GateAction } from './trade-gate.ts'

export interface RouteParts {
  readonly desk: OrderDesk
  readonly deadMan: DeadMan
  readonly market: RestMarket
  readonly account: RestAccount
  readonly algos: RestAlgos
  readonly sizes: RestSizes
  readonly venueMs: () => WallMs
}

type Ask = { readonly kind: 'public'; readonly group: RateGroup; readonly run: (query: Query) => readonly unknown[] }
type Signed = { readonly kind: 'signed'; readonly group: RateGroup; readonly run: (key: OkxKey, query: Query) => readonly unknown[] }
type Change = { readonly kind: 'change'; readonly group: RateGroup; readonly run: (key: OkxKey, fields: Fields) => readonly unknown[] }
/** Order commands: they go through the gate, whose buckets the WebSocket shares. */
export type Command = { readonly kind: 'command'; readonly action: GateAction; readonly batch: boolean }
export type Route = Ask | Signed | Change | Command

/** Every REST call of the front by method and path. */
export function routesOf({ market, account, algos, sizes, desk, deadMan, venueMs }: RouteParts): ReadonlyMap<string, Route> {
  const ask = (group: RateGroup, run: Ask['run']): Route => ({ kind: 'public', group, run })
  const signed = (group: RateGroup, run: Signed['run']): Route => ({ kind: 'signed', group, run })
  const change = (group: RateGroup, run: Change['run']): Route => ({ kind: 'change', group, run })
  const command = (action: GateAction, batch: boolean): Route => ({ kind: 'command', action, batch })
  return new Map<string, Route>([
    ['GET /api/v5/public/time', ask('market', () => market.time(venueMs()))],
    ['GET /api/v5/public/instruments', ask('instruments', (query) => market.instruments(query))],
    ['GET /api/v5/public/funding-rate', ask('market', (query) => market.fundingRate(query))],
    ['GET /api/v5/public/funding-rate-history', ask('market', (query) => market.fundingHistory(query))],
    ['GET /api/v5/public/mark-price', ask('market', (query) => market.mark(query))],
    ['GET /api/v5/public/price-limit', ask('tickers', (query) => market.priceLimit(query))],
    ['GET /api/v5/public/open-interest', ask('tickers', (query) => market.openInterest(query))],
    ['GET /api/v5/public/position-tiers', ask('market', (query) => market.positionTiers(query))],
    ['GET /api/v5/public/convert-contract-coin', ask('market', (query) => market.convert(query))],
    ['GET /api/v5/system/status', ask('status', (query) => market.status(query))],
    ['GET /api/v5/market/books-full', ask('market', (query) => market.fullBook(query))],
    ['GET /api/v5/market/index-tickers', ask('tickers', (query) => market.indexTickers(query))],
    ['GET /api/v5/market/mark-price-candles', ask('tickers', (query) => market.priceCandles(query, 'mark'))],
    ['GET /api/v5/market/history-mark-price-candles', ask('market', (query) => market.priceCandles(query, 'mark'))],
    ['GET /api/v5/market/index-candles', ask('tickers', (query) => market.priceCandles(query, 'index'))],
    ['GET /api/v5/market/history-index-candles', ask('market', (query) => market.priceCandles(query, 'index'))],
    ['GET /api/v5/market/ticker', ask('tickers', (query) => market.ticker(query))],
    ['GET /api/v5/market/tickers', ask('tickers', (query) => market.tickers(query))],
    ['GET /api/v5/market/books', ask('books', (query) => market.books(query))],
    ['GET /api/v5/market/candles', ask('books', (query) => market.candles(query, false))],
    ['GET /api/v5/market/history-candles', ask('tickers', (query) => market.candles(query, true))],
    ['GET /api/v5/market/trades', ask('trades', (query) => market.trades(query))],
    ['POST /api/v5/trade/order', command('place', false)],
    ['POST /api/v5/trade/batch-orders', command('place', true)],
    ['POST /api/v5/trade/amend-order', command('amend', false)],
    ['POST /api/v5/trade/amend-batch-orders', command('amend', true)],
    ['POST /api/v5/trade/cancel-order', command('cancel', false)],
    ['POST /api/v5/trade/cancel-batch-orders', command('cancel', true)],
    ['POST /api/v5/trade/order-algo', command('place-algo', false)],
    ['POST /api/v5/trade/amend-algos', command('amend-algo', false)],
    ['POST /api/v5/trade/cancel-algos', command('cancel-algo', true)],
    ['GET /api/v5/trade/order-algo', signed('algos', (key, query) => algos.details(key, query))],
    ['GET /api/v5/trade/orders-algo-pending', signed('algos', (key, query) => algos.pending(key, query))],
    ['GET /api/v5/trade/orders-algo-history', signed('algos', (key, query) => algos.history(key, query))],
    ['POST /api/v5/trade/close-position', change('close-position', (key, fields) => [desk.closePosition(key.account, fields)])],
    ['POST /api/v5/trade/cancel-all-after', change('cancel-all-after', (key, fields) => [deadMan.arm(key.account, fields)])],
    ['POST /api/v5/trade/mass-cancel', change('mass-cancel', (_key, fields) => refuse(massCancelRefusal(textOf(fields, 'instType'))))],
    ['GET /api/v5/trade/account-rate-limit', signed('account-rate-limit', () => account.rateLimit())],
    ['GET /api/v5/trade/order', signed('order', (key, query) => account.order(key, query))],
    ['GET /api/v5/trade/orders-pending', signed('order', (key, query) => account.pending(key, query))],
    ['GET /api/v5/trade/orders-history', signed('orders-history', (key, query) => account.history(key, query, 7))],
    ['GET /api/v5/trade/orders-history-archive', signed('orders-archive', (key, query) => account.history(key, query, 90))],
    ['GET /api/v5/trade/fills', signed('fills', (key, query) => account.fills(key, query, 3, false))],
    ['GET /api/v5/trade/fills-history', signed('fills-history', (key, query) => account.fills(key, query, 90, true))],
    ['GET /api/v5/account/balance', signed('balance', (key, query) => account.balance(key, query))],
    ['GET /api/v5/account/positions', signed('positions', (key, query) => account.positions(key, query))],
    ['GET /api/v5/account/positions-history', signed('positions-history', (key, query) => account.positionsHistory(key, query))],
    ['GET /api/v5/account/instruments', signed('instruments', (_key, query) => market.instruments(query))],
    ['GET /api/v5/account/max-size', signed('sizes', (key, query) => sizes.maxSize(key, query))],
    ['GET /api/v5/account/max-avail-size', signed('sizes', (key, query) => sizes.maxAvailable(key, query))],
    ['GET /api/v5/account/subtypes', signed('subtypes', (_key, query) => billTypes(query.text('type')))],
    ['GET /api/v5/account/config', signed('settings', (key) => account.config(key))],
    ['POST /api/v5/account/set-leverage', change('leverage', (key, fields) => account.setLeverage(key, fields))],
    ['GET /api/v5/account/leverage-info', signed('leverage', (key, query) => account.leverageInfo(key, query))],
    ['POST /api/v5/account/set-position-mode', change('settings', (key, fields) => account.setPositionMode(key, fields))],
    ['GET /api/v5/account/trade-fee', signed('settings', (_key, query) => account.tradeFee(query))],
    ['GET /api/v5/account/bills', signed('bills', (key, query) => account.bills(key, query, 7))],
    ['GET /api/v5/account/bills-archive', signed('bills', (key, query) => account.bills(key, query, 90))],
    ['GET /api/v5/asset/currencies', signed('currencies', () => account.currencies())],
  ])
}
