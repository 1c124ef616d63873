import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUY, Random, SELL, type Side } from '../../../src/core/index.ts'
import { FileLedger, MemoryLedger, type Exchange, type Fact, type Ledger } from '../../../src/exchange/index.ts'
import { market, openDesk, order, type Desk } from './support.ts'

const ACCOUNTS = ['alice', 'bob']

/** Everything private that must outlive the process, as plain text. Times of restarts differ, so no order of re-entry is in it. */
function stateOf(exchange: Exchange): string {
  return JSON.stringify(ACCOUNTS.map((account) => {
    const { balance, realisedPnl } = exchange.wallet(account)
    return {
      balance, realisedPnl,
      positions: exchange.positions(account).map((row) => ({ ...row, entryPrice: row.entryPrice.toFixed(20) })),
      leverage: exchange.position(account, 'AAAUSDT').leverage,
      orders: exchange.orders(account, {}),
      executions: exchange.executions(account, {}),
    }
  }))
}

/** A random session; after every batch that reaches the ledger the state is noted. */
function session(seed: number, ledger: Ledger, noted: (exchange: Exchange) => void): Desk {
  const random = new Random(seed)
  const desk = openDesk({ ledger })
  for (const account of ACCOUNTS) desk.exchange.wallet(account)
  noted(desk.exchange)
  for (let i = 0; i < 60; i++) {
    const account = ACCOUNTS[random.below(2)]
    const side: Side = random.chance(0.5) ? BUY : SELL
    const ticks = 1000 + random.below(13) - 6
    const lots = 1 + random.below(60)
    const open = desk.exchange.orders(account, { open: true })
    const kind = random.below(9)
    if (kind < 3) desk.exchange.place(account, order({ clientId: `s${i}`, side, priceTicks: ticks, lots, reduceOnly: random.chance(0.2) }))
    else if (kind === 3) desk.exchange.place(account, market(side, lots, { clientId: `s${i}` }))
    else if (kind === 4 && open.length > 0) desk.exchange.amend(account, 'AAAUSDT', open[0], { lots, priceTicks: ticks })
    else if (kind === 5 && open.length > 0) desk.exchange.cancel(account, 'AAAUSDT', open[0])
    else if (kind === 6) desk.market.take(side, ticks, lots)
    else if (kind === 7) desk.market.level(side, ticks, random.below(200))
    else desk.exchange.setLeverage(account, 'AAAUSDT', String(5 + random.below(20)))
    noted(desk.exchange)
    desk.time.runUntil(desk.time.nowNs() + 1e8)
  }
  return desk
}

/** Rebuilds without a market of its own: the book stays empty, so nothing trades on re-entry. */
const rebuilt = (ledger: Ledger): Exchange => openDesk({ ledger, book: () => {} }).exchange

describe('durable state', () => {
  it('is the same after a restart at every prefix of the ledger', () => {
    for (const seed of [1, 2, 3]) {
      const ledger = new MemoryLedger()
      const states = new Map<number, string>()
      session(seed, ledger, (exchange) => states.set(ledger.lines.length, stateOf(exchange)))
      expect(states.size).toBeGreaterThan(25)
      for (const [count, state] of states) {
        expect(stateOf(rebuilt(new MemoryLedger(ledger.lines.slice(0, count)))), `seed ${seed}, ${count} lines`).toBe(state)
      }
    }
  })

  it('puts resting orders at the tail of their level, in the order of acceptance', () => {
    const ledger = new MemoryLedger()
    const first = openDesk({ ledger })
    first.exchange.place('alice', order({ clientId: 'first', lots: 10 }))
    first.exchange.place('bob', order({ clientId: 'second', lots: 5 }))
    const second = openDesk({ ledger: new MemoryLedger(ledger.lines) })
    expect(second.exchange.queueAheadLots('alice', { clientId: 'first' })).toBe(100)
    expect(second.exchange.queueAheadLots('bob', { clientId: 'second' })).toBe(110)
    expect(second.exchange.wallet('alice').orderMargin.toFixed()).toBe('999')
  })

  it('fills a resting order that the market moved through while the exchange was down, at the price of the order', () => {
    const ledger = new MemoryLedger()
    openDesk({ ledger }).exchange.place('alice', order({ clientId: 'down', lots: 10 }))
    const heard: string[] = []
    const second = openDesk({ ledger: new MemoryLedger(ledger.lines), listener: { onExecution: (row) => heard.push(`${row.lots}@${row.priceTicks} ${row.maker}`) }, book: (flow) => {
      flow.setLevel(BUY, 950, 100)
      flow.setLevel(SELL, 960, 100)
    } })
    expect(heard).toEqual(['10@999 true'])
    expect(second.exchange.findOrder('alice', { clientId: 'down' })!.status).toBe('Filled')
    expect(second.exchange.externalLots('AAAUSDT', SELL, 960)).toBe(90)
  })

  it('gives no id twice and refuses every client id of before', () => {
    const ledger = new MemoryLedger()
    const first = session(7, ledger, () => {})
    const clientIds = ACCOUNTS.flatMap((account) => first.exchange.orders(account, {}).map((row) => [account, row.clientId] as const))
    const used = new Set(ACCOUNTS.flatMap((account) => [...first.exchange.orders(account, {}).map((row) => row.orderId), ...first.exchange.executions(account, {}).map((row) => row.executionId)]))
    const sequence = first.exchange.sequence('AAAUSDT')
    const trades = new Set(first.exchange.recentTrades('AAAUSDT', 1000).map((row) => row.tradeId))
    const { exchange } = openDesk({ ledger: new MemoryLedger(ledger.lines) })
    for (const [account, clientId] of clientIds) expect(exchange.place(account, order({ clientId }))).toMatchObject({ ok: false, refusal: 'duplicate-client-id' })
    for (let i = 0; i < 20; i++) exchange.place('alice', market(i % 2 === 0 ? BUY : SELL, 3))
    const fresh = exchange.executions('alice', {}).slice(0, 20)
    for (const row of fresh) expect(used.has(row.executionId) || used.has(row.orderId)).toBe(false)
    for (const row of exchange.recentTrades('AAAUSDT', 1000)) expect(trades.has(row.tradeId)).toBe(false)
    expect(exchange.sequence('AAAUSDT')).toBeGreaterThan(sequence)
  })

  it('a fact that does not fit what came before is a coded error', () => {
    const lines = [JSON.stringify([{ t: 'final', n: 5, reason: 'user', ms: 1 } satisfies Fact])]
    expect(() => rebuilt(new MemoryLedger(lines))).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_LEDGER_FACT' }))
  })

  it('a ledger that cannot be written stops the exchange, and nobody hears of what it did not take', () => {
    let broken = false
    const heard: string[] = []
    const desk = openDesk({
      ledger: { replay: () => {}, append: () => { if (broken) throw new Error('disk full') }, close: () => {} },
      listener: { onOrder: (row) => heard.push(row.status) },
    })
    broken = true
    expect(() => desk.exchange.place('alice', order())).toThrow('disk full')
    broken = false
    expect(() => desk.exchange.place('alice', order())).toThrow('disk full')
    expect(heard).toEqual([])
  })
})

