import { appendFileSync, mkdtempSync, rmSync, truncateSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { DecisionLog, JournalBooks, MarketView, OrderQueries, ordersQuery } from '../../src/api/index.ts'
import { orderRow, orderStory, positionRows, tradeRow } from '../../src/api/rows/index.ts'
import { Checkpointer } from '../../src/storage/checkpoint/index.ts'
import { FileJournal, type TradingRecord } from '../../src/trading/index.ts'
import { feedStory, story } from './fixture.ts'

describe('the books of the gateway', () => {
  const dirs: string[] = []
  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
  })
  function journalOf(records: readonly TradingRecord[]): { readonly path: string; readonly journal: FileJournal } {
    const dir = mkdtempSync(join(tmpdir(), 'ringmaster-books-'))
    dirs.push(dir)
    const path = join(dir, 'x.journal')
    const journal = new FileJournal(path)
    journal.append(records)
    journal.flush()
    return { path, journal }
  }
  const readAll = (books: JournalBooks): JournalBooks => {
    while (books.poll() !== null);
    return books
  }
  const find = (books: JournalBooks, query: object): { readonly ids: string[]; readonly total: number; readonly next: string | null } => {
    const found = new OrderQueries(() => books.orders, () => books.version).find(ordersQuery.parse(query))
    return { ids: found.rows.map(({ id }) => id), total: found.total, next: found.next }
  }

  it('tell each order, fill and position as the journal does, money to the digit', () => {
    const { path } = journalOf(story(2))
    const books = readAll(new JournalBooks(path, 100))
    expect(orderRow(books.orders.get('rmtestE1D0S1A0')!, books)).toMatchObject({ symbol: 'BTCUSDT', side: 'buy', price: '60000.0', size: '0.002', filled: '0.002', averagePrice: '60000', status: 'filled', strategies: ['imbalance'], fee: '0.024', realised: '0', positionId: '1' })
    expect(orderRow(books.orders.get('rmtestE1X1N0A0')!, books)).toMatchObject({ purpose: 'exit', averagePrice: '60100', fee: '0.024', realised: '0.2' })
    expect(books.trades.map(tradeRow)).toMatchObject([{ id: '1', side: 'long', realised: '0.2', fees: '0.048', net: '0.152', exitReason: 'take-profit', strategies: ['imbalance'] }])
    expect(books.sums).toMatchObject({ orders: 3, entries: 2, entriesFilled: 2, fills: 3, makerFills: 2, trades: 1, wins: 1 })
    expect(books.equity).toMatchObject([{ equity: '1000' }])

    const market = new MarketView(() => 0)
    for (const message of feedStory) market.hear(message)
    // 0.002 bought at 60000, the bid stands at 60200: 0.4 up on a value of 120.
    expect(positionRows(books, market)).toMatchObject([{ id: '2', side: 'long', size: '0.002', entryPrice: '60000', price: '60200.0', unrealised: '0.4', unrealisedPercent: 0.333333, takeProfit: '60600.0', stopLoss: '59400.0', entryOrderId: 'rmtestE1D0S2A0' }])
    market.onLink(false)
    expect(positionRows(books, market)).toMatchObject([{ price: null, unrealised: null, priceSource: 'none' }])
  })

  it('tell the story of an order from the records themselves', () => {
    const { path } = journalOf(story(2))
    const books = readAll(new JournalBooks(path, 100))
    const market = new MarketView(() => 0)
    for (const message of feedStory) market.hear(message)
    const told = orderStory(books.orders.get('rmtestE1X1N0A0')!, books, market, new DecisionLog(10, 0))
    expect(told).toMatchObject({ position: null, trade: { id: '1' }, canClose: false, closeRefusal: 'its position is closed', decision: { sequence: 1, reason: 'single', configHash: '0000abcd', features: null, votes: expect.arrayContaining([{ strategy: 'imbalance', vote: 0.7 }]) as object }, risk: { sizedBy: 'fixed', exitSource: 'test' } })
    expect(told.siblings.map(({ id }) => id)).toEqual(['rmtestE1D0S1A0', 'rmtestE1X1N0A0'])
    expect(told.fills).toMatchObject([{ id: 'x1', price: '60100.0', size: '0.002' }])
    expect(told.chain.map(({ kind }) => kind)).toEqual(['order-intended', 'order-accepted', 'fill-booked', 'order-intended', 'order-accepted', 'fill-booked'])
    expect(orderStory(books.orders.get('rmtestE1D0S2A0')!, books, market, new DecisionLog(10, 0))).toMatchObject({ canClose: true, position: { id: '2' }, trade: null })
  })

  it('filter, sort and turn pages without a hole or a row twice', () => {
    const { path } = journalOf(story(30))
    const books = readAll(new JournalBooks(path, 1000))
    const all = find(books, { limit: 500 })
    expect(all.total).toBe(59)
    const pages: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = find(books, { limit: 7, ...(cursor === undefined ? {} : { cursor }) })
      pages.push(...page.ids)
      cursor = page.next
    }
    expect(pages).toEqual(all.ids)
    expect(find(books, { purpose: 'entry' }).total).toBe(30)
    expect(find(books, { side: 'sell' }).total).toBe(29)
    expect(find(books, { strategy: 'momentum' }).total).toBe(0)
    expect(find(books, { status: 'active' }).total).toBe(0)
    expect(find(books, { symbol: 'ETHUSDT' }).total).toBe(0)
    expect(find(books, { sort: 'created', direction: 'asc', limit: 1 }).ids).toEqual(['rmtestE1D0S1A0'])
    expect(find(books, { sort: 'price', limit: 1 }).ids[0]).toMatch(/X/)
    expect(find(books, { sort: 'realised', direction: 'asc', limit: 1 }).ids[0]).toMatch(/D/)
  })

  it('keep the newest orders and forget the oldest that have ended', () => {
    const { path } = journalOf(story(60))
    const books = readAll(new JournalBooks(path, 100))
    expect(books.orders.size).toBe(100)
    expect(books.orders.get('rmtestE1D0S1A0')).toBeUndefined()
    expect(find(books, { limit: 500 }).ids).toHaveLength(100)
    expect(books.sums.orders).toBe(119)
  })

  it('tell the same of what is open when they begin at a checkpoint', () => {
    const { path } = journalOf(story(20))
    const checkpointer = new Checkpointer(path)
    while (checkpointer.poll());
    checkpointer.save()
    checkpointer.close()
    const short = new JournalBooks(path, 100, 10)
    const [whole, begun] = [readAll(new JournalBooks(path, 100)), readAll(short)]
    const market = new MarketView(() => 0)
    for (const message of feedStory) market.hear(message)
    expect(positionRows(begun, market).map(({ entryOrderId: _id, ...row }) => row)).toEqual(positionRows(whole, market).map(({ entryOrderId: _id, ...row }) => row))
    expect(begun.state.records).toBe(whole.state.records)
    expect(begun.orders.get('rmtestE1D0SkA0')?.filledLots).toBe(2)
  })

  it('follow what is written, wait for a torn tail, and begin anew when the journal was taken back', () => {
    const { path, journal } = journalOf(story(2))
    const books = readAll(new JournalBooks(path, 100))
    const bytes = statSync(path).size
    const more = story(3).slice(12)
    journal.append(more)
    journal.flush()
    const news = books.poll()
    expect([...news!.orders].map(({ id }) => id)).toContain('rmtestE1X2N0A0')
    expect(news!.trades).toHaveLength(1)
    journal.close()
    appendFileSync(path, Buffer.from([1, 2, 3]))
    expect(books.poll()).toBeNull()
    truncateSync(path, bytes)
    readAll(books)
    expect(books.orders.size).toBe(3)
    expect(books.caughtUp).toBe(true)
  })
})
