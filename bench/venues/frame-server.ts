/**
 * Process: speaks enough of Bybit V5 public linear to be subscribed by our adapter and by stock clients, and sends the
 * frames of a script at a commanded rate, the symbols in turn. Every subscriber of a book gets the script of its symbol
 * from its first frame on. Frames are framed beforehand: what is sent costs one write to the socket.
 * Argument: a `ScriptShape` in JSON. Its parent talks to it by messages.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Instrument } from '../../src/core/index.ts'
import { type ScriptShape, venueScript } from './script.ts'

/** Of all symbols together; the answer to `stop` comes when it has stopped. */
export type ToServer = { readonly type: 'rate'; readonly framesPerS: number } | { readonly type: 'stop' } | { readonly type: 'finish' }
export type FromServer =
  | { readonly type: 'listening'; readonly port: number }
  /** How many frames a subscriber of everything was sent since the rate was set, and how many were due. */
  | { readonly type: 'stopped'; readonly sent: number; readonly due: number }

interface Subscriber {
  readonly socket: Duplex
  next: number
}

const TICK_MS = 1
const script = venueScript(JSON.parse(process.argv[2]!) as ScriptShape)
const framed = script.map(({ frames }) => frames.map(textFrame))
const subscribers: Subscriber[][] = script.map(() => [])

/** A text message of a server, which does not mask. */
function textFrame(payload: Buffer): Buffer {
  const { length } = payload
  const head = length < 126 ? Buffer.from([0x81, length]) : Buffer.alloc(4)
  if (length >= 126) {
    head[0] = 0x81
    head[1] = 126
    head.writeUInt16BE(length, 2)
  }
  return Buffer.concat([head, payload])
}

function send(symbol: number, subscriber: Subscriber): void {
  const frames = framed[symbol]!
  subscriber.socket.write(frames[subscriber.next]!)
  subscriber.next = subscriber.next + 1 === frames.length ? 0 : subscriber.next + 1
}

let framesPerS = 0
let startMs = 0
let sent = 0
let turn = 0
let timer: NodeJS.Timeout | null = null

const due = (): number => Math.floor(((performance.now() - startMs) / 1000) * framesPerS)

function pace(): void {
  for (const until = due(); sent < until; sent++) {
    for (const subscriber of subscribers[turn]!) send(turn, subscriber)
    turn = turn + 1 === subscribers.length ? 0 : turn + 1
  }
}

function stop(): void {
  if (timer !== null) clearInterval(timer)
  timer = null
}

process.on('message', (message: ToServer) => {
  if (message.type === 'rate') {
    stop()
    framesPerS = message.framesPerS
    sent = 0
    startMs = performance.now()
    timer = setInterval(pace, TICK_MS)
    return
  }
  const missed = due()
  stop()
  // The rest of every script: all subscribers end with the same book.
  if (message.type === 'finish') for (const [symbol, all] of subscribers.entries()) for (const one of all) while (one.next !== 0) send(symbol, one)
  tell({ type: 'stopped', sent, due: missed })
})

const tell = (message: FromServer): void => void process.send!(message)

const row = ({ symbol, baseCoin, quoteCoin, tick, lot }: Instrument): unknown => ({
  symbol, contractType: 'LinearPerpetual', status: 'Trading', baseCoin, quoteCoin, settleCoin: quoteCoin, launchTime: '1584230400000', deliveryTime: '0', deliveryFeeRate: '', priceScale: '2',
  leverageFilter: { minLeverage: '1', maxLeverage: '100.00', leverageStep: '0.01' }, priceFilter: { minPrice: tick.text, maxPrice: '1999999.80', tickSize: tick.text },
  lotSizeFilter: { maxOrderQty: '1190.000', minOrderQty: lot.text, qtyStep: lot.text, postOnlyMaxOrderQty: '1190.000', maxMktOrderQty: '500.000', minNotionalValue: '5' },
  unifiedMarginTrade: true, fundingInterval: 480, copyTrading: 'none', upperFundingRate: '0.00375', lowerFundingRate: '-0.00375', isPreListing: false, preListingInfo: null,
})

const http = createServer((request, response) => {
  const { searchParams } = new URL(request.url!, 'http://here.invalid')
  const list = searchParams.get('status') === 'PreLaunch' ? [] : script.map(({ instrument }) => row(instrument))
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ retCode: 0, retMsg: 'OK', result: { category: 'linear', list, nextPageCursor: '' }, retExtInfo: {}, time: Date.now() }))
})
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
http.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.on('close', () => {
      for (const [symbol, all] of subscribers.entries()) subscribers[symbol] = all.filter((one) => one.socket !== socket)
    })
    client.on('message', (data) => {
      const { op, req_id: requestId, args = [] } = JSON.parse((data as Buffer).toString()) as { op: string; req_id?: string; args?: string[] }
      client.send(JSON.stringify({ success: true, ret_msg: op === 'ping' ? 'pong' : '', conn_id: 'frame-server', req_id: requestId, op }))
      if (op !== 'subscribe') return
      for (const topic of args) {
        const symbol = script.findIndex(({ instrument }) => topic.startsWith('orderbook.') && topic.endsWith(`.${instrument.symbol}`))
        if (symbol < 0) continue
        const subscriber: Subscriber = { socket, next: 0 }
        subscribers[symbol]!.push(subscriber)
        send(symbol, subscriber)
      }
    })
  })
})
http.listen(0, '127.0.0.1', () => tell({ type: 'listening', port: (http.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
