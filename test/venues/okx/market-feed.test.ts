import { describe, expect, it } from 'vitest'
import { errorLabel, type Instrument } from '../../../src/core/index.ts'
import type { FundingEstimate, InstrumentState, Kline, Liquidation, MarketFeed, MarketHandler, OkxCredentials, OkxSettings, PriceLimits } from '../../../src/venues/index.ts'
import type { FakeSocket } from '../fake-transport.ts'
import { BTC, CREDENTIALS, fixture, fixturesPresent, http, ok, OkxWorld, refused, type Row, swap, WALL_MS } from './okx-world.ts'

const arg = (channel: string): Row => ({ channel, instId: 'BTC-USDT-SWAP' })
const book = (prevSeqId: number, seqId: number, bids: unknown[] = [['60000.0', '1', '0', '1']]): Row => ({
  arg: arg('books'), action: prevSeqId === -1 ? 'snapshot' : 'update', data: [{ asks: prevSeqId === -1 ? [['60001.0', '2', '0', '1']] : [], bids, ts: '1700000000001', checksum: 0, prevSeqId, seqId }],
})
const trade: Row = { arg: arg('trades'), data: [{ instId: 'BTC-USDT-SWAP', tradeId: '7', px: '60000.5', sz: '0.2', side: 'buy', ts: '1700000000001', count: '1', seqId: 3 }] }
const candle = (start: number, confirm = '1'): Row => ({ arg: arg('candle1m'), data: [[String(start), '60000', '60010', '59990', '60005', '12.34', '0.1234', '7404', confirm]] })

class Recorder implements MarketHandler {
  readonly log: string[] = []
  onFeedHook: ((state: string) => void) | null = null
  onBook(update: { snapshot: boolean; updateId: number }): void {
    this.log.push(`${update.snapshot ? 'snapshot' : 'delta'} ${update.updateId}`)
  }
  onTrades(batch: { count: number; lots: Float64Array; ids: readonly string[] }): void {
    this.log.push(`trades ${batch.ids.slice(0, batch.count).join(',')} of ${batch.lots[0]} lots`)
  }
  onTicker(ticker: { lastPrice: number; markPrice: number; fundingRate: number }): void {
    this.log.push(`ticker ${ticker.lastPrice} ${ticker.markPrice} ${ticker.fundingRate}`)
  }
  onLiquidation(liquidation: Liquidation): void {
    this.log.push(`liquidation ${liquidation.side} ${liquidation.priceTicks} ${liquidation.lots}`)
  }
  onPriceLimits(limits: PriceLimits): void {
    this.log.push(`limits ${limits.highestBuyTicks} ${limits.lowestSellTicks} ${limits.enabled}`)
  }
  onFunding(funding: FundingEstimate): void {
    this.log.push(`funding ${funding.rate} ${funding.settleMs} ${funding.intervalMs}`)
  }
  onInstrument(state: InstrumentState): void {
    this.log.push(`instrument ${state.statusText} is ${state.status}, lot ${state.instrument.lot.text}, max ${state.instrument.maxLots}, contract ${state.contractValue}`)
  }
  onKline(kline: Kline): void {
    this.log.push(`kline ${kline.startMs} ${kline.lots} ${kline.closed}`)
  }
  onFeed(state: string, reason: string): void {
    this.log.push(`${state}${reason === '' ? '' : `: ${reason}`}`)
    this.onFeedHook?.(state)
  }
  onBadFrame(error: unknown): void {
    this.log.push(`bad ${errorLabel(error)}`)
  }
  take(): string[] {
    return this.log.splice(0)
  }
}

class FeedWorld extends OkxWorld {
  readonly handler = new Recorder()
  readonly feed: MarketFeed

  constructor(settings: Partial<OkxSettings> = {}, instrument: Instrument = BTC, credentials: OkxCredentials | null = null) {
    super(settings, {}, credentials)
    this.feed = this.venue.feed(instrument)
  }

  get socket(): FakeSocket {
    return this.transport.last('/public')
  }

  get connections(): number {
    return this.transport.count('/public')
  }

