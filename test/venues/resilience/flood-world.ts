import { BybitFront } from '../../../src/exchange/bybit/index.ts'
import { OkxFront } from '../../../src/exchange/okx/index.ts'
import { type BybitSettings, bybitUrlsAt, createBybitVenue, createOkxVenue, type OkxSettings, okxUrlsAt, type Transport } from '../../../src/venues/index.ts'
import { ExchangeWorld } from '../exchange-world.ts'
import { FrontTransport } from '../front-transport.ts'

/** What left for the front: the operation with its instrument ('address' for any REST request), and the orders in it. */
export interface Frame {
  readonly operation: string
  readonly atNs: number
  readonly orders: number
}

/** Limits of the venue itself (reference sheets), by operation: orders in any window of so many ms. */
export type VenueLimits = readonly { readonly of: RegExp; readonly count: number; readonly windowMs: number }[]

interface Options<S> {
  readonly settings?: Partial<S>
  /** Orders go by REST only. */
  readonly overRest?: boolean
}

const LATENCY = { requestMs: 3, replyMs: 2, pushMs: 4, marketMs: 1, jitterMs: 3 }
const ordersOf = (args: unknown): number => {
  const list = Array.isArray(args) ? (args as readonly { request?: unknown }[]) : [args as { request?: unknown }]
  return Array.isArray(list[0]?.request) ? list[0].request.length : list.length
}

function watched(inner: Transport, frames: Frame[], nowNs: () => number, nameOf: (op: string, args: unknown) => string): Transport {
  return {
    socket: (url, handlers) => {
      const socket = inner.socket(url, handlers)
      return {
        ...socket,
        send: (text) => {
          const left = socket.send(text)
          const frame = text.startsWith('{') ? (JSON.parse(text) as { op?: string; args?: unknown }) : {}
          if (left && /order/.test(frame.op ?? '')) frames.push({ operation: nameOf(frame.op!, frame.args), atNs: nowNs(), orders: ordersOf(frame.args) })
          return left
        },
      }
    },
    request: (request, done) => {
      const { pathname } = new URL(request.url)
      frames.push({ operation: 'address', atNs: nowNs(), orders: 1 })
      if (request.method === 'POST' && /order/.test(pathname)) frames.push({ operation: nameOf(pathname, JSON.parse(request.body!)), atNs: nowNs(), orders: ordersOf(JSON.parse(request.body!)) })
      inner.request(request, done)
    },
  }
}

/** A built-in exchange with an adapter whose every departure is written down. */
export interface FloodWorld {
  readonly world: ExchangeWorld<BybitFront | OkxFront>
  readonly frames: Frame[]
  readonly limits: VenueLimits
}

export function bybitFlood({ settings, overRest }: Options<BybitSettings> = {}): FloodWorld {
  const frames: Frame[] = []
  const world = new ExchangeWorld<BybitFront | OkxFront>((stage) => {
    const front = new BybitFront({ ...stage.front, keys: [{ apiKey: 'k', secret: 's', account: 'main' }], shuffleTopics: true, latency: { ...LATENCY, historyMs: 500 } })
    const transport = watched(new FrontTransport(front, stage.venue.timers), frames, () => stage.venue.clock.nowNs(), (op) => op.replace('/v5/order/', 'order.'))
    const urls = bybitUrlsAt('venue', 1)
    return { front, venue: createBybitVenue({ ...stage.venue, transport, urls: overRest === true ? { ...urls, trade: null } : urls, credentials: { key: 'k', secret: 's' }, ...(settings === undefined ? {} : { settings }) }) }
  })
  return { world, frames, limits: [{ of: /^order\./, count: 10, windowMs: 1000 }, { of: /^address$/, count: 600, windowMs: 5000 }] }
}

export function okxFlood({ settings, overRest }: Options<OkxSettings> = {}): FloodWorld {
  const frames: Frame[] = []
  const world = new ExchangeWorld<BybitFront | OkxFront>((stage) => {
    const front = new OkxFront({ ...stage.front, keys: [{ apiKey: 'k', secret: 's', passphrase: 'p', account: 'main' }], latency: { ...LATENCY, historyMs: 0 } })
    const transport = watched(new FrontTransport(front, stage.venue.timers), frames, () => stage.venue.clock.nowNs(), (op) => op.replace('/api/v5/trade/', ''))
    return { front, venue: createOkxVenue({ ...stage.venue, transport, urls: okxUrlsAt('venue', 1), credentials: { key: 'k', secret: 's', passphrase: 'p' }, settings: { ordersOverSocket: overRest !== true, ...settings } }) }
  })
  return { world, frames, limits: [{ of: /^(?:order|amend-order|cancel-order)$/, count: 60, windowMs: 2000 }, { of: /^(?:batch-orders|batch-cancel-orders|cancel-batch-orders)$/, count: 300, windowMs: 2000 }] }
}

/** The most orders of one operation in any window of the venue, and what it allows. */
export function fullest({ frames, limits }: FloodWorld): { readonly operation: string; readonly most: number; readonly allowed: number }[] {
  const found: { readonly operation: string; readonly most: number; readonly allowed: number }[] = []
  for (const operation of new Set(frames.map((one) => one.operation))) {
    const limit = limits.find((one) => one.of.test(operation))
    if (limit === undefined) continue
    const own = frames.filter((one) => one.operation === operation)
    let most = 0
    for (let first = 0, last = 0, sum = 0; last < own.length; last++) {
      sum += own[last]!.orders
      while (own[last]!.atNs - own[first]!.atNs >= limit.windowMs * 1e6) sum -= own[first++]!.orders
      most = Math.max(most, sum)
    }
    found.push({ operation, most, allowed: limit.count })
  }
  return found
}
