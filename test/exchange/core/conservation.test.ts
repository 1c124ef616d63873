import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, money, SELL, ZERO, type Money, type Side } from '../../../src/core/index.ts'
import { Exchange, MemoryLedger, type Execution, type Leg } from '../../../src/exchange/index.ts'
import { market, openDesk, order, type Desk } from './support.ts'

const S = 'AAAUSDT'
const ACCOUNTS = ['alice', 'bob', 'carl'] as const
const FUND = '#insurance'
const ALL = [...ACCOUNTS, FUND]
const START = 20_000

type Step = readonly [kind: number, who: number, side: number, ticks: number, lots: number, flag: boolean]

/** One random command of an account, the market, the clock or the operator. */
function run(desk: Desk, [kind, who, sideOf, away, lots, flag]: Step): void {
  const { exchange } = desk
  const account = ACCOUNTS[who]
  const side: Side = sideOf === 0 ? BUY : SELL
  const last = exchange.summary(S).lastTicks
  const ticks = Math.max(1, last + away)
  const hedge = exchange.positionMode(account, S) === 'hedge'
  const leg: Leg = !hedge ? 'net' : (side === BUY) === flag ? 'short' : 'long'
  const waiting = exchange.orders(account, { open: true, conditional: true })
  const price = (at: number) => ({ ticks: Math.max(1, at), by: flag ? 'last' : 'mark', limitTicks: null }) as const
  if (kind === 0) exchange.place(account, order({ clientId: '', side, priceTicks: ticks, lots, leg, reduceOnly: flag && lots % 4 === 0, onBand: flag ? 'move' : 'refuse' }))
  else if (kind === 1) exchange.place(account, market(side, lots, { clientId: '', leg, protection: { mode: flag ? 'full' : 'partial', takeProfit: price(side === BUY ? last + 6 : last - 6), stopLoss: price(side === BUY ? last - 5 : last + 5) } }))
  else if (kind === 2) exchange.place(account, market(side, lots, { clientId: '', leg, reduceOnly: flag, trigger: { by: 'last', direction: away >= 0 ? 'rise' : 'fall', ticks, activeMax: 40 } }))
  else if (kind === 3) exchange.place(account, market(side, lots, { clientId: '', leg, reduceOnly: true, trigger: { by: 'last', direction: flag ? 'rise' : 'fall', trail: { distanceTicks: 1 + Math.abs(away), ratio: null, activeTicks: null }, activeMax: 40 } }))
  else if (kind === 4 && waiting.length > 0) exchange.amend(account, S, waiting[0], { triggerTicks: ticks })
  else if (kind === 5) exchange.cancelAll(account, S, { kinds: flag ? 'orders' : 'all', reason: 'dead-man' })
  else if (kind === 6) exchange.setPositionMode(account, null, flag ? 'hedge' : 'one-way')
  else if (kind === 7) exchange.setLeverage(account, S, String(1 + (lots % 50)))
  else if (kind === 8) exchange.setProtection(account, S, leg, flag ? { mode: 'full', takeProfit: price(last + away), trailing: { trail: { distanceTicks: 3, ratio: null, activeTicks: null }, by: 'last' } } : { mode: 'partial', lots: 1, stopLoss: price(last + away) })
  else if (kind === 9) desk.market.take(side, ticks, lots)
  else if (kind === 10) desk.market.print(side, ticks, lots)
  else if (kind === 11) {
    // The whole market moves.
    for (let i = 1; i <= 5; i++) {
      desk.market.flow.setLevel(BUY, Math.max(1, ticks + 3 * away - i), flag ? 100 : 5)
      desk.market.flow.setLevel(SELL, Math.max(1, ticks + 3 * away) + i, flag ? 100 : 5)
    }
    desk.market.flow.commit()
  } else if (kind === 12) desk.time.runUntil(desk.time.nowNs() + lots * 1e9)
  else if (kind === 13) desk.time.runUntil(desk.time.nowNs() + 3600e9)
  else if (kind === 14) exchange.operator.deleverage(S, side, lots)
  else if (kind === 15 && flag) exchange.operator.liquidate(account)
  else if (kind === 16) exchange.operator.closeByHand(account, S, leg, flag ? null : lots)
  else if (kind === 17) exchange.operator.changeContract(S, { status: flag ? 'Trading' : 'Suspended' })
  else if (kind === 18) exchange.operator.rejectNext(flag ? account : null)
  else if (kind === 19) for (const one of exchange.orders(account, { open: true })) exchange.operator.fill(account, one, lots)
}

const steps = fc.array(fc.tuple(fc.nat(19), fc.nat(2), fc.nat(1), fc.integer({ min: -12, max: 12 }), fc.integer({ min: 1, max: 60 }), fc.boolean()), { minLength: 25, maxLength: 60, size: 'max' })

/** Cash and lots of everybody by their executions alone: an independent sum of price × size, without any position in between. */
function sums(exchange: Exchange): { lots: number; cash: Money } {
  let lots = 0
  let cash = ZERO
  for (const account of ALL) {
    for (const row of exchange.executions(account, {})) {
      cash = cash.minus(row.fee)
      if (row.kind === 'Funding') continue
      const sign = row.side === BUY ? 1 : -1
      lots += sign * row.lots
      cash = cash.minus(row.price.times(sign * row.lots))
    }
  }
  return { lots, cash }
}

