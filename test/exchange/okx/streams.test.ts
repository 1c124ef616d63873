import { describe, expect, it } from 'vitest'

import { BUY, SELL } from '../../../src/core/index.ts'
import { at, BTC, Venue, type Client, type Frame } from './venue.ts'

type Level = readonly [string, string, string, string]

/** A book as a client keeps it; throws when the chain of updates breaks. */
function replayed(frames: readonly Frame[]): { bids: Map<string, string>; asks: Map<string, string>; seqId: number } {
  const bids = new Map<string, string>()
  const asks = new Map<string, string>()
  let seqId = Number.NaN
  for (const frame of frames) {
    const data = at(frame, 'data', 0) as { bids: Level[]; asks: Level[]; prevSeqId: number; seqId: number }
    if (frame['action'] === 'snapshot') {
      expect(data.prevSeqId).toBe(-1)
      bids.clear()
      asks.clear()
    } else if (data.prevSeqId !== seqId) throw new Error(`gap: update follows ${data.prevSeqId}, the book is at ${seqId}`)
    seqId = data.seqId
    for (const [side, levels] of [[bids, data.bids], [asks, data.asks]] as const) {
      for (const [px, sz] of levels) {
        if (sz === '0') side.delete(px)
        else side.set(px, sz)
      }
    }
  }
  return { bids, asks, seqId }
}

/** The core's own levels as the wire would write them, computed apart from the front: 1 contract is 0.01 BTC, 10 lots. */
function core(venue: Venue, side: 0 | 1, depth: number): Map<string, string> {
  const ticks = new Float64Array(depth)
  const lots = new Float64Array(depth)
  const count = venue.exchange.levels('BTCUSDT', side, depth, ticks, lots)
  return new Map(Array.from({ length: count }, (_, i) => [String(ticks[i]! / 10), String(lots[i]! / 10)]))
}

const sorted = (side: Map<string, string>): [string, string][] => [...side].sort((a, b) => Number(a[0]) - Number(b[0]))
const books = (client: Client): Frame[] => client.on('books')

describe('the incremental book', () => {
  it('rebuilt from snapshot and updates equals the book of the exchange, over an unbroken chain of sequence numbers', () => {
    const venue = new Venue({ rate: 100 })
    const client = venue.publicly({ channel: 'books', instId: BTC })
    venue.run(20_000)
    // Nothing moves between the last push and the comparison: the market is stopped and the grid left to run out.
    venue.exchange.stop()
    venue.run(200)
    const frames = books(client)
    expect(frames.length).toBeGreaterThan(100)
    expect(frames.filter((frame) => frame['action'] === 'snapshot')).toHaveLength(1)
    const book = replayed(frames)
    expect(sorted(book.bids)).toEqual(sorted(core(venue, BUY, 400)))
    expect(sorted(book.asks)).toEqual(sorted(core(venue, SELL, 400)))
    expect(frames.every((frame) => at(frame, 'data', 0, 'checksum') === 0)).toBe(true)
  })

  it('gives a newcomer a snapshot that the next update of all follows', () => {
    const venue = new Venue()
    venue.publicly({ channel: 'books', instId: BTC })
    venue.run(5_037)
    const late = venue.publicly({ channel: 'books', instId: BTC })
    venue.run(5_000)
    expect(books(late)[0]!['action']).toBe('snapshot')
    expect(() => replayed(books(late))).not.toThrow()
  })

  it('shows a gap when an update is skipped, a smaller number after maintenance, silence when stalled', () => {
    const venue = new Venue()
    const client = venue.publicly({ channel: 'books', instId: BTC })
    venue.run(2_000)
    const { faults } = venue.front
    faults.resnapshot(`books:${BTC}`, true)
    venue.run(2_000)
    const reset = books(client).find((frame) => (at(frame, 'data', 0, 'seqId') as number) < (at(frame, 'data', 0, 'prevSeqId') as number))
    expect(reset?.['action']).toBe('update')
    expect(() => replayed(books(client))).not.toThrow()
    faults.stall(`books:${BTC}`)
    const before = books(client).length
    venue.run(3_000)
    expect(books(client)).toHaveLength(before)
    faults.resume(`books:${BTC}`)
    venue.run(2_000)
    expect(books(client).length).toBeGreaterThan(before)
    expect(() => replayed(books(client))).not.toThrow()
    faults.skipUpdates(`books:${BTC}`)
    venue.run(2_000)
    expect(() => replayed(books(client))).toThrow('gap')
  })

  it('says every minute that nothing changed', () => {
    const venue = new Venue()
    const client = venue.publicly({ channel: 'books', instId: BTC })
    venue.run(1_000)
    venue.exchange.stop()
    venue.run(200)
    const quiet = books(client).length
    for (let i = 0; i < 7; i++) {
      client.say('ping')
      venue.run(10_000)
    }
    const beats = books(client).slice(quiet)
    expect(beats).toHaveLength(1)
    expect(at(beats[0], 'data', 0)).toMatchObject({ asks: [], bids: [] })
    expect(at(beats[0], 'data', 0, 'seqId')).toBe(at(beats[0], 'data', 0, 'prevSeqId'))
  })
})

