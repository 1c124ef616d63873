import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DecimalStep, errorLabel } from '../../../src/core/index.ts'
import { legacyChecksum, type RawLevel } from '../../../src/venues/index.ts'
import type { OkxContract } from '../../../src/venues/okx/contracts.ts'
import { FRAME_BOOK, FRAME_EVENT, FRAME_FUNDING, FRAME_INSTRUMENTS, FRAME_LIQUIDATIONS, FRAME_PONG, FRAME_PRICE_LIMITS, FRAME_TICKER, FRAME_TRADES, NO_SEQUENCE, PublicDecoder } from '../../../src/venues/okx/decode/index.ts'
import { bytesOf } from '../fixtures.ts'
import { BTC, DATA, fixture, fixturesPresent, frame, type Row, socketFixtures } from './okx-world.ts'

const KINDS: Readonly<Record<number, string>> = {
  [FRAME_PONG]: 'pong', [FRAME_BOOK]: 'book', [FRAME_TRADES]: 'trades', [FRAME_TICKER]: 'ticker', [FRAME_EVENT]: 'event', [FRAME_FUNDING]: 'funding', [FRAME_PRICE_LIMITS]: 'limits', [FRAME_LIQUIDATIONS]: 'liquidations', [FRAME_INSTRUMENTS]: 'instruments',
}

const CAPTURE = `${DATA}/ws_okx_v5/okx_v5_ws_20220513.log.gz`
const present = existsSync(CAPTURE)

const contract = (instId: string, tick: string, size: string): OkxContract => ({
  instId, instIdCode: null, coins: '1', groupId: '', size: new DecimalStep(size), instrument: { ...BTC, symbol: instId, tick: new DecimalStep(tick) },
})
const SWAP: OkxContract = { instId: 'BTC-USDT-SWAP', instIdCode: 10459, coins: '0.01', groupId: '', size: new DecimalStep('0.01'), instrument: BTC }

/** The merged book in the venue's own texts. */
class TextBook {
  readonly bids = new Map<string, string>()
  readonly asks = new Map<string, string>()

  apply(update: Row): void {
    const row = (update['data'] as Row[])[0]!
    for (const side of ['bids', 'asks'] as const) {
      if (update['action'] === 'snapshot') this[side].clear()
      for (const [price, size] of row[side] as [string, string][]) {
        if (size === '0') this[side].delete(price)
        else this[side].set(price, size)
      }
    }
  }

  levels(side: 'bids' | 'asks'): RawLevel[] {
    return [...this[side]].sort(([a], [b]) => (side === 'bids' ? Number(b) - Number(a) : Number(a) - Number(b)))
  }

  checksum(): number {
    return legacyChecksum(this.levels('bids'), this.levels('asks'))
  }
}

describe('legacy checksum', () => {
  it('gives the published values for books of unequal sides', () => {
    expect(legacyChecksum([['3366.1', '7'], ['3366', '6']], [['3366.8', '9'], ['3368', '8']])).toBe(-1881014294)
    expect(legacyChecksum([['3366.1', '7']], [['3366.8', '9'], ['3368', '8'], ['3372', '8']])).toBe(831078360)
  })

  it.skipIf(!fixturesPresent)('gives the recorded values frame by frame (needs reference fixtures)', () => {
    const { frames } = fixture('ws_books_checksum_2022_recorded') as { frames: readonly { frame: Row; crc_expected: number }[] }
    const book = new TextBook()
    expect(frames.length).toBe(12)
    for (const recorded of frames) {
      book.apply(recorded.frame)
      expect(book.checksum()).toBe(recorded.crc_expected)
    }
  })
})

