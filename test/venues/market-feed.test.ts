import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, errorLabel, Random, VirtualTime } from '../../src/core/index.ts'
import { BYBIT_DEFAULTS, type BybitSettings, bybitUrlsAt, createBybitVenue, type MarketFeed, type MarketHandler } from '../../src/venues/index.ts'
import { FakeTransport, type FakeSocket } from './fake-transport.ts'
import { BTC } from './fixtures.ts'

const book = (u: number, type = 'delta', b: unknown[] = [['30000.0', '1']]): unknown => ({ topic: 'orderbook.50.BTCUSDT', type, ts: 1000 + u, data: { s: 'BTCUSDT', b, a: [['30001.0', '2']], u, seq: 10 * u }, cts: 999 + u })
const trade = { topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 5, data: [{ T: 4, s: 'BTCUSDT', S: 'Buy', v: '0.002', p: '30000.5', i: 'id-7' }] }

class Recorder implements MarketHandler {
  readonly log: string[] = []
  onBookHook: (() => void) | null = null
  onBook(update: { snapshot: boolean; updateId: number }): void {
    this.log.push(`${update.snapshot ? 'snapshot' : 'delta'} ${update.updateId}`)
    this.onBookHook?.()
  }
  onTrades(batch: { count: number; ids: readonly string[] }): void {
    this.log.push(`trades ${batch.ids.slice(0, batch.count).join(',')}`)
  }
  onTicker(ticker: { lastPrice: number }): void {
    this.log.push(`ticker ${ticker.lastPrice}`)
  }
  onLiquidation(liquidation: { side: number; priceTicks: number; lots: number }): void {
    this.log.push(`liquidation ${liquidation.side === BUY ? 'buy' : 'sell'} ${liquidation.lots}@${liquidation.priceTicks}`)
  }
  onPriceLimits(limits: { lowestSellTicks: number; highestBuyTicks: number }): void {
    this.log.push(`limits ${limits.lowestSellTicks}..${limits.highestBuyTicks}`)
  }
  onFunding(funding: { rate: number; settleMs: number; intervalMs: number }): void {
    this.log.push(`funding ${funding.rate} at ${funding.settleMs} every ${funding.intervalMs}`)
  }
  onInstrument(state: { status: string }): void {
    this.log.push(`instrument ${state.status}`)
  }
  onKline(kline: { startMs: number; closed: boolean }): void {
    this.log.push(`kline ${kline.startMs} ${kline.closed}`)
  }
  onFeed(state: string, reason: string): void {
    this.log.push(`${state}${reason === '' ? '' : `: ${reason}`}`)
  }
  onBadFrame(error: unknown): void {
    this.log.push(`bad ${errorLabel(error)}`)
  }
  take(): string[] {
    return this.log.splice(0)
  }
}

class World {
  readonly time = new VirtualTime(1_700_000_000_000)
  readonly transport = new FakeTransport(this.time)
  readonly counts = new Map<string, number>()
  readonly handler = new Recorder()
  readonly feed: MarketFeed

  constructor(settings: Partial<BybitSettings> = {}) {
    const count = (name: string, label = '', by = 1): void => void this.counts.set(label === '' ? name : `${name}/${label}`, (this.counts.get(label === '' ? name : `${name}/${label}`) ?? 0) + by)
    this.feed = createBybitVenue({ transport: this.transport, clock: this.time, timers: this.time, random: new Random(1), urls: bybitUrlsAt('venue', 1), credentials: null, settings, count }).feed(BTC)
  }

  get socket(): FakeSocket {
    return this.transport.last('/v5/public/linear')
  }

  get connections(): number {
    return this.transport.count('/v5/public/linear')
  }

  /** Acknowledges everything not acknowledged yet. */
  ack(success = true, withId = true): void {
    const socket = this.socket
    for (const frame of socket.sent.splice(0)) if (frame['op'] !== 'ping') socket.receive({ success, ret_msg: success ? '' : 'error:handler not found', conn_id: 'c', req_id: withId ? frame['req_id'] : '', op: frame['op'] })
  }