describe('other public channels', () => {
  it('send small books whole, without an action and with rising numbers', () => {
    const venue = new Venue({ rate: 60 })
    const client = venue.publicly({ channel: 'books5', instId: BTC }, { channel: 'bbo-tbt', instId: BTC })
    venue.run(5_000)
    for (const [channel, depth] of [['books5', 5], ['bbo-tbt', 1]] as const) {
      const frames = client.on(channel)
      expect(frames.length).toBeGreaterThan(5)
      expect(frames.every((frame) => !('action' in frame) && (at(frame, 'data', 0, 'bids') as unknown[]).length === depth)).toBe(true)
      const numbers = frames.map((frame) => at(frame, 'data', 0, 'seqId') as number)
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    }
  })

  it('tell every trade once, in contracts', () => {
    const venue = new Venue({ rate: 60 })
    const client = venue.publicly({ channel: 'trades', instId: BTC })
    const heard: { lots: number; ticks: number }[] = []
    venue.exchange.listen({ onTrade: (trade) => void (trade.symbol === 'BTCUSDT' && heard.push({ lots: trade.lots, ticks: trade.priceTicks })) })
    venue.run(10_000)
    const rows = client.rows('trades')
    expect(rows.length).toBeGreaterThan(5)
    expect(rows.map((row) => ({ lots: Math.round(Number(row['sz']) * 10), ticks: Math.round(Number(row['px']) * 10) }))).toEqual(heard)
    expect(new Set(rows.map((row) => row['tradeId'])).size).toBe(rows.length)
  })

  it('close each candle once, on the business path, with confirm 1', () => {
    const venue = new Venue()
    const client = venue.connect('/ws/v5/business')
    client.say({ op: 'subscribe', args: [{ channel: 'candle1m', instId: BTC }, { channel: 'candle5m', instId: BTC }] })
    venue.run(310_000)
    const closed = client.on('candle1m').map((frame) => at(frame, 'data', 0) as string[]).filter((row) => row[8] === '1')
    expect(closed).toHaveLength(5)
    expect(new Set(closed.map((row) => row[0])).size).toBe(5)
    for (const row of closed) expect(Number(row[6])).toBeCloseTo(Number(row[5]) * 0.01, 10)
    expect(client.on('candle5m').filter((frame) => at(frame, 'data', 0, 8) === '1')).toHaveLength(1)
  })

  it('greet with the present state: ticker, mark price and funding', () => {
    const venue = new Venue()
    const client = venue.publicly({ channel: 'tickers', instId: BTC }, { channel: 'mark-price', instId: BTC }, { channel: 'funding-rate', instId: BTC }, { channel: 'price-limit', instId: BTC }, { channel: 'open-interest', instId: BTC }, { channel: 'index-tickers', instId: 'BTC-USDT' }, { channel: 'instruments', instType: 'SWAP' })
    for (const channel of ['tickers', 'mark-price', 'funding-rate', 'price-limit', 'open-interest', 'index-tickers', 'instruments']) expect(client.on(channel), channel).toHaveLength(1)
    const summary = venue.exchange.summary('BTCUSDT')
    expect(client.rows('tickers')[0]).toMatchObject({ bidPx: String(summary.bidTicks / 10), askSz: String(summary.askLots / 10), instId: BTC })
    expect(Number(at(client.rows('funding-rate')[0], 'nextFundingTime')) - Number(at(client.rows('funding-rate')[0], 'fundingTime'))).toBe(8 * 3_600_000)
    venue.run(65_000)
    expect(client.on('funding-rate').length).toBe(3)
  })
})