describe('ledger file', () => {
  let folder = ''
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'exchange-ledger-')) })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('holds the state of a killed process', () => {
    const path = join(folder, 'killed')
    // The first exchange is never stopped: what it wrote is all there is.
    const before = session(11, new FileLedger(path), () => {})
    expect(stateOf(rebuilt(new FileLedger(path)))).toBe(stateOf(before.exchange))
  })

  it('loses at most the last batch when its end is torn at any byte, and goes on from there', () => {
    const path = join(folder, 'torn')
    const desk = openDesk({ ledger: new FileLedger(path) })
    desk.exchange.place('alice', market(BUY, 5, { clientId: 'kept' }))
    const whole = readFileSync(path)
    desk.exchange.place('alice', market(BUY, 7, { clientId: 'torn-ü' }))
    const longer = readFileSync(path)
    for (let size = whole.length; size < longer.length; size += 7) {
      writeFileSync(path, longer.subarray(0, size))
      const again = rebuilt(new FileLedger(path))
      expect(again.position('alice', 'AAAUSDT').signedLots).toBe(5)
      again.cancelAll('alice', null)
      expect(rebuilt(new FileLedger(path)).executions('alice', {})).toHaveLength(1)
    }
    writeFileSync(path, longer)
    expect(rebuilt(new FileLedger(path)).position('alice', 'AAAUSDT').signedLots).toBe(12)
  })

  it('a damaged line with good ones behind it is a coded error that names the place', () => {
    const path = join(folder, 'damaged')
    const desk = openDesk({ ledger: new FileLedger(path) })
    desk.exchange.place('alice', market(BUY, 5))
    desk.exchange.place('alice', market(BUY, 5))
    const bytes = readFileSync(path)
    bytes[bytes.indexOf(10) + 30] ^= 1
    writeFileSync(path, bytes)
    expect(() => rebuilt(new FileLedger(path))).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_LEDGER_CORRUPT', details: expect.objectContaining({ line: 2, offset: bytes.indexOf(10) + 1 }) }))
  })

  it.each([['empty', ''], ['torn in its first header', '3fa0'], ['torn in its first batch', '3fa01b22 [{"t":"sta']])('a file that is %s is a first start', (name, text) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    expect(stateOf(rebuilt(new FileLedger(path)))).toBe(stateOf(rebuilt(new MemoryLedger())))
  })

  it.each(['my notes', 'my notes\n', '\n'])('a file that is no ledger (%j) is refused and left as it is', (text) => {
    const path = join(folder, 'notes')
    writeFileSync(path, text)
    expect(() => rebuilt(new FileLedger(path))).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_LEDGER_CORRUPT' }))
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('takes nothing after it was closed', () => {
    const path = join(folder, 'closed')
    const ledger = new FileLedger(path)
    ledger.replay(() => {})
    ledger.append([{ t: 'account', account: 'a', balance: '1' }])
    ledger.close()
    expect(() => ledger.append([])).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_LEDGER_WRITE' }))
    appendFileSync(path, 'x')
    truncateSync(path, 0)
  })
})
