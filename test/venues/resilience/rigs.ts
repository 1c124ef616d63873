import type { BybitSettings, OkxSettings, OrderRequest, ResiliencePort, TradingPort } from '../../../src/venues/index.ts'
import type { FakeTransport } from '../fake-transport.ts'
import { item } from '../okx/okx-world.ts'
import { TradingWorld } from '../okx/trading-world.ts'
import { ORDER as OKX_ORDER } from '../okx/trading-world.ts'
import { ORDER as BYBIT_ORDER, World } from '../trading-world.ts'

/** A command that left, over whichever connection. */
export interface Departure {
  readonly clientId: string
  readonly atNs: number
  /** Sessions begun and ended up to then, as the test counts them. */
  readonly session: number
}

/** A venue's adapter on a scripted transport whose connections the test cuts, opens and logs in. */
export interface Rig {
  readonly name: string
  readonly order: OrderRequest
  readonly port: TradingPort
  readonly resilience: ResiliencePort
  readonly departures: Departure[]
  readonly commandMs: number
  readonly placeWaitMs: number
  nowNs(): number
  session(): number
  run(ms: number): void
  /** The order connection is dropped by the other side. */
  cut(): void
  /** The newest connection that waits for it is opened, or logged in when it is open. */
  advance(): void
  /** What REST does with everything but the clock: takes it, is not reachable, says nothing, or shuts the address out. */
  rest: 'takes' | 'unreachable' | 'silent' | 'bans'
  /** Answers the newest command of the order connection: it was taken, or refused for a reason of business, or for the limit. */
  reply(how: 'taken' | 'business' | 'limit'): void
  /** Requests to questions about orders, so far. */
  questions(): number
  counts: ReadonlyMap<string, number>
}

const CLIENT_ID = /"(?:orderLinkId|clOrdId)":"([^"]+)"/g

/** Writes down what leaves; requests that meet no connection did not. */
function watch(rig: { readonly departures: Departure[]; nowNs(): number; session(): number; rest: Rig['rest'] }, transport: FakeTransport): void {
  const note = (text: string): void => {
    for (const [, clientId] of text.matchAll(CLIENT_ID)) rig.departures.push({ clientId: clientId!, atNs: rig.nowNs(), session: rig.session() })
  }
  const socket = transport.socket.bind(transport)
  transport.socket = (url, handlers) => {
    const inner = socket(url, handlers)
    const send = inner.send.bind(inner)
    inner.send = (text) => {
      const left = send(text)
      if (left) note(text)
      return left
    }
    return inner
  }
  const request = transport.request.bind(transport)
  transport.request = (one, done) => {
    if (one.method === 'POST' && one.body !== null && rig.rest !== 'unreachable') note(one.body)
    request(one, done)
  }
}

/** Long enough that what waits at a full limit is let through by it. */
const PLACE_WAIT_MS = 3000
const BANNED = { kind: 'response', status: 403, headers: {}, body: 'forbidden' } as const
const UNREACHABLE = { kind: 'failure', sent: false, reason: 'no route' } as const

export function bybitRig(settings: Partial<BybitSettings> = {}): Rig {
  const w = new World({ commandMs: 5000, placeWaitMs: PLACE_WAIT_MS, ...settings })
  let session = 0
  let up = true
  const rig: Rig = {
    name: 'bybit', order: BYBIT_ORDER, port: w.port, resilience: w.venue.resilience, counts: w.counts, departures: [], commandMs: 5000, placeWaitMs: PLACE_WAIT_MS, rest: 'silent',
    reply: (how) => w.reply({ taken: 0, business: 110_007, limit: 10_006 }[how], { orderId: 'v' }),
    questions: () => w.transport.requests.filter((one) => one.path === '/v5/order/realtime').length,
    nowNs: () => w.time.nowNs(),
    session: () => session,
    run: (ms) => w.run(ms),
    cut: () => {
      if (up) session++
      up = false
      w.trade.drop()
    },
    advance: () => {
      const { trade } = w
      if (trade.closed || up) return
      if (!trade.isOpen) return trade.open()
      session++
      up = true
      trade.receive({ retCode: 0, retMsg: 'OK', op: 'auth', connId: 'c' })
    },
  }
  w.respond = () => (rig.rest === 'unreachable' ? UNREACHABLE : rig.rest === 'silent' ? null : rig.rest === 'bans' ? BANNED : { kind: 'response', status: 200, headers: {}, body: '{"retCode":0,"retMsg":"OK","result":{"orderId":"v"},"retExtInfo":{},"time":1}' })
  watch(rig, w.transport)
  w.up()
  session = 1
  return rig
}

export function okxRig(settings: Partial<OkxSettings> = {}): Rig {
  const w = new TradingWorld({ commandMs: 5000, placeWaitMs: PLACE_WAIT_MS, ...settings })
  let session = 0
  let up = true
  const rig: Rig = {
    name: 'okx', order: OKX_ORDER, port: w.port, resilience: w.venue.resilience, counts: w.counts, departures: [], commandMs: 5000, placeWaitMs: PLACE_WAIT_MS, rest: 'silent',
    reply: (how) => w.reply(item({ taken: '0', business: '51008', limit: '50011' }[how])),
    questions: () => w.transport.requests.filter((one) => one.method === 'GET' && one.path === '/api/v5/trade/order').length,
    nowNs: () => w.time.nowNs(),
    session: () => session,
    run: (ms) => w.run(ms),
    cut: () => {
      if (up) session++
      up = false
      w.socket.drop()
    },
    advance: () => {
      const { socket } = w
      if (socket.closed || up) return
      if (!socket.isOpen) return socket.open()
      if (socket.ops('subscribe').length === 0) return socket.receive({ event: 'login', code: '0', msg: '', connId: 'c' })
      session++
      up = true
      w.subscribe()
    },
  }
  const taken = { kind: 'response', status: 200, headers: {}, body: '{"code":"0","msg":"","data":[{"ordId":"v","clOrdId":"","sCode":"0","sMsg":""}]}' } as const
  w.respond = () => (rig.rest === 'unreachable' ? UNREACHABLE : rig.rest === 'silent' ? null : rig.rest === 'bans' ? BANNED : taken)
  watch(rig, w.transport)
  w.up()
  session = 1
  return rig
}

export const RIGS = [['bybit', bybitRig], ['okx', okxRig]] as const
