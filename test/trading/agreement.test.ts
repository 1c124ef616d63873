import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../src/core/index.ts'
import { Agreement, createState, type Pipeline, type Readiness, type Rules } from '../../src/trading/index.ts'
import type { AccountSnapshot, TradingPort } from '../../src/venues/index.ts'

const WALLET = { balance: '1', equity: '1', marginUsed: '0', marginAvailable: '1' }
const SNAPSHOT: AccountSnapshot = { openOrders: [], positions: [], fills: [], fillsComplete: true, wallet: WALLET }

/** Three tries of a round are 2 s apart; the wait for the next round grows to 10 s. */
function stage() {
  const time = new VirtualTime(Date.UTC(2026, 0, 2))
  const asked: number[] = []
  let answers = false
  const trading = {
    snapshot: (_symbols: unknown, _since: unknown, done: (error: unknown, snapshot: AccountSnapshot | null) => void) => {
      asked.push(time.nowNs() / 1e9)
      time.after(0, () => (answers ? done(null, SNAPSHOT) : done(new Error('the breaker of position is open'), null)))
    },
  }
  const rules = { symbols: [], indexOf: new Map(), settings: { protection: { enabled: false }, reconcile: { tries: 3, delayMs: 2000, againMs: 10_000, mismatchMs: 1000, overlapMs: 0, auto: true, restoreAuto: true } } }
  const readiness = { phase: 'running', linkUp: true, everReconciled: true, linkChanged: () => {}, agreed: () => {}, disagreed: () => {} }
  const agreement = new Agreement(
    rules as unknown as Rules,
    createState(),
    trading as unknown as TradingPort,
    { moment: () => ({ ns: time.nowNs(), wallMs: time.wallMs() }), act: () => {} } as unknown as Pipeline,
    readiness as unknown as Readiness,
    { clock: time, timers: time, count: () => {}, log: Object.assign(() => {}, { child: () => () => {} }) as never },
    { onWallet: () => {}, onRecovery: () => {} },
  )
  return { time, asked, agreement, answer: (does: boolean) => void (answers = does) }
}

describe('agreement with the venue after the link is up again', () => {
  it('is asked for again after 2, 4, 8 and then every 10 s while rounds fail, so that a breaker that cools down for 5 s costs 2 s more', () => {
    const { time, asked, agreement } = stage()
    agreement.onLink('up', 'test')
    time.runUntil(60e9)
    expect(asked).toEqual([0, 2, 4, /* +2 */ 6, 8, 10, /* +4 */ 14, 16, 18, /* +8 */ 26, 28, 30, /* +10 */ 40, 42, 44, 54, 56, 58])
    agreement.stop()
  })

  it('begins with the short wait again after it was reached, and after a new link', () => {
    const { time, asked, agreement, answer } = stage()
    agreement.onLink('up', 'test')
    time.runUntil(11e9)
    answer(true)
    time.runUntil(14.5e9)
    expect(asked.at(-1)).toBe(14)
    answer(false)
    agreement.reconcile('audit')
    time.runUntil(22e9)
    expect(asked.slice(-4)).toEqual([14.5, 16.5, 18.5, 20.5])
    agreement.onLink('up', 'another one')
    time.runUntil(28.5e9)
    expect(asked.slice(-4)).toEqual([22, 24, 26, 28])
    agreement.stop()
  })
})