  /** Acknowledges every channel of every request that is not acknowledged yet. */
  ack(socket = this.socket): void {
    for (const frame of socket.sent.splice(0)) for (const one of frame['args'] as Row[]) socket.receive({ id: frame['id'], event: frame['op'], arg: one, connId: 'c' })
  }

  /** Starts, and waits for the contract. */
  begin(): void {
    this.feed.start(this.handler)
    this.run(10)
    this.handler.take()
  }

  live(): void {
    this.begin()
    this.socket.open()
    this.ack()
    this.socket.receive(book(-1, 100))
    this.handler.take()
  }
}

describe('subscription', () => {
  it('asks for the contract first, then for all channels, and is live only when all are acknowledged and a snapshot is there', () => {
    const w = new FeedWorld()
    w.feed.start(w.handler)
    expect(w.transport.sockets).toEqual([])
    w.run(10)
    expect(w.handler.take()).toEqual(['connecting: contract of BTC-USDT-SWAP', 'connecting: attempt 1'])
    w.socket.open()
    expect(w.socket.sent).toMatchObject([
      { op: 'subscribe', args: ['books', 'trades', 'tickers'].map(arg) },
      { op: 'subscribe', args: [...['mark-price', 'funding-rate', 'price-limit'].map(arg), ...['liquidation-orders', 'instruments'].map((channel) => ({ channel, instType: 'SWAP' }))] },
    ])
    w.ack()
    expect(w.handler.take()).toEqual(['subscribing'])
    w.socket.receive(book(-1, 5))
    w.socket.receive(book(5, 9))
    expect(w.handler.take()).toEqual(['live', 'snapshot 5', 'delta 9'])
  })

  it('is live also when the snapshot comes before the acknowledgements', () => {
    const w = new FeedWorld()
    w.begin()
    w.socket.open()
    w.socket.receive(book(-1, 5))
    w.ack()
    expect(w.handler.take()).toEqual(['subscribing', 'snapshot 5', 'live'])
  })

  it('a contract that cannot be read is told and asked for again; nothing is connected before', () => {
    const w = new FeedWorld()
    w.instruments = []
    w.feed.start(w.handler)
    w.run(10)
    expect(w.handler.take().at(-1)).toMatch(/^down: contract of BTC-USDT-SWAP: .*RM_VENUE_SYMBOL_UNKNOWN/)
    w.instruments = [swap('BTC', { ctVal: '1' })]
    w.run(1010)
    expect(w.handler.take().at(-1)).toMatch(/^down: .*RM_VENUE_INSTRUMENT/)
    expect(w.transport.sockets).toEqual([])
    w.instruments = [swap('BTC')]
    w.run(1010)
    expect(w.connections).toBe(1)
  })

  it('stopped while it waits for the contract, it connects nothing', () => {
    const w = new FeedWorld()
    w.feed.start(w.handler)
    w.feed.stop()
    w.run(20_000)
    expect(w.transport.sockets).toEqual([])
  })

  it('depth 5 takes the small books, every one of them a snapshot, and lets a late one fall', () => {
    const w = new FeedWorld({ bookDepth: 5 })
    w.begin()
    w.socket.open()
    w.ack()
    const small = (seqId: number): Row => ({ arg: arg('books5'), data: [{ asks: [['60001.0', '2', '0', '1']], bids: [['60000.0', '1', '0', '1']], instId: 'BTC-USDT-SWAP', ts: '1', seqId }] })
    for (const seqId of [10, 12, 11, 12, 20]) w.socket.receive(small(seqId))
    expect(w.handler.take()).toEqual(['subscribing', 'live', 'snapshot 10', 'snapshot 12', 'snapshot 12', 'snapshot 20'])
    expect(w.counts.get('okx_book_old')).toBe(1)
  })

  it('a refused subscription is told with its code and tried again with back-off', () => {
    const w = new FeedWorld()
    w.begin()
    w.socket.open()
    w.socket.receive({ id: w.socket.sent[0]!['id'], event: 'error', code: '60018', msg: "channel doesn't exist", connId: 'c' })
    expect(w.handler.take()).toEqual(['subscribing', 'bad RM_VENUE_SUBSCRIBE', expect.stringMatching(/^down: .*60018/)])
    w.run(1000)
    expect(w.connections).toBe(2)
  })

  it('an unanswered subscription cuts the connection', () => {
    const w = new FeedWorld()
    w.begin()
    w.socket.open()
    w.run(5001)
    expect(w.handler.take().some((line) => line.startsWith('down: subscription not complete'))).toBe(true)
  })
})