  /** Connects, subscribes, and delivers a first snapshot. */
  live(): void {
    this.feed.start(this.handler)
    this.socket.open()
    this.ack()
    this.socket.receive(book(100, 'snapshot'))
    this.handler.take()
  }

  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }

  /** Runs while the venue answers pings and sends something, so that no watchdog wakes. */
  runAlive(ms: number, u = { next: 0 }): void {
    for (let t = 0; t < ms; t += 1000) {
      if (u.next > 0) this.socket.receive(book(u.next++))
      else this.socket.receive(trade)
      this.run(1000)
    }
  }
}

describe('subscription', () => {
  it('asks in small groups and is live only when all are acknowledged and a snapshot is there', () => {
    const w = new World()
    w.feed.start(w.handler)
    expect(w.handler.take()).toEqual(['connecting: attempt 1'])
    w.socket.open()
    expect(w.socket.sent.map((frame) => frame['args'])).toEqual([['orderbook.50.BTCUSDT'], ['publicTrade.BTCUSDT', 'tickers.BTCUSDT'], ['kline.1.BTCUSDT'], ['allLiquidation.BTCUSDT'], ['priceLimit.BTCUSDT']])
    expect(new Set(w.socket.sent.map((frame) => frame['req_id'])).size).toBe(5)
    w.ack()
    expect(w.handler.take()).toEqual(['subscribing'])
    w.socket.receive(book(5, 'snapshot'))
    w.socket.receive(book(6))
    expect(w.handler.take()).toEqual(['live', 'snapshot 5', 'delta 6'])
  })

  it('is live also when the snapshot comes before the acknowledgements', () => {
    const w = new World()
    w.feed.start(w.handler)
    w.socket.open()
    w.socket.receive(book(5, 'snapshot'))
    w.ack()
    expect(w.handler.take()).toEqual(['connecting: attempt 1', 'subscribing', 'snapshot 5', 'live'])
  })

  it('passes trades, tickers and candles on, empty trade frames not', () => {
    const w = new World()
    w.live()
    w.socket.receive(trade)
    w.socket.receive({ ...trade, data: [] })
    w.socket.receive({ topic: 'tickers.BTCUSDT', type: 'snapshot', ts: 1, data: { symbol: 'BTCUSDT', lastPrice: '30000.5' }, cs: 1 })
    w.socket.receive({ topic: 'kline.1.BTCUSDT', type: 'snapshot', ts: 1, data: [{ start: 60000, end: 119999, interval: '1', open: '5', close: '5', high: '5', low: '5', volume: '1', turnover: '5', confirm: true, timestamp: 1 }] })
    expect(w.handler.take()).toEqual(['trades id-7', 'ticker 30000.5', 'kline 60000 true'])
  })

  it('a refused subscription is told with its topics and tried again with back-off, also when the refusal has no request id', () => {
    for (const withId of [true, false]) {
      const w = new World()
      w.feed.start(w.handler)
      w.socket.open()
      w.ack(false, withId)
      const log = w.handler.take()
      expect(log.slice(0, 3)).toEqual(['connecting: attempt 1', 'subscribing', 'bad RM_VENUE_SUBSCRIBE'])
      expect(log[3]).toContain('orderbook.50.BTCUSDT')
      expect(w.connections).toBe(1)
      w.run(1000)
      expect(w.connections).toBe(2)
    }
  })

  it('an unanswered subscription cuts the connection', () => {
    const w = new World()
    w.feed.start(w.handler)
    w.socket.open()
    for (let i = 0; i < 6; i++) {
      w.socket.receive(trade)
      w.run(900)
    }
    expect(w.handler.log).toContain('down: subscription not complete after 5000 ms')
  })
})

