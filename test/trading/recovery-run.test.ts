import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderRecovery } from '../../src/cli/index.ts'
import { MemoryJournal, type RecoveryReport, type TradingRecord, type TradingSettings } from '../../src/trading/index.ts'
import { ALL_FAULTS, NO_FAULTS } from './support/model-venue.ts'
import { exitSets, settings, SYMBOLS, World } from './support/world.ts'

const withRecovery = (change: Partial<TradingSettings['reconcile']>, more: Partial<TradingSettings> = {}): TradingSettings => ({ ...settings, ...more, reconcile: { ...settings.reconcile, ...change } })

/** Starts a life that keeps its reports. */
function startReporting(world: World): RecoveryReport[] {
  const reports: RecoveryReport[] = []
  world.start(true, -1, 'after-append', { onRecovery: (report) => void reports.push(report) })
  return reports
}

/** Ends a life without a goodbye. */
function kill(world: World): void {
  world.life.die()
}

const kinds = (records: readonly TradingRecord[]): string[] => records.map((record) => record.kind)
const held = (world: World, symbol: string): number => world.life.actor.state.symbols.get(symbol)?.ledger.signedLots ?? 0

describe('recovery (EX-40, EX-44)', () => {
  it('F5: k restarts with a still venue append no order event and no position event', () => {
    const world = new World(3, NO_FAULTS, { ...settings, exit: { ...settings.exit, byRegime: exitSets({ holdMsMax: 10_000_000, takeProfitPercent: '50', stopLossPercent: '50' }) }, entry: { ...settings.entry, ttlMs: 100 } })
    world.start()
    world.run(500)
    for (let n = 0; n < 40 && held(world, SYMBOLS[0]!) === 0; n++) {
      world.decide(0, 0)
      world.run(200)
    }
    expect(held(world, SYMBOLS[0]!)).not.toBe(0)
    world.run(3000)
    const before = world.journal.length
    for (let k = 0; k < 4; k++) {
      kill(world)
      world.start()
      world.run(4000)
      expect(world.life.status?.state).toBe('ready')
    }
    // Each life asks for the stop that its position is to have, which the venue has already.
    expect(new Set(kinds(world.records().slice(before)).filter((kind) => !kind.startsWith('protection-')))).toEqual(new Set(['epoch-started', 'reconciled']))
  })

  it('F7: whatever part of the history the venue has forgotten, and with the journal lost, the positions are the venue\'s before anything opens', () => {
    let compared = 0
    let truncated = 0
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0.2, max: 1, noNaN: true }), fc.boolean(), (seed, share, lost) => {
        const world = new World(seed, ALL_FAULTS)
        world.start()
        world.trade(7000, 120, () => {})
        kill(world)
        world.venue.faults = NO_FAULTS
        truncated += world.venue.fills.splice(0, Math.floor(share * world.venue.fills.length)).length
        if (lost) world.journal = new MemoryJournal()
        world.start()
        // A fill that is missing from a snapshot may be on its way for a minute.
        for (let step = 0; step < 2000 && world.life.status?.state !== 'ready'; step++) {
          world.decide(step % 2, 0)
          expect(world.records().some((record) => record.kind === 'order-intended' && record.purpose === 'entry' && record.atMs >= world.life.actor.state.epochMs)).toBe(false)
          world.run(50)
        }
        expect(world.life.status?.state).toBe('ready')
        // Fills of exits that were sent since are on their way at any moment.
        for (let step = 0; step < 200 && SYMBOLS.some((symbol) => held(world, symbol) !== world.venue.positions.get(symbol)); step++) world.run(50)
        for (const symbol of SYMBOLS) {
          expect(held(world, symbol), symbol).toBe(world.venue.positions.get(symbol))
          if (held(world, symbol) !== 0) compared++
        }
      }),
      { numRuns: 40 },
    )
    expect(compared).toBeGreaterThan(2)
    expect(truncated).toBeGreaterThan(10)
  })

  it('reports what a start found: restored machines, fills that nobody saw, orders that hang, with the venue\'s data', () => {
    const world = new World(9, NO_FAULTS, withRecovery({}, { entry: { ...settings.entry, ttlMs: 600_000 }, exit: { ...settings.exit, byRegime: exitSets({ holdMsMax: 10_000_000, takeProfitPercent: '50', stopLossPercent: '50' }) } }))
    world.start()
    world.run(500)
    world.venue.prices.set(SYMBOLS[0]!, 200_000)
    world.decide(0, 0)
    // Far from the price: the order rests.
    world.run(10)
    world.venue.prices.set(SYMBOLS[0]!, 300_000)
    world.run(200)
    const id = [...world.life.actor.state.orders.values()][0]!.clientId
    expect(world.venue.find(id)?.status).toBe('open')
    kill(world)
    world.venue.end(world.venue.find(id)!, 'cancelled', 'by somebody')
    const reports = startReporting(world)
    world.run(3000)
    const last = reports.at(-1)!
    expect(reports[0]).toMatchObject({ number: 1, reason: 'start', outcome: 'agreed', epoch: 2, ordersRestored: { Placed: 1 }, hanging: [{ clientId: id, issue: 'not-open', resolved: false, venueData: null }] })
    // The answer that came later corrects the report of the run.
    expect(last).toMatchObject({ number: 1, hanging: [{ clientId: id, symbol: SYMBOLS[0], localState: 'Placed', issue: 'status-mismatch', reason: 'by somebody', venueStatus: 'cancelled', resolved: true, venueData: { clientId: id, status: 'cancelled', filledLots: 0 } }] })
    expect(last.hanging[0]!.venueId).not.toBe('')
    const audit = world.records().filter((record) => record.kind === 'hanging-resolved')
    expect(audit).toMatchObject([{ clientId: id, issue: 'status-mismatch', venueData: { status: 'cancelled', reason: 'by somebody' } }])
    const words = renderRecovery(last)
    for (const part of ['recovery 1 of epoch 2 (start): the books and the venue agree', '1 Placed', 'status-mismatch', id, 'by somebody', '1 of them settled']) expect(words).toContain(part)
  })

  it('ENABLE_AUTO_RECOVERY=false: looks, reports what it would do, writes and opens nothing until a person asks', () => {
    const world = new World(5, NO_FAULTS, withRecovery({ auto: false }))
    world.venue.foreignTrade(SYMBOLS[1]!, 0, 7, false)
    const reports = startReporting(world)
    world.run(500)
    const before = world.journal.length
    for (let n = 0; n < 20; n++) {
      world.decide(0, 0)
      world.run(500)
    }
    expect(kinds(world.records().slice(before))).toEqual([])
    expect(world.venue.orders.filter((order) => order.request.clientId !== '')).toEqual([])
    expect(world.life.status).toMatchObject({ state: 'starting', note: expect.stringContaining('ringmaster recover') as unknown })
    expect(reports).toMatchObject([{ outcome: 'waiting', fillsBooked: 1, requests: [] }])
    expect(renderRecovery(reports[0]!)).toContain('waits for a person; nothing was changed')
    expect(held(world, SYMBOLS[1]!)).toBe(0)

    world.life.actor.onMessage({ type: 'recover', why: 'by command', request: 'recovery-1' })
    world.run(2000)
    expect(reports.at(-1)).toMatchObject({ outcome: 'agreed', reason: 'by command', requests: ['recovery-1'], fillsBooked: 1 })
    expect(world.life.status?.state).toBe('ready')
    expect(world.records()).toContainEqual(expect.objectContaining({ kind: 'fill-booked', symbol: SYMBOLS[1], lots: 7, note: 'foreign', source: 'snapshot' }))
    // Once asked for, a lost link is this life's own matter.
    world.life.connection.drop()
    world.run(3000)
    expect(world.life.status?.state).toBe('ready')
  })

  it('ENABLE_FSM_AUTO_RESTORE=false: symbols with restored machines take no entry until a person asks, and still exit', () => {
    const world = new World(3, NO_FAULTS, withRecovery({ restoreAuto: false }, { exit: { ...settings.exit, byRegime: exitSets({ holdMsMax: 6000, takeProfitPercent: '50', stopLossPercent: '50' }) } }))
    world.start()
    world.run(500)
    for (let n = 0; n < 40 && held(world, SYMBOLS[0]!) === 0; n++) {
      world.decide(0, 0)
      world.run(200)
    }
    expect(held(world, SYMBOLS[0]!)).not.toBe(0)
    kill(world)
    const reports = startReporting(world)
    world.run(500)
    const books = world.life.actor.state.symbols
    expect(books.get(SYMBOLS[0]!)!.frozen?.code).toBe('restored')
    expect(books.get(SYMBOLS[1]!)!.frozen).toBeNull()
    world.run(9000)
    expect(held(world, SYMBOLS[0]!)).toBe(0)
    const entries = (): number => world.records().filter((record) => record.kind === 'order-intended' && record.purpose === 'entry' && record.symbol === SYMBOLS[0]).length
    const then = entries()
    world.decide(0, 0)
    world.run(200)
    expect(entries()).toBe(then)
    world.life.actor.onMessage({ type: 'recover', request: 'r' })
    world.run(500)
    expect(books.get(SYMBOLS[0]!)!.frozen).toBeNull()
    world.decide(0, 0)
    world.run(200)
    expect(entries()).toBe(then + 1)
    expect(reports.at(-1)!.requests).toEqual(['r'])
  })

  it.each([[true, 1], [false, 0]] as const)('ENABLE_HANGING_ORDER_CHECK=%s: an order that the venue does not list is settled either way, and reported only with it', (hangingCheck, reported) => {
    const world = new World(9, NO_FAULTS, withRecovery({ hangingCheck }, { entry: { ...settings.entry, ttlMs: 600_000 } }))
    world.start()
    world.run(500)
    world.decide(0, 0)
    world.run(10)
    world.venue.prices.set(SYMBOLS[0]!, 300_000)
    world.run(200)
    const id = [...world.life.actor.state.orders.values()][0]!.clientId
    kill(world)
    world.venue.end(world.venue.find(id)!, 'cancelled', 'by somebody')
    world.start()
    world.run(3000)
    expect(world.records().filter((record) => record.kind === 'order-hanging')).toHaveLength(reported)
    expect(world.life.actor.state.orders.get(id)!.history.at(-1)!.to).toBe('Cancelled')
  })

  it.each([[true, true], [false, false]] as const)('DETAILED_HANGING_ORDER_LOGGING=%s: the log has the venue\'s data and the history of a hanging order: %s', (hangingDetail, detailed) => {
    const world = new World(9, NO_FAULTS, withRecovery({ hangingDetail }, { entry: { ...settings.entry, ttlMs: 600_000 } }))
    world.start()
    world.run(500)
    world.decide(0, 0)
    world.run(10)
    world.venue.prices.set(SYMBOLS[0]!, 300_000)
    world.run(200)
    const id = [...world.life.actor.state.orders.values()][0]!.clientId
    kill(world)
    world.venue.end(world.venue.find(id)!, 'cancelled', 'by somebody')
    world.start()
    world.run(3000)
    const line = world.life.logs.find((one) => one.includes('hanging-resolved'))!
    expect(line.includes('"venueData":{') && line.includes('"history":[{')).toBe(detailed)
    expect(line).toContain('"trace":"AAAUSDT/')
  })

  it('a request while the private stream is down is answered at once, and again with the run that follows', () => {
    const world = new World(4, NO_FAULTS)
    const reports = startReporting(world)
    world.run(500)
    world.life.connection.drop()
    world.run(20)
    world.life.actor.onMessage({ type: 'recover', request: 'r1' })
    expect(reports.at(-1)).toMatchObject({ outcome: 'failed', requests: ['r1'], problem: expect.stringContaining('private stream is down') as unknown })
    world.run(3000)
    expect(reports.at(-1)).toMatchObject({ outcome: 'agreed', reason: 'link up again' })
  })
})