describe('book continuity', () => {
  it.skipIf(!fixturesPresent)('snapshot, delta, heartbeat, reset and delta pass; the gap is told down first, then taken up once (needs reference fixtures)', () => {
    const w = new FeedWorld()
    w.begin()
    w.socket.open()
    w.ack()
    for (const frame of fixture('ws_books_seq_synthetic') as Row[]) w.socket.receive(frame)
    expect(w.handler.take()).toEqual([
      'subscribing', 'live', 'snapshot 10', 'delta 15', 'delta 15', 'delta 3', 'delta 5',
      'down: gap in books of BTC-USDT-SWAP: update 12 of 9 after 5', expect.stringMatching(/^subscribing: resync: gap/),
    ])
    expect(w.socket.sent).toMatchObject([{ op: 'unsubscribe', args: [arg('books')] }])
  })

  it('after a gap no update passes until the snapshot, whatever comes between; the other channels go on', () => {
    const w = new FeedWorld()
    w.live()
    w.socket.receive(book(99, 101))
    w.socket.receive(book(100, 102))
    w.socket.receive(book(102, 103))
    w.socket.receive(trade)
    expect(w.handler.take().filter((line) => !line.startsWith('subscribing'))).toEqual(['down: gap in books of BTC-USDT-SWAP: update 101 of 99 after 100', 'trades 7 of 20 lots'])
    w.ack()
    expect(w.socket.sent).toMatchObject([{ op: 'subscribe', args: [arg('books')] }])
    w.ack()
    w.socket.receive(book(-1, 500))
    w.socket.receive(book(500, 501))
    expect(w.handler.take()).toEqual(['live', 'snapshot 500', 'delta 501'])
    expect([w.connections, w.counts.get('okx_resync')]).toEqual([1, 1])
  })

  it('an update without a number is a gap: nothing can be built on it', () => {
    const w = new FeedWorld()
    w.live()
    w.socket.receive({ arg: arg('books'), action: 'update', data: [{ asks: [], bids: [], ts: '1' }] })
    expect(w.handler.take()[0]).toBe('down: gap in books of BTC-USDT-SWAP: an update without a number after 100')
  })

  it('a checksum of any value decides nothing', () => {
    const w = new FeedWorld()
    w.live()
    const frame = book(100, 101)
    ;(frame['data'] as Row[])[0]!['checksum'] = -855196043
    w.socket.receive(frame)
    expect(w.handler.take()).toEqual(['delta 101'])
  })

  it('more resyncs than allowed cut the connection instead of asking on', () => {
    const w = new FeedWorld()
    w.live()
    for (let i = 0; i < 3; i++) {
      w.feed.resync(`crossed ${i}`)
      w.ack()
      w.ack()
      w.socket.receive(book(-1, 100))
    }
    w.handler.take()
    w.feed.resync('crossed again')
    expect(w.handler.take()).toEqual(['down: 3 resyncs within 60000 ms, now: crossed again'])
    w.run(1000)
    expect(w.connections).toBe(2)
  })

  it('a handler that cuts the connection when it hears "down" is not resubscribed on the old one', () => {
    const w = new FeedWorld()
    w.live()
    const { socket } = w
    w.handler.onFeedHook = (state) => {
      w.handler.onFeedHook = null
      if (state === 'down') w.feed.reconnect('wanted')
    }
    socket.receive(book(1, 2))
    expect(socket.sent).toEqual([])
    expect(w.handler.take()).toEqual(['down: gap in books of BTC-USDT-SWAP: update 2 of 1 after 100', 'down: wanted'])
  })

  it('a book that stops while other channels go on is taken again', () => {
    const w = new FeedWorld()
    w.live()
    for (let i = 0; i < 80; i++) {
      w.run(1000)
      w.socket.receive(trade)
    }
    expect(w.handler.take().find((line) => line.startsWith('down'))).toMatch(/^down: no message of books of BTC-USDT-SWAP for 7\d{4} ms$/)
  })
})