describe('topics that a feed can be live without', () => {
  /** Answers every request: those whose topic matches are refused, with or without their id. */
  const answerAll = (w: World, refused: RegExp, withId = true): void => {
    for (const frame of w.socket.sent.splice(0)) {
      const topic = (frame['args'] as string[])[0]!
      const good = !refused.test(topic)
      w.socket.receive({ success: good, ret_msg: good ? '' : `error:handler not found,topic:${topic}`, conn_id: 'c', req_id: good || withId ? frame['req_id'] : '', op: frame['op'] })
    }
  }

  it.each([true, false])('refused (request id in the answer: %s), each is told once, counted, and left out; the feed is live', (withId) => {
    const w = new World({ klineIntervals: ['1', '5'] })
    w.feed.start(w.handler)
    w.socket.open()
    answerAll(w, /kline\.5|allLiquidation|priceLimit/, withId)
    w.socket.receive(book(5, 'snapshot'))
    expect(w.handler.take()).toEqual(['connecting: attempt 1', 'subscribing', 'bad RM_VENUE_TOPIC_LEFT_OUT', 'bad RM_VENUE_TOPIC_LEFT_OUT', 'bad RM_VENUE_TOPIC_LEFT_OUT', 'live', 'snapshot 5'])
    w.socket.drop()
    w.run(1000)
    w.socket.open()
    answerAll(w, /kline\.5|allLiquidation/, withId)
    w.socket.receive(book(5, 'snapshot'))
    expect(w.handler.take().filter((line) => line.startsWith('bad'))).toEqual([])
    expect([w.counts.get('bybit_topic_left_out/kline.5.BTCUSDT'), w.counts.get('bybit_topic_left_out/priceLimit.BTCUSDT')]).toEqual([2, 1])
    expect(w.connections).toBe(2)
  })

  it('unanswered, they do not hold the feed up, and are left out after a while', () => {
    const w = new World()
    w.feed.start(w.handler)
    w.socket.open()
    for (const frame of w.socket.sent.splice(0, 3)) w.socket.receive({ success: true, ret_msg: '', conn_id: 'c', req_id: frame['req_id'], op: 'subscribe' })
    w.socket.receive(book(5, 'snapshot'))
    expect(w.handler.take().at(-2)).toBe('live')
    w.runAlive(6000, { next: 6 })
    expect(w.handler.take().filter((line) => !line.startsWith('delta'))).toEqual(['bad RM_VENUE_TOPIC_LEFT_OUT', 'bad RM_VENUE_TOPIC_LEFT_OUT'])
    expect(w.connections).toBe(1)
  })

  it('are not asked for where the settings leave them out', () => {
    const w = new World({ klineIntervals: [], liquidations: false, priceLimits: false })
    w.feed.start(w.handler)
    w.socket.open()
    expect(w.socket.sent).toHaveLength(2)
  })

  it('a refused ticker or trade topic is not one of them', () => {
    const w = new World()
    w.feed.start(w.handler)
    w.socket.open()
    answerAll(w, /publicTrade/)
    expect(w.handler.log.some((line) => line.startsWith('down: RM_VENUE_SUBSCRIBE') || line.startsWith('down: venue refused'))).toBe(true)
  })

  it('liquidations, price band and funding arrive; funding only when it changed', () => {
    const w = new World()
    w.live()
    w.socket.receive({ topic: 'allLiquidation.BTCUSDT', type: 'snapshot', ts: 5, data: [{ T: 4, s: 'BTCUSDT', S: 'Buy', v: '0.002', p: '30000' }, { T: 4, s: 'BTCUSDT', S: 'Sell', v: '0.003', p: '30001' }] })
    w.socket.receive({ topic: 'priceLimit.BTCUSDT', ts: 5, data: { symbol: 'BTCUSDT', buyLmt: '30100', sellLmt: '29900' } })
    // A long that is liquidated is sold.
    expect(w.handler.take()).toEqual(['liquidation sell 2@300000', 'liquidation buy 3@300010', 'limits 299000..301000'])
    const ticker = (type: string, data: Record<string, string>): void => w.socket.receive({ topic: 'tickers.BTCUSDT', type, ts: 9, data: { symbol: 'BTCUSDT', ...data }, cs: 1 })
    const funding = (): string[] => w.handler.take().filter((line) => line.startsWith('funding'))
    ticker('snapshot', { lastPrice: '1', fundingRate: '0.0001', nextFundingTime: '28800000', fundingIntervalHour: '8' })
    expect(funding()).toEqual(['funding 0.0001 at 28800000 every 28800000'])
    ticker('delta', { lastPrice: '2' })
    ticker('delta', { fundingRate: '0.0001' })
    expect(funding()).toEqual([])
    ticker('delta', { fundingRate: '-0.0002' })
    ticker('delta', { nextFundingTime: '57600000' })
    ticker('delta', { fundingIntervalHour: '4' })
    expect(funding()).toEqual(['funding -0.0002 at 28800000 every 28800000', 'funding -0.0002 at 57600000 every 28800000', 'funding -0.0002 at 57600000 every 14400000'])
    w.socket.drop()
    w.run(1000)
    w.socket.open()
    ticker('delta', { fundingRate: '0.5' })
    expect(funding()).toEqual([])
    ticker('snapshot', { fundingRate: '-0.0002', nextFundingTime: '57600000', fundingIntervalHour: '4' })
    expect(funding()).toEqual([])
  })
})