describe.skipIf(!present)('capture of 2022 (needs recorded data: RINGMASTER_DATA)', () => {
  const frames = present
    ? gunzipSync(readFileSync(CAPTURE)).toString('utf8').split('\n').map((line) => /^[\d.]+: (\{.*\})$/.exec(line)?.[1]).filter((json) => json !== undefined)
    : []
  // Grids of these instruments on that day.
  const contracts: Record<string, OkxContract> = {
    'BTC-USD-220527': contract('BTC-USD-220527', '0.1', '1'), 'UNI-USD-SWAP': contract('UNI-USD-SWAP', '0.001', '1'), 'BTC-USDT': contract('BTC-USDT', '0.1', '0.00000001'),
  }

  it('every one of the 290 recorded checksums is ours', () => {
    const books = new Map<string, TextBook>()
    let checked = 0
    for (const json of frames) {
      const parsed = JSON.parse(json) as { arg?: Record<string, string>; data?: Row[] } & Row
      if (parsed.arg?.['channel'] !== 'books' || parsed.data === undefined) continue
      const id = parsed.arg['instId']!
      const book = books.get(id) ?? books.set(id, new TextBook()).get(id)!
      book.apply(parsed)
      expect(book.checksum()).toBe(parsed.data[0]!['checksum'])
      checked++
    }
    expect(checked).toBe(290)
  })

  it('every frame is read whole, in order, and the books that they make are never crossed and end as the texts do', () => {
    const seen = { book: 0, trades: 0, ticker: 0, control: 0 }
    for (const [instId, terms] of Object.entries(contracts)) {
      const decoder = new PublicDecoder(terms, 'books')
      const sides = { bids: new Map<number, number>(), asks: new Map<number, number>() }
      const text = new TextBook()
      let started = false
      for (const json of frames) {
        const parsed = JSON.parse(json) as { arg?: Record<string, string> } & Row
        if (parsed.arg?.['instId'] !== instId) continue
        const kind = decoder.decode(bytesOf(json))
        if (kind === FRAME_TRADES) {
          const { trades } = decoder.records
          for (let i = 0; i < trades.count; i++) expect(trades.lots[i]! > 0 && trades.priceTicks[i]! > 0).toBe(true)
          seen.trades++
        } else if (kind === FRAME_TICKER) {
          expect(decoder.records.ticker.askPrice).toBeGreaterThan(decoder.records.ticker.bidPrice)
          seen.ticker++
        } else if (kind === FRAME_EVENT) seen.control++
        else {
          seen.book++
          const { book } = decoder.records
          // One snapshot, first; the numbers came to the feed later than this recording.
          expect(book.snapshot).toBe(!started)
          started = true
          expect(book.updateId).toBe(NO_SEQUENCE)
          text.apply(parsed)
          if (book.snapshot) for (const side of Object.values(sides)) side.clear()
          for (let i = 0; i < book.bidCount; i++) sides.bids.set(book.bidTicks[i]!, book.bidLots[i]!)
          for (let i = 0; i < book.askCount; i++) sides.asks.set(book.askTicks[i]!, book.askLots[i]!)
          for (const side of Object.values(sides)) for (const [ticks, lots] of side) if (lots === 0) side.delete(ticks)
          expect(Math.max(...sides.bids.keys())).toBeLessThan(Math.min(...sides.asks.keys()))
        }
      }
      const { tick } = terms.instrument
      for (const side of ['bids', 'asks'] as const) {
        expect(new Map([...sides[side]].map(([ticks, lots]) => [tick.toNumber(ticks), terms.size.format(lots)]))).toEqual(new Map([...text[side]].map(([price, size]) => [Number(price), terms.size.format(terms.size.parse(size))])))
      }
    }
    expect(seen).toMatchObject({ book: 290, trades: 74, ticker: 28 })
  })
})

describe.skipIf(!fixturesPresent)('published frames (needs reference fixtures)', () => {
  const decode = (channel: string, name: string): { kind: number; decoder: PublicDecoder } => {
    const decoder = new PublicDecoder(SWAP, channel)
    return { kind: decoder.decode(bytesOf(frame(name))), decoder }
  }

  it('a small book is a snapshot each time, in ticks and lots', () => {
    const { kind, decoder } = decode('books5', 'ws_books5_2026_recorded')
    const { book } = decoder.records
    expect(kind).toBe(FRAME_BOOK)
    expect([book.snapshot, book.updateId, book.venueTimeMs, book.bidCount, book.askCount]).toEqual([true, 333794734980, 1786541241006, 5, 5])
    expect([book.bidTicks[0], book.bidLots[0], book.askTicks[0], book.askLots[0]]).toEqual([639_214, 42_193, 639_215, 79_041])
  })

  it('a trade of contracts is a trade of lots', () => {
    const { kind, decoder } = decode('books', 'ws_trades_2026_recorded')
    const { trades } = decoder.records
    expect(kind).toBe(FRAME_TRADES)
    expect([trades.count, trades.priceTicks[0], trades.lots[0], trades.sides[0], trades.timeMs[0], trades.ids[0]]).toEqual([1, 639_134, 3495, 1, 1786540436090, '2832749645'])
    expect(decode('books', 'ws_trades_2021_recorded').decoder.records.trades.lots[0]).toBe(500)
  })

  it('a ticker says what it knows, volume in coins, and leaves the mark price to its own channel', () => {
    const { kind, decoder } = decode('books', 'ws_tickers_2026_recorded')
    expect(kind).toBe(FRAME_TICKER)
    expect(decoder.records.ticker).toMatchObject({ lastPrice: 63921, bidPrice: 63921, askPrice: 63921.1, volume24h: 73998.8786, high24h: 64466, low24h: 63162.7, open24h: 64297.6, markPrice: Number.NaN, turnover24h: Number.NaN, venueTimeMs: 1786540471710 })
    expect(decoder.decode(bytesOf(frame('ws_funding_rate')))).toBe(FRAME_FUNDING)
    expect(decoder.records.ticker).toMatchObject({ fundingRate: 0.0001, nextFundingMs: 1744590349506, lastPrice: 63921 })
    expect(decoder.decode(bytesOf({ arg: { channel: 'mark-price', instId: 'BTC-USDT-SWAP' }, data: [{ instType: 'SWAP', instId: 'BTC-USDT-SWAP', markPx: '63920.5', ts: '1786540471711' }] }))).toBe(FRAME_TICKER)
    expect(decoder.records.ticker).toMatchObject({ markPrice: 63920.5, venueTimeMs: 1786540471711 })
  })

  it.each(socketFixtures().filter((name) => !name.includes('checksum')))('%s is an event, or refused with a code, never something else', (name) => {
    const content = fixture(name)
    for (const one of Array.isArray(content) ? content : [content]) {
      const decoder = new PublicDecoder(SWAP, name.includes('books5') ? 'books5' : 'books')
      let result: string
      try {
        result = KINDS[decoder.decode(bytesOf(one))]!
      } catch (error) {
        result = errorLabel(error)
      }
      const row = one as { event?: string; arg?: { channel?: string; instId?: string } }
      const events: Record<string, string> = { books: 'book', books5: 'book', trades: 'trades', tickers: 'ticker', 'mark-price': 'ticker', 'funding-rate': 'funding', 'price-limit': 'limits' }
      const ofAll: Record<string, string> = { 'liquidation-orders': 'liquidations', instruments: 'instruments' }
      const channel = row.arg?.channel
      if (row.event !== undefined) expect(result).toBe('event')
      else if (channel === undefined) expect(result).toBe('RM_VENUE_FRAME_JSON')
      else if (ofAll[channel] !== undefined) expect(result).toBe(ofAll[channel])
      else if (row.arg!.instId !== 'BTC-USDT-SWAP') expect(result).toBe('RM_VENUE_FRAME_SYMBOL')
      else expect(result).toBe(events[channel] ?? 'RM_VENUE_FRAME_TOPIC')
    }
  })
})

