import { expect } from 'vitest'
import { BUY, Random, VirtualTime } from '../../src/core/index.ts'
import { type BybitSettings, bybitUrlsAt, type CommandOutcome, createBybitVenue, type OrderRequest, type TradingHandler, type TradingPort, type Venue, type VenueFill, type VenueOrder, type VenuePosition, type VenueWallet } from '../../src/venues/index.ts'
import { answer, type FakeSocket, FakeTransport, type Responder } from './fake-transport.ts'
import { BTC, ETH } from './fixtures.ts'

export const WALL_MS = 1_700_000_000_000
export const ORDER: OrderRequest = { clientId: 'a1_b-2', symbol: 'BTCUSDT', side: BUY, type: 'limit', priceTicks: 600_000, lots: 10, timeInForce: 'PostOnly', reduceOnly: false }

/** Everything that the account's stream said. */
export class Recorder implements TradingHandler {
  readonly orders: VenueOrder[] = []
  readonly fills: VenueFill[] = []
  readonly positions: VenuePosition[] = []
  readonly wallets: VenueWallet[] = []
  readonly links: string[] = []
  onOrder(order: VenueOrder): void {
    this.orders.push(order)
  }
  onFill(fill: VenueFill): void {
    this.fills.push(fill)
  }
  onPosition(position: VenuePosition): void {
    this.positions.push(position)
  }
  onWallet(wallet: VenueWallet): void {
    this.wallets.push(wallet)
  }
  onLink(state: string, reason: string): void {
    this.links.push(reason === '' ? state : `${state}: ${reason}`)
  }
}

/** The trading port on a scripted transport in virtual time: the test plays the venue. */
export class World {
  readonly time = new VirtualTime(WALL_MS)
  readonly transport = new FakeTransport(this.time)
  readonly counts = new Map<string, number>()
  readonly handler = new Recorder()
  readonly venue: Venue
  readonly port: TradingPort
  /** What the venue's clock is ahead of ours. */
  venueAheadMs = 0
  /** What execution says of orders that increase exposure. */
  mayIncrease = true
  /** Answers of everything but the clock. */
  respond: Responder = () => null

  constructor(settings: Partial<BybitSettings> = {}, trade = true) {
    const count = (name: string, label = '', by = 1): void => void this.counts.set(`${name}${label === '' ? '' : `/${label}`}`, (this.counts.get(`${name}${label === '' ? '' : `/${label}`}`) ?? 0) + by)
    const urls = bybitUrlsAt('venue', 1)
    this.transport.respond = (request, query, path) => {
      if (path !== '/v5/market/time') return this.respond(request, query, path)
      const ms = WALL_MS + this.time.nowNs() / 1e6 + this.transport.latencyMs / 2 + this.venueAheadMs
      return answer({ timeSecond: String(Math.floor(ms / 1000)), timeNano: `${Math.round(ms)}000000` })
    }
    this.venue = createBybitVenue({
      transport: this.transport, clock: this.time, timers: this.time, random: new Random(1), urls: trade ? urls : { ...urls, trade: null }, credentials: { key: 'testkey', secret: 'testsecret' }, settings, count, mayIncrease: () => this.mayIncrease,
    })
    this.port = this.venue.trading([BTC, ETH])
  }

  get private(): FakeSocket {
    return this.transport.last('/v5/private')
  }

  get trade(): FakeSocket {
    return this.transport.last('/v5/trade')
  }

  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }

  openPrivate(): void {
    this.private.open()
    this.private.receive({ success: true, ret_msg: '', op: 'auth', conn_id: 'c' })
    this.private.receive({ success: true, ret_msg: '', conn_id: 'c', req_id: 'topics', op: 'subscribe' })
  }

  openTrade(): void {
    this.trade.open()
    this.trade.receive({ retCode: 0, retMsg: 'OK', op: 'auth', connId: 'c' })
  }

  up(): void {
    this.port.start(this.handler)
    this.run(20)
    this.openPrivate()
    if (this.transport.count('/v5/trade') > 0) this.openTrade()
  }

  place(request: OrderRequest = ORDER): CommandOutcome[] {
    const outcomes: CommandOutcome[] = []
    this.port.place(request, (outcome) => outcomes.push(outcome))
    expect(outcomes).toEqual([]) // never inside the call
    return outcomes
  }

  /** Answers the newest command on the trade socket. */
  reply(retCode: number, data: Record<string, unknown> = {}, header: Record<string, string> = {}, retExtInfo: Record<string, unknown> = {}): void {
    const command = this.trade.sent.findLast((frame) => typeof frame['reqId'] === 'string')!
    this.trade.receive({ reqId: command['reqId'], retCode, retMsg: retCode === 0 ? 'OK' : 'text', op: command['op'], data, retExtInfo, header, connId: 'c' })
  }
}

export const POSITION = (symbol: string, change: Record<string, unknown> = {}): Record<string, unknown> => ({ positionIdx: 0, symbol, side: 'Buy', size: '0.5', avgPrice: '50000.00', leverage: '10', ...change })
export const WALLET = { list: [{ totalAvailableBalance: '900', totalInitialMargin: '100', coin: [{ coin: 'USDT', walletBalance: '1000', equity: '1010.5', totalOrderIM: '40.1', totalPositionIM: '60.2' }] }] }
export const EXECUTION = (execId: string, execTime: number, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  category: 'linear', symbol: 'BTCUSDT', execId, orderId: 'v1', orderLinkId: 'a1_b-2', side: 'Buy', execPrice: '60000.0', execQty: '0.005', execFee: '0.165', isMaker: true, execType: 'Trade', execTime: String(execTime), leavesQty: '0', seq: 1, ...change,
})
export const ROW = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  category: 'linear', symbol: 'BTCUSDT', orderId: 'v1', orderLinkId: 'a1_b-2', side: 'Buy', orderType: 'Limit', price: '60000.0', qty: '0.010', cumExecQty: '0.010', avgPrice: '60000', orderStatus: 'Filled', cancelType: 'UNKNOWN', rejectReason: 'EC_NoError', reduceOnly: false, updatedTime: '1700000000001', ...change,
})