describe('every depth of the book', () => {
  const at = (depth: number, u: number, type: string): unknown => {
    const frame = book(u, type) as Record<string, unknown>
    return { ...frame, topic: `orderbook.${depth}.BTCUSDT` }
  }

  it.each([50, 200, 1000] as const)('depth %i: snapshot, deltas in a row, a gap rebuilds', (bookDepth) => {
    const w = new World({ bookDepth })
    w.feed.start(w.handler)
    w.socket.open()
    w.ack()
    for (const [u, type] of [[5, 'snapshot'], [6, 'delta'], [8, 'delta']] as const) w.socket.receive(at(bookDepth, u, type))
    expect(w.handler.take().slice(2)).toEqual(['live', 'snapshot 5', 'delta 6', `down: gap in orderbook.${bookDepth}.BTCUSDT: update 8 after 6`, `subscribing: resync: gap in orderbook.${bookDepth}.BTCUSDT: update 8 after 6`])
  })

  it('depth 1: every message is a whole book, repeats are signs of life, and deltas of old recordings still chain', () => {
    const w = new World({ bookDepth: 1 })
    w.feed.start(w.handler)
    w.socket.open()
    w.ack()
    w.handler.take()
    for (const [u, type] of [[5, 'snapshot'], [9, 'snapshot'], [9, 'snapshot'], [10, 'delta'], [10, 'delta'], [30, 'snapshot']] as const) w.socket.receive(at(1, u, type))
    expect(w.handler.take()).toEqual(['live', 'snapshot 5', 'snapshot 9', 'snapshot 9', 'delta 10', 'snapshot 30'])
    for (let i = 0; i < 12; i++) {
      w.run(3000)
      w.socket.receive(at(1, 30, 'snapshot'))
    }
    expect(w.handler.take().filter((line) => line.startsWith('down'))).toEqual([])
  })

  it('property: whatever arrives, what is delivered between two rebuilds is a snapshot and its unbroken chain', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean()), { maxLength: 60 }), (messages) => {
      const w = new World({ resyncMax: 1000 })
      w.feed.start(w.handler)
      w.socket.open()
      w.ack()
      for (const [u, snapshot] of messages) {
        w.socket.receive(book(u, snapshot ? 'snapshot' : 'delta'))
        w.ack()
        w.ack()
      }
      let last = Number.NaN
      for (const line of w.handler.log) {
        const [word, u] = line.split(' ') as [string, string]
        if (word.startsWith('down')) last = Number.NaN
        else if (word === 'delta') expect(Number(u)).toBe(last + 1)
        if (word === 'snapshot' || word === 'delta') last = Number(u)
      }
    }), { numRuns: 200 })
  })
})