describe('bad frames', () => {
  const book = (change: Row = {}, row: Row = {}): Row => ({ arg: { channel: 'books', instId: 'BTC-USDT-SWAP' }, action: 'update', data: [{ asks: [['63921.5', '1', '0', '1']], bids: [], ts: '1', checksum: 0, prevSeqId: 10, seqId: 15, ...row }], ...change })
  const trade = (row: Row): Row => ({ arg: { channel: 'trades', instId: 'BTC-USDT-SWAP' }, data: [{ instId: 'BTC-USDT-SWAP', tradeId: '1', px: '63921.5', sz: '1', side: 'buy', ts: '1', ...row }] })
  it.each<[unknown, string]>([
    ['', 'RM_VENUE_FRAME_JSON'], ['{"arg":', 'RM_VENUE_FRAME_JSON'], ['[]', 'RM_VENUE_FRAME_JSON'], ['null', 'RM_VENUE_FRAME_JSON'], [{ op: 'order' }, 'RM_VENUE_FRAME_JSON'], [{ event: 1 }, 'RM_VENUE_FRAME_JSON'],
    [book({ data: {} }), 'RM_VENUE_FRAME_FIELD'], [book({ data: [] }), 'RM_VENUE_FRAME_COUNT'], [book({ action: 'delta' }), 'RM_VENUE_FRAME_FIELD'], [book({ arg: { channel: 'books', instId: 'ETH-USDT-SWAP' } }), 'RM_VENUE_FRAME_SYMBOL'],
    [book({}, { seqId: '15' }), 'RM_VENUE_FRAME_FIELD'], [book({}, { prevSeqId: -2 }), 'RM_VENUE_FRAME_FIELD'], [book({}, { ts: 1 }), 'RM_VENUE_FRAME_FIELD'], [book({}, { asks: 'x' }), 'RM_VENUE_FRAME_FIELD'],
    [book({}, { asks: [['63921.55', '1', '0', '1']] }), 'RM_VENUE_FRAME_FIELD'], [book({}, { asks: [['63921.5', '0.001', '0', '1']] }), 'RM_VENUE_FRAME_FIELD'], [book({}, { asks: [['-1', '1', '0', '1']] }), 'RM_VENUE_FRAME_FIELD'],
    [book({}, { asks: [[63921.5, 1]] }), 'RM_VENUE_FRAME_FIELD'], [book({}, { asks: [['63921.5']] }), 'RM_VENUE_FRAME_FIELD'], [book({}, { bids: Array.from({ length: 2001 }, () => ['1', '1', '0', '1']) }), 'RM_VENUE_FRAME_COUNT'],
    [trade({ side: 'Buy' }), 'RM_VENUE_FRAME_FIELD'], [trade({ sz: '0' }), 'RM_VENUE_FRAME_FIELD'], [trade({ px: '' }), 'RM_VENUE_FRAME_FIELD'], [trade({ tradeId: 1 }), 'RM_VENUE_FRAME_FIELD'], [trade({ instId: 'X' }), 'RM_VENUE_FRAME_SYMBOL'],
    [{ arg: { channel: 'nope', instId: 'BTC-USDT-SWAP' }, data: [] }, 'RM_VENUE_FRAME_TOPIC'],
    [{ arg: { channel: 'tickers', instId: 'BTC-USDT-SWAP' }, data: [{ instId: 'BTC-USDT-SWAP', last: 'x', ts: '1' }] }, 'RM_VENUE_FRAME_FIELD'],
  ])('%j is refused with a code', (bad, code) => {
    let label = 'no error'
    try {
      new PublicDecoder(SWAP, 'books').decode(bytesOf(bad))
    } catch (error) {
      label = errorLabel(error)
    }
    expect(label).toBe(code)
  })
})