describe('connection', () => {
  it('sends the text ping well within 30 s, takes the text pong for life, and silence for death', () => {
    const w = new FeedWorld()
    w.live()
    for (let i = 0; i < 9; i++) {
      w.run(5500)
      w.socket.receive('pong')
    }
    expect(w.transport.pings).toBeGreaterThanOrEqual(2)
    expect(w.handler.take()).toEqual([])
    w.run(11_500)
    expect(w.handler.take()[0]).toMatch(/^down: no frame for 1\d{4} ms$/)
  })

  it('an announced upgrade is a reconnect, other notices and connection counts are not', () => {
    const w = new FeedWorld()
    w.live()
    w.socket.receive({ event: 'channel-conn-count', channel: 'books', connCount: '2', connId: 'c' })
    w.socket.receive({ event: 'notice', code: '1', msg: 'hello', connId: 'c' })
    expect(w.handler.take()).toEqual([])
    w.socket.receive({ event: 'notice', code: '64008', msg: 'soon closed', connId: 'c' })
    expect(w.handler.take()).toEqual(['down: the venue will close the connection: soon closed'])
    w.run(1000)
    expect(w.connections).toBe(2)
  })

  it('a bad frame is told with its code, and the feed goes on', () => {
    const w = new FeedWorld()
    w.live()
    w.socket.receive('{"arg":')
    w.socket.receive({ ...book(100, 101), arg: { channel: 'books', instId: 'ETH-USDT-SWAP' } })
    w.socket.receive(book(100, 101))
    expect(w.handler.take()).toEqual(['bad RM_VENUE_FRAME_JSON', 'bad RM_VENUE_FRAME_SYMBOL', 'delta 101'])
  })

  it('a new connection knows nothing of the old ticker', () => {
    const w = new FeedWorld()
    w.live()
    w.socket.receive({ arg: arg('mark-price'), data: [{ instType: 'SWAP', instId: 'BTC-USDT-SWAP', markPx: '60000.7', ts: '1' }] })
    w.socket.receive({ arg: arg('funding-rate'), data: [{ instId: 'BTC-USDT-SWAP', fundingRate: '0.0001', fundingTime: '1700006400000', ts: '1' }] })
    expect(w.handler.take()).toEqual(['ticker NaN 60000.7 NaN', 'ticker NaN 60000.7 0.0001', 'funding 0.0001 1700006400000 NaN'])
    w.feed.reconnect('test')
    w.run(1000)
    w.socket.open()
    w.ack()
    w.handler.take()
    w.socket.receive({ arg: arg('tickers'), data: [{ instId: 'BTC-USDT-SWAP', last: '60000', askPx: '', bidPx: '', volCcy24h: '1', high24h: '1', low24h: '1', open24h: '1', ts: '1' }] })
    expect(w.handler.take()).toEqual(['ticker 60000 NaN NaN'])
  })
})