describe('continuity of the book', () => {
  it('tells the gap before it does anything, takes the subscription again, and delivers nothing of the book in between', () => {
    const w = new World()
    w.live()
    w.socket.receive(book(101))
    w.socket.receive(book(103))
    expect(w.handler.take()).toEqual(['delta 101', 'down: gap in orderbook.50.BTCUSDT: update 103 after 101', 'subscribing: resync: gap in orderbook.50.BTCUSDT: update 103 after 101'])
    expect(w.socket.sent.map((frame) => [frame['op'], frame['args']])).toEqual([['unsubscribe', ['orderbook.50.BTCUSDT']]])
    w.socket.receive(book(104))
    w.socket.receive(trade)
    expect(w.handler.take()).toEqual(['trades id-7'])
    w.ack()
    expect(w.socket.sent.map((frame) => [frame['op'], frame['args']])).toEqual([['subscribe', ['orderbook.50.BTCUSDT']]])
    w.ack()
    w.socket.receive(book(105))
    w.socket.receive(book(200, 'snapshot'))
    w.socket.receive(book(201))
    expect(w.handler.take()).toEqual(['live', 'snapshot 200', 'delta 201'])
    expect(w.connections).toBe(1)
  })

  it('ignores old and repeated deltas', () => {
    const w = new World()
    w.live()
    for (const u of [100, 99, 101, 101, 100, 102]) w.socket.receive(book(u))
    expect(w.handler.take()).toEqual(['delta 101', 'delta 102'])
    expect(w.counts.get('bybit_book_delta_old')).toBe(4)
  })

  it('a snapshot at any time and update id 1 replace the book', () => {
    const w = new World()
    w.live()
    w.socket.receive(book(50, 'snapshot'))
    w.socket.receive(book(51))
    w.socket.receive(book(1))
    w.socket.receive(book(2))
    expect(w.handler.take()).toEqual(['snapshot 50', 'delta 51', 'snapshot 1', 'delta 2'])
  })

  it('a bad book frame is refused whole and shows as a gap with the next one', () => {
    const w = new World()
    w.live()
    w.socket.receive(book(101, 'delta', [['30000.0', '1'], ['30000.05', '1']]))
    w.socket.receive(book(102))
    expect(w.handler.take().map((line) => line.split(':')[0])).toEqual(['bad RM_VENUE_FRAME_FIELD', 'down', 'subscribing'])
  })

  it('a storm of resync wishes makes one resubscription', () => {
    const w = new World()
    w.live()
    for (let i = 0; i < 20; i++) w.feed.resync('crossed')
    w.socket.receive(book(150))
    expect(w.socket.ops('unsubscribe')).toHaveLength(1)
    expect(w.counts.get('bybit_resync_suppressed')).toBe(19)
  })

  it('a wish from inside onBook, before all acknowledgements are in, is not forgotten', () => {
    const w = new World()
    w.handler.onBookHook = () => {
      w.handler.onBookHook = null
      w.feed.resync('crossed by 3')
    }
    w.feed.start(w.handler)
    w.socket.open()
    w.socket.receive(book(5, 'snapshot'))
    expect(w.socket.ops('unsubscribe')).toHaveLength(0)
    w.ack()
    expect(w.socket.ops('unsubscribe')).toHaveLength(1)
    expect(w.handler.log).toContain('down: crossed by 3')
    expect(w.handler.log).not.toContain('live')
  })

  it('too many resyncs in a while cut the connection instead', () => {
    const w = new World()
    w.live()
    for (let i = 0; i < BYBIT_DEFAULTS.resyncMax; i++) {
      w.feed.resync('crossed')
      w.ack()
      w.ack()
      w.socket.receive(book(1000 + i, 'snapshot'))
    }
    expect(w.connections).toBe(1)
    w.feed.resync('crossed')
    w.run(1000)
    expect(w.connections).toBe(2)
  })

  it('a resync that is not answered cuts the connection', () => {
    const w = new World()
    w.live()
    w.feed.resync('audit')
    w.runAlive(6000)
    expect(w.handler.log).toContain('down: resync not complete after 5000 ms')
    expect(w.connections).toBeGreaterThan(1)
  })
})