const state = (exchange: Exchange): string => JSON.stringify(ALL.map((account) => [
  exchange.wallet(account).balance, exchange.positions(account), exchange.orders(account, {}), exchange.orders(account, { conditional: true }), exchange.executions(account, {}), exchange.positionMode(account, S),
]))

describe('whatever is commanded, triggered, liquidated, deleveraged and funded', () => {
  it('every balance is its start plus what its executions say, lots are what was bought and sold, and internal transfers cancel out', () => {
    fc.assert(fc.property(steps, (commands) => {
      const internal: Execution[] = []
      const desk = openDesk({ startingBalance: String(START), insurance: '5000', defaultLeverage: '20', listener: { onExecution: (row) => { if ((row.kind === 'Adl' || row.kind === 'Liquidation') && !row.maker) internal.push(row) } } })
      for (const command of commands) run(desk, command)
      const { exchange } = desk
      for (const account of ALL) {
        const rows = exchange.executions(account, {})
        const start = account === FUND ? 5000 : START
        expect(exchange.wallet(account).balance.toFixed()).toBe(rows.reduce((sum, row) => sum.plus(row.realisedPnl).minus(row.fee), money(start)).toFixed())
        for (const leg of ['net', 'long', 'short'] as const) {
          const held = rows.filter((row) => row.leg === leg && row.kind !== 'Funding').reduce((sum, row) => sum + (row.side === BUY ? row.lots : -row.lots), 0)
          const { signedLots } = exchange.position(account, S, leg)
          expect(signedLots).toBe(held)
          if (leg !== 'net') expect(leg === 'long' ? signedLots >= 0 : signedLots <= 0).toBe(true)
        }
      }
      // With the market as the other side of every trade: Σ balances + Σ value of what is held at cost = Σ starts + Σ cash.
      const total = sums(exchange)
      let wealth = ZERO
      let held = 0
      for (const account of ALL) {
        wealth = wealth.plus(exchange.wallet(account).balance)
        for (const row of exchange.positions(account)) {
          held += row.signedLots
          wealth = wealth.minus(row.entryPrice.times(row.signedLots))
        }
      }
      expect(held).toBe(total.lots)
      expect(wealth.minus(total.cash.plus(3 * START + 5000)).abs().lt('0.000001')).toBe(true)
      // Every deleveraging has two sides of the same lots and price.
      const adl = internal.filter((row) => row.kind === 'Adl')
      expect(adl.filter((row) => row.account === FUND).map((row) => [row.side === BUY ? SELL : BUY, row.lots, row.priceTicks]))
        .toEqual(adl.filter((row) => row.account !== FUND).map((row) => [row.side, row.lots, row.priceTicks]))
    }), { numRuns: 60 })
  })

  it('a reduce-only order never stands for more than its leg, waiting orders hold no margin, and a flat leg has no protection', () => {
    fc.assert(fc.property(steps, (commands) => {
      const desk = openDesk({ startingBalance: String(START), defaultLeverage: '20' })
      for (const command of commands) {
        run(desk, command)
        for (const account of ACCOUNTS) {
          for (const one of desk.exchange.orders(account, { open: true })) {
            const position = desk.exchange.position(account, S, one.leg).signedLots
            if (one.reduceOnly) expect(one.lots - one.filledLots).toBeLessThanOrEqual(one.side === BUY ? -position : position)
          }
          for (const one of desk.exchange.orders(account, { open: true, conditional: true })) {
            expect(one.filledLots).toBe(0)
            if (one.origin === 'protection') expect(desk.exchange.position(account, S, one.leg).signedLots).not.toBe(0)
          }
          if (desk.exchange.orders(account, { open: true }).length === 0) expect(desk.exchange.wallet(account).orderMargin.isZero()).toBe(true)
        }
      }
    }), { numRuns: 30 })
  })

  it('a restart over the ledger gives the same accounts, orders, triggers and modes', () => {
    fc.assert(fc.property(steps, (commands) => {
      const ledger = new MemoryLedger()
      const desk = openDesk({ startingBalance: String(START), insurance: '5000', defaultLeverage: '20', ledger })
      for (const account of ACCOUNTS) desk.exchange.wallet(account)
      for (const command of commands) run(desk, command)
      const before = state(desk.exchange)
      // Not started: what waits may rightly fire at the price of the new day.
      const again = new Exchange({ clock: desk.time, timers: desk.time, markets: [desk.market], ledger: new MemoryLedger(ledger.lines), startingBalance: String(START), insurance: '5000', defaultLeverage: '20' })
      expect(state(again)).toBe(before)
    }), { numRuns: 60 })
  })

  it('two runs of the same commands write the same ledger, byte for byte', () => {
    fc.assert(fc.property(steps, (commands) => {
      const once = (): readonly string[] => {
        const ledger = new MemoryLedger()
        const desk = openDesk({ startingBalance: String(START), defaultLeverage: '20', ledger })
        for (const command of commands) run(desk, command)
        return ledger.lines
      }
      expect(once()).toEqual(once())
    }), { numRuns: 30 })
  })
})