describe('other channels', () => {
  const extra = (channel: string, ...data: Row[]): Row => ({ arg: channel === 'liquidation-orders' || channel === 'instruments' ? { channel, instType: 'SWAP' } : arg(channel), data })

  it('liquidations of our instrument, price limits and funding arrive in ticks and lots', () => {
    const w = new FeedWorld()
    w.live()
    const detail = { bkPx: '60000.25', sz: '0.2', side: 'buy', posSide: 'short', ts: '5' }
    w.socket.receive(extra('liquidation-orders', { instId: 'ETH-USDT-SWAP', details: [{ bkPx: 'x' }] }, { instId: 'BTC-USDT-SWAP', details: [detail, { ...detail, side: 'sell', sz: '1' }] }))
    w.socket.receive(extra('price-limit', { instId: 'BTC-USDT-SWAP', buyLmt: '60600.5', sellLmt: '59400', ts: '6', enabled: true }))
    w.socket.receive(extra('price-limit', { instId: 'BTC-USDT-SWAP', buyLmt: '', sellLmt: '', ts: '7', enabled: false }))
    w.socket.receive(extra('funding-rate', { instId: 'BTC-USDT-SWAP', fundingRate: '-0.0002', fundingTime: '1700006400000', nextFundingTime: '1700020800000', ts: '8' }))
    expect(w.handler.take()).toEqual([
      'liquidation 0 600002.5 20', 'liquidation 1 600002.5 100', 'limits 606005 594000 true', `limits ${Number.MAX_SAFE_INTEGER} 1 false`, 'ticker NaN NaN -0.0002', 'funding -0.0002 1700006400000 14400000',
    ])
  })

  it.each<[string, Row]>([
    ['a liquidation off the lot', extra('liquidation-orders', { instId: 'BTC-USDT-SWAP', details: [{ bkPx: '1', sz: '0.001', side: 'buy', ts: '1' }] })], ['a liquidation without details', extra('liquidation-orders', { instId: 'BTC-USDT-SWAP' })],
    ['a limit off the tick', extra('price-limit', { instId: 'BTC-USDT-SWAP', buyLmt: '1.05', sellLmt: '1', ts: '1', enabled: true })], ['an empty limit that is said to hold', extra('price-limit', { instId: 'BTC-USDT-SWAP', buyLmt: '', sellLmt: '1', ts: '1', enabled: true })],
    ['funding without a time', extra('funding-rate', { instId: 'BTC-USDT-SWAP', fundingRate: '1', fundingTime: '', ts: '1' })],
  ])('%s is a bad frame, and the book goes on', (_what, bad) => {
    const w = new FeedWorld()
    w.live()
    w.socket.receive(bad)
    w.socket.receive(book(100, 101))
    expect(w.handler.take()).toEqual(['bad RM_VENUE_FRAME_FIELD', 'delta 101'])
  })

  it('a refused channel that is only good to have is counted, and the feed is live without it', () => {
    const w = new FeedWorld()
    w.begin()
    w.socket.open()
    const [needed, extras] = w.socket.sent.splice(0) as [Row, Row]
    w.socket.receive({ id: extras['id'], event: 'error', code: '60018', msg: 'no such channel', connId: 'c' })
    for (const one of needed['args'] as Row[]) w.socket.receive({ id: needed['id'], event: 'subscribe', arg: one, connId: 'c' })
    w.socket.receive(book(-1, 5))
    expect([w.handler.take(), w.counts.get('okx_channel_refused/60018')]).toEqual([['subscribing', 'live', 'snapshot 5'], 1])
    w.run(6000)
    expect([w.handler.take(), w.connections]).toEqual([[], 1])
  })

  it('a suspended instrument, and one with other limits, is told and the feed goes on; other instruments are none of its business', () => {
    const w = new FeedWorld()
    w.live()
    w.socket.receive(extra('instruments', swap('ETH', { state: 'suspend' })))
    w.socket.receive(extra('instruments', swap('ETH'), swap('BTC', { state: 'suspend', maxMktSz: '20' })))
    w.socket.receive(extra('instruments', swap('BTC', { state: 'live' })))
    w.socket.receive(extra('instruments', swap('BTC', { tickSz: 'x' })))
    w.socket.receive(book(100, 101))
    expect(w.handler.take()).toEqual([
      'instrument suspend is suspended, lot 0.0001, max 2000, contract 0.01', 'instrument live is trading, lot 0.0001, max 3000000, contract 0.01', 'bad RM_VENUE_INSTRUMENT', 'delta 101',
    ])
  })

  it('another grid is told, then the feed is down and stays so while sizes would mean something else', () => {
    const w = new FeedWorld()
    w.live()
    const changed = swap('BTC', { ctVal: '0.001' })
    w.instruments = [changed]
    w.socket.receive(extra('instruments', changed))
    expect(w.handler.take()).toEqual(['instrument live is trading, lot 0.00001, max 3000000, contract 0.001', 'down: the venue changed the grid of BTC-USDT-SWAP'])
    w.run(5000)
    expect(w.handler.take().filter((line) => !line.startsWith('connecting'))).toEqual(expect.arrayContaining([expect.stringMatching(/^down: .*RM_VENUE_INSTRUMENT/)]))
    expect(w.connections).toBe(1)
    w.instruments = [swap('BTC')]
    w.run(1100)
    expect(w.connections).toBe(2)
  })
})