describe('connection', () => {
  it('reconnects with growing back-off and jitter, and does not lose a delta over it: nothing of the book before a new snapshot', () => {
    const w = new World()
    w.live()
    const gaps: number[] = []
    for (let i = 0; i < 6; i++) {
      const before = w.time.nowNs()
      const connections = w.connections
      w.socket.drop(1006, 'gone')
      while (w.connections === connections) w.time.step()
      gaps.push((w.time.nowNs() - before) / 1e6)
    }
    gaps.forEach((gap, i) => {
      const ceiling = BYBIT_DEFAULTS.publicLink.backoffMinMs * 2 ** i
      expect(gap).toBeGreaterThanOrEqual(ceiling / 2)
      expect(gap).toBeLessThanOrEqual(ceiling)
    })
    expect(w.handler.take().filter((line) => line.startsWith('down'))).toEqual(Array.from({ length: 6 }, () => 'down: closed by the other side: 1006 gone'))
    w.socket.open()
    w.ack()
    w.socket.receive(book(101))
    w.socket.receive(book(102))
    expect(w.handler.take()).toEqual(['subscribing'])
    w.socket.receive(book(300, 'snapshot'))
    expect(w.handler.take()).toEqual(['live', 'snapshot 300'])
  })

  it('does not merge a ticker delta of a new connection into values of the old one', () => {
    const w = new World()
    w.live()
    w.socket.receive({ topic: 'tickers.BTCUSDT', type: 'snapshot', ts: 1, data: { symbol: 'BTCUSDT', lastPrice: '30000.5' }, cs: 1 })
    w.socket.drop()
    w.run(1000)
    w.socket.open()
    w.handler.take()
    w.socket.receive({ topic: 'tickers.BTCUSDT', type: 'delta', ts: 2, data: { symbol: 'BTCUSDT', markPrice: '1' }, cs: 2 })
    expect(w.handler.take()).toEqual(['ticker NaN'])
  })

  it('starts the back-off over after a session that lasted', () => {
    const w = new World()
    w.live()
    for (let i = 0; i < 4; i++) {
      w.socket.drop()
      w.run(10_000)
    }
    w.socket.open()
    w.ack()
    w.socket.receive(book(1, 'snapshot'))
    w.runAlive(35_000, { next: 2 })
    const connections = w.connections
    w.socket.drop()
    w.run(BYBIT_DEFAULTS.publicLink.backoffMinMs)
    expect(w.connections).toBe(connections + 1)
  })

  it('pings every 20 s and after half the silence, and cuts a silent connection', () => {
    const w = new World({ bookSilentMs: 1e6 })
    w.live()
    w.socket.sent.splice(0)
    w.runAlive(20_001)
    expect(w.socket.ops('ping')).toHaveLength(1)
    const silent = w.socket
    w.run(6500)
    expect(silent.ops('ping')).toHaveLength(2)
    silent.receive({ success: true, ret_msg: 'pong', conn_id: 'c', req_id: 'x', op: 'ping' })
    w.run(9000)
    expect(silent.closed).toBe(false)
    w.run(3000)
    expect(silent.closed).toBe(true)
    expect(w.handler.log.some((line) => line.startsWith('down: no frame for '))).toBe(true)
  })

  it('a connection that never opens is given up', () => {
    const w = new World()
    w.feed.start(w.handler)
    w.run(11_000)
    expect(w.handler.log).toContain('down: not open after 10000 ms')
    expect(w.connections).toBe(2)
  })

  it('a live socket whose book went silent takes the book subscription again', () => {
    const w = new World()
    w.live()
    w.runAlive(20_000)
    expect(w.handler.log.some((line) => line.startsWith('down: no message of orderbook.50.BTCUSDT'))).toBe(true)
  })

  it('frames of a cut connection do not arrive any more', () => {
    const w = new World()
    w.live()
    const old = w.socket
    w.feed.reconnect('asked for')
    old.receive(book(101))
    expect(w.handler.take()).toEqual(['down: asked for'])
  })

  it('pause stops the socket, survives a reconnect, and is not taken for silence', () => {
    const w = new World()
    w.live()
    w.feed.pause()
    expect(w.socket.paused).toBe(true)
    w.run(60_000)
    expect(w.connections).toBe(1)
    w.socket.drop()
    w.run(1000)
    expect(w.connections).toBe(2)
    expect(w.socket.paused).toBe(true)
    w.socket.open()
    w.run(30_000)
    expect(w.connections).toBe(2)
    w.feed.resume()
    expect(w.socket.paused).toBe(false)
    w.ack()
    w.socket.receive(book(7, 'snapshot'))
    expect(w.handler.log.at(-1)).toBe('snapshot 7')
  })

  it('stop ends everything: no timer, no connection, no call', () => {
    const w = new World()
    w.live()
    const socket = w.socket
    w.feed.stop()
    socket.receive(book(101))
    w.run(120_000)
    expect(w.connections).toBe(1)
    expect(w.handler.take()).toEqual([])
    expect(w.time.pending).toBe(0)
  })

  it('stop during the back-off leaves no connection behind', () => {
    const w = new World()
    w.live()
    w.socket.drop()
    w.feed.stop()
    w.run(60_000)
    expect(w.connections).toBe(1)
  })
})

