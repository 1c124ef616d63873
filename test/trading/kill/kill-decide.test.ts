import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply, compileRules, createState, decide, openingRecords, type Rules, type TradingEvent, type TradingState } from '../../../src/trading/index.ts'
import { createKillFacts, type KillFacts } from '../../../src/trading/kill/facts.ts'
import type { CommandOutcome, VenueOrderStatus } from '../../../src/venues/index.ts'
import { money, type Side } from '../../../src/core/index.ts'
import { CLEARED, instruments, SYMBOLS } from '../support/world.ts'
import { killing } from './kill-world.ts'

/** The pure core alone, fed with anything in any order. */
class Core {
  readonly rules: Rules = compileRules(killing({ dailyLossMax: '3' }), instruments)
  readonly state: TradingState = createState()
  ns = 1e9
  #sequence = 0
  #executions = 0
  /** Engaged orders, increasing effects while engaged, and while not: the second must stay empty. */
  broken: string[] = []
  opened = 0

  constructor() {
    for (const record of openingRecords(this.rules, this.state, true, this.now())) apply(this.state, record)
  }

  now = () => ({ ns: this.ns, wallMs: 1_700_000_000_000 + this.ns / 1e6, opens: true })

  feed(event: TradingEvent): void {
    this.ns += 10e6
    const before = this.state.kill.engaged
    const result = decide(this.rules, this.state, event, this.now())
    for (const effect of result.effects) {
      if (effect.kind !== 'place' || effect.request.reduceOnly) continue
      this.opened++
      if (before !== null) this.broken.push(`${event.kind} opened ${effect.request.clientId} while engaged`)
    }
    if (before !== null && result.increases) this.broken.push(`${event.kind} increases while engaged`)
    for (const record of result.records) apply(this.state, record)
  }

  decision(symbolIndex: number, side: Side): TradingEvent {
    return { kind: 'decision', symbolIndex, sequence: ++this.#sequence, tickSequence: 1, receiveNs: this.ns, side, confidence: 0.9, by: 1, price: { refused: false, bidTicks: 99_999, askTicks: 100_001, receiveNs: this.ns }, regime: 'choppy', atrTicks: Number.NaN, clearance: CLEARED }
  }

  /** An order of ours that lives or has lived, or an id that nobody knows. */
  clientId(pick: number): string {
    const ids = [...this.state.orders.values()].map((order) => order.clientId)
    return ids.length === 0 ? 'rmtestE1D0Sz9A0' : ids[pick % ids.length]!
  }

  event(kind: number, pick: number, side: Side, odd: boolean): TradingEvent {
    const symbolIndex = pick % SYMBOLS.length
    const clientId = this.clientId(pick)
    const order = this.state.orders.get(clientId)
    const symbol = order?.symbol ?? SYMBOLS[symbolIndex]!
    const lots = order?.lots ?? 5
    const price = odd ? { refused: true as const, reason: 'stale' } : { refused: false as const, bidTicks: 99_000 + (pick % 2000), askTicks: 99_002 + (pick % 2000), receiveNs: this.ns }
    switch (kind) {
      case 0:
      case 1:
      case 2:
        return this.decision(symbolIndex, side)
      case 3:
        return { kind: 'price', symbolIndex, price }
      case 4: {
        const status: VenueOrderStatus = (['open', 'partially-filled', 'filled', 'cancelled', 'rejected'] as const)[pick % 5]!
        return { kind: 'venue-order', order: { clientId: odd ? `rmtestE9D0S${(pick % 36).toString(36)}A0` : clientId, venueId: 'v', symbol, side, status, priceTicks: 100_000, lots, filledLots: 0, averagePrice: '', reduceOnly: order?.reduceOnly ?? false, reason: '', updatedMs: 1 } }
      }
      case 5:
        return { kind: 'venue-fill', fill: { executionId: `e${++this.#executions}`, clientId: odd ? '' : clientId, venueId: 'v', symbol, side: order?.side ?? side, priceTicks: 99_000 + (pick % 2000), lots: 1 + (pick % lots), fee: '0.01', maker: true, kind: 'trade', timeMs: 1_700_000_000_000 + this.ns / 1e6 } }
      case 6: {
        const outcome: CommandOutcome = ([{ kind: 'accepted', venueId: 'v' }, { kind: 'refused', errorClass: 'rejected', code: '1', text: '' }, { kind: 'unknown', reason: 'lost' }, { kind: 'unsent', reason: 'down' }] as const)[pick % 4]!
        return { kind: odd ? 'cancel-outcome' : 'place-outcome', clientId, outcome }
      }
      case 7:
        this.ns += (pick % 20) * 1e9
        return { kind: 'sweep' }
      case 8: {
        const facts: KillFacts = { ...createKillFacts(), equity: '1000', walletAgeMs: 0, unrealised: odd ? money(-(pick % 5)) : money(0) }
        return { kind: 'watch', facts }
      }
      case 9:
        return { kind: 'flatten', symbolIndex, price }
      case 10:
        return odd ? { kind: 'evidence', clientId, evidence: { kind: 'absent' } } : { kind: 'release', symbol, why: 'test' }
      default:
        return odd ? { kind: 'suspend', symbol, why: 'test' } : { kind: 'resume', symbol, why: 'test' }
    }
  }
}

const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 11 }), fc.nat(10_000), fc.constantFrom<Side>(0, 1), fc.boolean()), { minLength: 20, maxLength: 120 })