describe('fast books', () => {
  const login = { event: 'login', code: '0', msg: '', connId: 'c' }
  it.each([[{ bookDepth: 50 } as const, 'books50-l2-tbt'], [{ bookFast: true }, 'books-l2-tbt']])('%j logs in before it subscribes %s', (settings, channel) => {
    const w = new FeedWorld(settings, BTC, CREDENTIALS)
    w.begin()
    w.socket.open()
    expect(w.socket.sent.map((frame) => frame['op'])).toEqual(['login'])
    w.socket.receive(login)
    expect(w.socket.sent[1]).toMatchObject({ op: 'subscribe', args: [channel, 'trades', 'tickers'].map(arg) })
    w.socket.sent.shift()
    w.ack()
    w.socket.receive({ ...book(-1, 5), arg: arg(channel) })
    w.socket.receive({ ...book(5, 6), arg: arg(channel) })
    expect(w.handler.take()).toEqual(['subscribing', 'live', 'snapshot 5', 'delta 6'])
  })

  it('an account whose fee tier is too low is told so with a code and gets the open book, on the same connection', () => {
    const w = new FeedWorld({ bookDepth: 50 }, BTC, CREDENTIALS)
    w.begin()
    w.socket.open()
    w.socket.receive(login)
    w.socket.sent.shift()
    w.socket.receive({ id: w.socket.sent[0]!['id'], event: 'error', code: '64003', msg: 'fee tier', connId: 'c' })
    expect(w.socket.sent.at(-1)).toMatchObject({ op: 'subscribe', args: [arg('books')] })
    w.ack()
    w.socket.receive(book(-1, 5))
    expect(w.handler.take()).toEqual(['subscribing', 'bad RM_VENUE_SUBSCRIBE', 'live', 'snapshot 5'])
    expect([w.connections, w.counts.get('okx_book_fallback/books50-l2-tbt')]).toEqual([1, 1])
  })

  it.each<[string, OkxCredentials | null]>([['without a key', null], ['when the login is refused', CREDENTIALS]])('%s it takes the open book', (_what, credentials) => {
    const w = new FeedWorld({ bookFast: true }, BTC, credentials)
    w.begin()
    w.socket.open()
    if (credentials !== null) {
      w.socket.receive({ event: 'error', code: '60009', msg: 'Login failed.', connId: 'c' })
      w.socket.sent.shift()
    }
    expect(w.socket.sent[0]).toMatchObject({ op: 'subscribe', args: ['books', 'trades', 'tickers'].map(arg) })
    expect(w.counts.get('okx_book_fallback/books-l2-tbt')).toBe(1)
  })
})

describe('candles', () => {
  it('come from the business address with their volume in lots, and their connection is not the book\'s', () => {
    const w = new FeedWorld()
    w.live()
    const socket = w.transport.last('/business')
    socket.open()
    expect(socket.sent).toMatchObject([{ op: 'subscribe', args: [arg('candle1m')] }])
    w.ack(socket)
    socket.receive(candle(WALL_MS, '0'))
    socket.receive(candle(WALL_MS))
    socket.receive({ ...candle(WALL_MS), arg: arg('candle5m') })
    socket.receive({ arg: arg('candle1m'), data: [['1', '5', '4', '3', '5', '1', '1', '1', '1']] })
    expect(w.handler.take()).toEqual([`kline ${WALL_MS} 1234 false`, `kline ${WALL_MS} 1234 true`, 'bad RM_VENUE_FRAME_TOPIC', 'bad RM_VENUE_FRAME_FIELD'])
    socket.drop()
    w.run(1000)
    expect([w.transport.count('/business'), w.handler.take()]).toEqual([2, []])
  })

  it('an interval that the venue does not have is refused at once', () => {
    expect(() => new FeedWorld({ klineIntervals: ['7m'] })).toThrow(/klineIntervals/)
  })
})

