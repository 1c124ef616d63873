import type { HttpOutcome, HttpRequest } from '../../src/venues/index.ts'

/** What an engine asked the venue to do, read off the wire. */
export interface Command {
  readonly op: 'place' | 'amend' | 'cancel' | 'other'
  /** Name of the operation at the venue. */
  readonly name: string
  readonly over: 'socket' | 'rest'
  /** By which its answer over a socket is known; '' for a request. */
  readonly requestId: string
  /** '' where the command has none. */
  readonly clientId: string
  readonly symbol: string
  /** 0 buy, 1 sell, -1 not said. */
  readonly side: 0 | 1 | -1
  readonly priceText: string
  readonly sizeText: string
  readonly reduceOnly: boolean
  /** It closes what is held when it fires, whatever that is then: it has no size. */
  readonly closesAll: boolean
  /** Trigger price of the stop-loss that it is, brings along or sets; '' for none. */
  readonly stopText: string
}

type Fields = Readonly<Record<string, unknown>>

const SOCKET_OPS: Readonly<Record<string, Command['op']>> = {
  'order.create': 'place', 'order.create-batch': 'place', 'order.amend': 'amend', 'order.cancel': 'cancel', 'order.cancel-batch': 'cancel',
  order: 'place', 'batch-orders': 'place', 'amend-order': 'amend', 'cancel-order': 'cancel', 'batch-cancel-orders': 'cancel',
}
const PATH_OPS: Readonly<Record<string, Command['op']>> = {
  '/v5/order/create': 'place', '/v5/order/create-batch': 'place', '/v5/order/amend': 'amend', '/v5/order/cancel': 'cancel', '/v5/order/cancel-batch': 'cancel',
  '/v5/order/cancel-all': 'other', '/v5/position/trading-stop': 'other', '/v5/position/set-leverage': 'other',
  '/api/v5/trade/order': 'place', '/api/v5/trade/batch-orders': 'place', '/api/v5/trade/amend-order': 'amend', '/api/v5/trade/cancel-order': 'cancel', '/api/v5/trade/cancel-batch-orders': 'cancel',
  '/api/v5/trade/order-algo': 'place', '/api/v5/trade/cancel-algos': 'cancel', '/api/v5/trade/amend-algos': 'amend',
}

/** The commands of a frame that left over a socket; none for logins, subscriptions and pings. @param codes symbols by the number that OKX frames name them with */
export function commandsOfFrame(frameText: string, codes: ReadonlyMap<number, string>): readonly Command[] {
  if (!frameText.includes('"op"')) return []
  const frame = JSON.parse(frameText) as Fields
  const name = String(frame['op'])
  const op = SOCKET_OPS[name]
  return op === undefined ? [] : commandsOf(op, name, 'socket', text(frame['reqId'] ?? frame['id']), frame['args'], codes)
}

/** The commands of a request; none for questions. */
export function commandsOfRequest({ method, url, body }: HttpRequest, codes: ReadonlyMap<number, string>): readonly Command[] {
  if (method !== 'POST' || body === null) return []
  const { pathname } = new URL(url)
  const op = PATH_OPS[pathname]
  return op === undefined ? [] : commandsOf(op, pathname, 'rest', '', JSON.parse(body) as unknown, codes)
}

function commandsOf(op: Command['op'], name: string, over: Command['over'], requestId: string, args: unknown, codes: ReadonlyMap<number, string>): readonly Command[] {
  const list = (Array.isArray(args) ? args : [args]) as readonly Fields[]
  // A batch of Bybit wraps its orders once more.
  return list.flatMap((one) => (Array.isArray(one['request']) ? (one['request'] as readonly Fields[]) : [one])).map((one) => ({
    op,
    name,
    over,
    requestId,
    clientId: text(one['orderLinkId'] ?? one['clOrdId'] ?? one['algoClOrdId']),
    symbol: symbolOf(one, codes),
    side: sideOf(one['side']),
    priceText: text(one['price'] ?? one['px']),
    sizeText: text(one['qty'] ?? one['sz']),
    reduceOnly: one['reduceOnly'] === true || one['reduceOnly'] === 'true',
    closesAll: one['closeFraction'] === '1',
    stopText: text(one['stopLoss'] ?? one['slTriggerPx'] ?? one['newSlTriggerPx'] ?? attached(one)),
  }))
}

/** Request id of an answer over a socket that says no; '' for everything else that a socket brings. */
export function refusedRequest(frameText: string): string {
  // Pushes of orders carry codes, too: only what answers a request has its id.
  if (!frameText.includes('"reqId":') && !frameText.includes('"id":')) return ''
  if (!frameText.includes('"retCode"') && !frameText.includes('"code"')) return ''
  let frame: Fields
  try {
    frame = JSON.parse(frameText) as Fields
  } catch {
    // It was cut on its way: the engine can read no more of it than we can.
    return ''
  }
  return saysNo(frame) ? text(frame['reqId'] ?? frame['id']) : ''
}

/** Whether an answer over REST says no: neither yes nor nothing at all. A server error proves nothing, but for the one that OKX words as "try again". */
export const isRefusal = (outcome: HttpOutcome): boolean => {
  if (outcome.kind !== 'response') return false
  if (outcome.status >= 500) return outcome.status === 503 && outcome.body.includes(`"code":"${OKX_UNAVAILABLE}"`)
  return outcome.status >= 400 || saysNo(JSON.parse(outcome.body) as Fields)
}

const OKX_UNAVAILABLE = '50001'

const saysNo = (answer: Fields): boolean => Number(answer['retCode'] ?? answer['code'] ?? 0) !== 0

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
const attached = (fields: Fields): unknown => (fields['attachAlgoOrds'] as readonly Fields[] | undefined)?.[0]?.['slTriggerPx']
const sideOf = (side: unknown): Command['side'] => (side === 'Buy' || side === 'buy' ? 0 : side === 'Sell' || side === 'sell' ? 1 : -1)

function symbolOf(fields: Fields, codes: ReadonlyMap<number, string>): string {
  if (typeof fields['symbol'] === 'string') return fields['symbol']
  if (typeof fields['instId'] === 'string') return fields['instId'].replace('-SWAP', '').replaceAll('-', '')
  const code = fields['instIdCode']
  return typeof code === 'number' ? (codes.get(code) ?? '') : ''
}