describe('bad frames and exceptions', () => {
  it('reports a bad frame with its excerpt and goes on', () => {
    const w = new World()
    w.live()
    w.socket.receive('{"topic":"orderbook.50.BTC')
    w.socket.receive('nonsense')
    w.socket.receive(book(101))
    expect(w.handler.take()).toEqual(['bad RM_VENUE_FRAME_JSON', 'bad RM_VENUE_FRAME_JSON', 'delta 101'])
  })

  it('an exception of the handler is the handler\'s, not a bad frame', () => {
    const w = new World()
    w.live()
    w.handler.onBookHook = () => {
      throw new Error('mine')
    }
    expect(() => w.socket.receive(book(101))).toThrow('mine')
    expect(w.handler.take()).toEqual(['delta 101'])
  })

  it('the same input gives the same run', () => {
    const runs = [0, 1].map(() => {
      const w = new World()
      w.live()
      for (let i = 0; i < 5; i++) {
        w.socket.drop()
        w.run(3000)
        w.socket.open()
        w.ack()
        w.socket.receive(book(i * 10 + 2, 'snapshot'))
      }
      return [w.handler.take(), w.time.nowNs()]
    })
    expect(runs[0]).toEqual(runs[1])
  })
})

it('refuses settings that cannot work', () => {
  const create = (settings: Partial<BybitSettings>): string => {
    try {
      new World(settings)
      return 'created'
    } catch (error) {
      return errorLabel(error)
    }
  }
  expect(create({ klineIntervals: ['7'] })).toBe('RM_VENUE_SETTING')
  expect(create({ ackMs: 0 })).toBe('RM_VENUE_SETTING')
  expect(create({ commandMs: Number.NaN })).toBe('RM_VENUE_SETTING')
  expect(create({ publicLink: { ...BYBIT_DEFAULTS.publicLink, backoffMaxMs: 1 } })).toBe('RM_VENUE_SETTING')
  expect(create({ bookDepth: 500 as unknown as 50 })).toBe('RM_VENUE_SETTING')
  expect(create({ instrumentsMs: -1 })).toBe('RM_VENUE_SETTING')
  expect(create({ tradePerSecond: 1.5 })).toBe('RM_VENUE_SETTING')
})