describe('reference', () => {
  it('instruments come in the order asked for, in the engine\'s names and lots', () => {
    const w = new OkxWorld({}, {}, null)
    const results: unknown[] = []
    w.venue.reference.instruments(['ETHUSDT', 'BTCUSDT'], (error, instruments) => results.push(error, instruments.map((one) => [one.symbol, one.index, one.lot.text, one.tick.text])))
    w.venue.reference.instruments(['NOPEUSDT'], (error) => results.push(errorLabel(error)))
    w.run(100)
    expect(results).toEqual([null, [['ETHUSDT', 0, '0.001', '0.01'], ['BTCUSDT', 1, '0.0001', '0.1']], 'RM_VENUE_SYMBOL_UNKNOWN'])
  })

  it('candles are turned oldest first over all pages, each once', () => {
    const w = new OkxWorld({}, {}, null)
    const minute = (i: number): unknown[] => [String(WALL_MS - i * 60_000), '60000', '60010', '59990', '60005', '12.34', '0.1234', '7404', i === 0 ? '0' : '1']
    w.respond = (_request, query, path) => {
      expect(path).toBe('/api/v5/market/candles')
      const limit = Number(query.get('limit'))
      const from = query.get('after') === null ? 0 : (WALL_MS - Number(query.get('after'))) / 60_000 + 1
      return ok(Array.from({ length: limit }, (_, i) => minute(from + i)))
    }
    let klines: readonly Kline[] = []
    w.venue.reference.klines(BTC, 60_000, 450, (error, rows) => {
      expect(error).toBeNull()
      klines = rows
    })
    w.run(1000)
    expect(klines.length).toBe(450)
    expect(klines.map((kline) => kline.startMs)).toEqual(Array.from({ length: 450 }, (_, i) => WALL_MS - (449 - i) * 60_000))
    expect(klines.at(-1)).toMatchObject({ closed: false, lots: 1234, openTicks: 600_000 })
    expect(klines.slice(0, -1).every((kline) => kline.closed)).toBe(true)
  })

  it('bad candle answers are errors, never candles', () => {
    const w = new OkxWorld({}, {}, null)
    const results: string[] = []
    const ask = (): void => w.venue.reference.klines(BTC, 60_000, 2, (error, rows) => results.push(`${errorLabel(error)} ${rows.length}`))
    for (const answer of [ok([['1', '2']]), refused('51001'), http(200, '<html>'), http(500, 'oops')]) {
      w.respond = () => answer
      ask()
      w.run(6000)
    }
    w.venue.reference.klines(BTC, 61_000, 2, (error) => results.push(errorLabel(error)))
    w.run(10)
    expect(results).toEqual(['RM_VENUE_FRAME_FIELD 0', 'RM_VENUE_REFUSED 0', 'RM_VENUE_REQUEST 0', 'RM_VENUE_REQUEST 0', 'RM_VENUE_INTERVAL'])
  })

  it('the clock offset is the middle of several measurements, and too few of them are an error', () => {
    const w = new OkxWorld({}, {}, null)
    w.venueAheadMs = 2500
    const offsets: number[] = []
    w.venue.reference.clock((error, offsetMs) => offsets.push(error === null ? offsetMs : Number.NaN))
    w.run(100)
    expect(Math.abs(offsets[0]! - 2500)).toBeLessThanOrEqual(1.5)
    w.transport.respond = () => http(500, '')
    const labels: string[] = []
    w.venue.reference.clock((error) => labels.push(errorLabel(error)))
    w.run(1000)
    expect(labels).toEqual(['RM_VENUE_CLOCK'])
  })
})
