import { expect } from 'vitest'
import { BUY } from '../../../src/core/index.ts'
import type { AccountSnapshot, CommandOutcome, HttpOutcome, OkxSettings, OkxUrls, OrderEvidence, OrderRequest, TradingHandler, TradingPort, VenueFill, VenueOrder, VenuePosition, VenueWallet } from '../../../src/venues/index.ts'
import type { FakeSocket } from '../fake-transport.ts'
import { BTC, ETH, OkxWorld, type Row, WALL_MS } from './okx-world.ts'

export const ORDER: OrderRequest = { clientId: 'a1', symbol: 'BTCUSDT', side: BUY, type: 'limit', priceTicks: 600_000, lots: 123, timeInForce: 'PostOnly', reduceOnly: false }
export const ROW = (change: Row = {}): Row => ({
  instType: 'SWAP', instId: 'BTC-USDT-SWAP', ordId: '312', clOrdId: 'a1', px: '60000', sz: '1.23', ordType: 'post_only', side: 'buy', posSide: 'net', tdMode: 'cross', state: 'live', accFillSz: '0', fillSz: '0', fillPx: '', fillTime: '', tradeId: '',
  fillFee: '0', fillFeeCcy: '', fee: '0', feeCcy: 'USDT', avgPx: '', category: 'normal', cancelSource: '', reduceOnly: 'false', uTime: '1700000000001', cTime: '1700000000000', ...change,
})
export const FILLED = (change: Row = {}): Row => ROW({ state: 'filled', accFillSz: '1.23', avgPx: '60000', fillSz: '1.23', fillPx: '60000', fillTime: '1700000000002', tradeId: '777', fillFee: '-0.0246', fillFeeCcy: 'USDT', execType: 'M', ...change })
/** A row of the fills list. */
export const FILL = (tradeId: string, change: Row = {}): Row => ({ instType: 'SWAP', instId: 'BTC-USDT-SWAP', tradeId, ordId: '312', clOrdId: 'a1', billId: `9${tradeId}`, fillPx: '60000', fillSz: '1.23', side: 'buy', posSide: 'net', execType: 'M', fee: '-0.0246', feeCcy: 'USDT', subType: '1', fillTime: '1700000000002', ts: '1700000000003', ...change })
export const POSITION = (change: Row = {}): Row => ({ instType: 'SWAP', instId: 'BTC-USDT-SWAP', posSide: 'net', pos: '-1.5', avgPx: '60000', lever: '10', mgnMode: 'cross', uTime: '1', ...change })
export const BALANCE = (change: Row = {}): Row => ({ totalEq: '1010', details: [{ ccy: 'BTC', eq: '1', cashBal: '1', availEq: '1', frozenBal: '0' }, { ccy: 'USDT', eq: '1010.5', cashBal: '1000', availEq: '900.25', availBal: '899', frozenBal: '110.25', ...change }] })

export class Recorder implements TradingHandler {
  readonly log: string[] = []
  readonly orders: VenueOrder[] = []
  readonly fills: VenueFill[] = []
  readonly positions: VenuePosition[] = []
  readonly wallets: VenueWallet[] = []
  readonly links: string[] = []
  onOrder(order: VenueOrder): void {
    this.orders.push(order)
    this.log.push(`order ${order.status}`)
  }
  onFill(fill: VenueFill): void {
    this.fills.push(fill)
    this.log.push(`fill ${fill.executionId}`)
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

export class TradingWorld extends OkxWorld {
  readonly handler = new Recorder()
  readonly port: TradingPort

  constructor(settings: Partial<OkxSettings> = {}, urls: Partial<OkxUrls> = {}) {
    super(settings, urls)
    this.port = this.venue.trading([BTC, ETH])
  }

  get socket(): FakeSocket {
    return this.transport.last('/private')
  }

  get connections(): number {
    return this.transport.count('/private')
  }

  login(): void {
    this.socket.open()
    this.socket.receive({ event: 'login', code: '0', msg: '', connId: 'c' })
  }

  subscribe(): void {
    for (const arg of this.socket.ops('subscribe')[0]!['args'] as Row[]) this.socket.receive({ id: 'channels', event: 'subscribe', arg, connId: 'c' })
  }

  begin(): void {
    this.port.start(this.handler)
    this.run(50)
  }

  up(): void {
    this.begin()
    this.login()
    this.subscribe()
    expect(this.handler.links).toEqual(['up'])
  }

  push(channel: string, ...data: Row[]): void {
    this.socket.receive({ arg: { channel, instType: 'SWAP', uid: '1' }, data })
  }

  place(request: OrderRequest = ORDER): CommandOutcome[] {
    const outcomes: CommandOutcome[] = []
    this.port.place(request, (outcome) => outcomes.push(outcome))
    expect(outcomes).toEqual([]) // never inside the call
    return outcomes
  }

  cancel(): CommandOutcome[] {
    const outcomes: CommandOutcome[] = []
    this.port.cancel('BTCUSDT', 'a1', (outcome) => outcomes.push(outcome))
    return outcomes
  }

  /** Answers the newest order operation. */
  reply(answer: Row): void {
    const command = this.socket.sent.findLast((sent) => /order/.test(String(sent['op'])))!
    this.socket.receive({ id: command['id'], op: command['op'], ...answer })
  }

  evidence(): OrderEvidence[] {
    const found: OrderEvidence[] = []
    this.port.evidence('BTCUSDT', 'a1', (evidence) => found.push(evidence))
    expect(found).toEqual([])
    return found
  }

  snapshot(sinceMs = WALL_MS - 1000): { error: unknown; snapshot: AccountSnapshot | null }[] {
    const taken: { error: unknown; snapshot: AccountSnapshot | null }[] = []
    this.port.snapshot(['BTCUSDT', 'ETHUSDT'], sinceMs, (error, snapshot) => taken.push({ error, snapshot }))
    expect(taken).toEqual([])
    return taken
  }
}

/** Answers by path; what is not listed stays silent. */
export const routes = (table: Record<string, HttpOutcome | ((query: URLSearchParams) => HttpOutcome | null) | null>) => (_request: unknown, query: URLSearchParams, path: string): HttpOutcome | null => {
  const entry = table[path.replace('/api/v5/', '')]
  return typeof entry === 'function' ? entry(query) : (entry ?? null)
}