describe('decisions while the kill switch is engaged (F12)', () => {
  it('no event of any kind, in any order, leads to an effect that increases exposure', () => {
    let opened = 0
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 60 }), fc.boolean(), (events, at, flatten) => {
        const core = new Core()
        events.forEach(([kind, pick, side, odd], index) => {
          if (index === at) core.feed({ kind: 'kill', order: { id: 'k', by: 'api', code: 'manual', reason: 'test', flatten, values: {} } })
          core.feed(core.event(kind, pick, side, odd))
        })
        opened += core.opened
        expect(core.broken).toEqual([])
        if (at < events.length) expect(core.state.kill.engaged).not.toBeNull()
      }),
      { numRuns: 300 },
    )
    // It is no empty run: before it was engaged, the same events opened.
    expect(opened).toBeGreaterThan(300)
  })

  it('what it closes never exceeds what is held', () => {
    fc.assert(
      fc.property(steps, (events) => {
        const core = new Core()
        core.feed({ kind: 'kill', order: { id: 'k', by: 'api', code: 'manual', reason: 'test', flatten: true, values: {} } })
        for (const [kind, pick, side, odd] of events) {
          const event = core.event(kind, pick, side, odd)
          const result = decide(core.rules, core.state, event, core.now())
          for (const effect of result.effects) {
            if (effect.kind !== 'place') continue
            const symbol = core.state.symbols.get(effect.request.symbol)!
            const closing = symbol.live.reduce((sum, order) => sum + (order.reduceOnly ? Math.max(0, order.lots - order.filledLots) : 0), 0)
            expect(effect.request.lots + closing).toBeLessThanOrEqual(Math.abs(symbol.ledger.signedLots))
            expect(effect.request.side).toBe(symbol.ledger.signedLots > 0 ? 1 : 0)
          }
          core.feed(event)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('is released by nothing but a release', () => {
    fc.assert(
      fc.property(steps, (events) => {
        const core = new Core()
        core.feed({ kind: 'kill', order: { id: 'k', by: 'api', code: 'manual', reason: 'test', flatten: false, values: {} } })
        for (const [kind, pick, side, odd] of events) core.feed(core.event(kind, pick, side, odd))
        expect(core.state.kill.engaged).toMatchObject({ id: 'k' })
      }),
      { numRuns: 100 },
    )
  })
})
