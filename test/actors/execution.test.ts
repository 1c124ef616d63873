import { describe, expect, it } from 'vitest'
import { BUY, type Clock, DecimalStep, fail, type Instrument } from '../../src/core/index.ts'
import { ACCOUNT_VIEW, Cell, POSITION_VIEW } from '../../src/memory/index.ts'
import { PriceReader, RegistryMemory } from '../../src/market/index.ts'
import { openEntries } from '../market/open-entries.ts'
import { cellSink, CANCELLED, CLOSED, FAILED, FILLED, type Journal, MemoryJournal, OPEN, ORDER_STATES, readerPrices, type TradingRecord, type TradingSettings } from '../../src/trading/index.ts'
import { NO_FAULTS } from '../trading/support/model-venue.ts'
import { exitSets, instruments, settings, SYMBOLS, World } from '../trading/support/world.ts'

const A = SYMBOLS[0]!

/** A world whose prices stand still, ready to trade. */
function ready(own: TradingSettings = settings): World {
  const world = new World(3, NO_FAULTS, own)
  world.start()
  world.run(400)
  expect(world.life.status).toEqual({ state: 'ready' })
  return world
}

/** Buys on the first symbol until something is held. */
function holding(world: World): number {
  for (let i = 0; i < 200; i++) {
    world.decide(0, 0)
    world.run(200)
    const lots = world.venue.positions.get(A)!
    if (lots !== 0 && world.life.actor.state.symbols.get(A)!.ledger.signedLots === lots) return lots
  }
  throw new Error('the model venue never filled an entry')
}

const kinds = (world: World) => world.records().map((record) => record.kind)
const find = <K extends TradingRecord['kind']>(world: World, kind: K) => world.records().filter((record): record is Extract<TradingRecord, { kind: K }> => record.kind === kind)
const refused = (world: World, reason: string) => world.life.counts.get(`decisions_refused/${reason}`) ?? 0

describe('execution actor: from decision to order', () => {
  it('F25 EX-11: an entry is in the journal before it leaves, with a client id that leads back to the decision', () => {
    const world = ready()
    const seen: string[] = []
    const place = world.life.connection.place.bind(world.life.connection)
    world.life.connection.place = (request, done) => {
      seen.push(...find(world, 'order-intended').map((record) => record.clientId))
      expect(seen).toContain(request.clientId)
      place(request, done)
    }
    world.decide(0, 0, 42)
    expect(seen).toEqual(['rmtestE1D0S16A0'])
    const [intent] = find(world, 'order-intended')
    expect(intent).toMatchObject({ symbol: A, purpose: 'entry', side: 0, type: 'limit', timeInForce: 'GTC', reduceOnly: false, trace: `${A}/42/42`, decisionSequence: 42 })
    expect(intent!.why).toContain('offset 0.05 % from by_regime.choppy')
    expect(intent!.terms).toMatchObject({ regime: 'choppy', offsetPercent: '0.05', offsetSource: 'by_regime.choppy', confidence: 0.9 })
    // 100 USDT at about 10000 USDT and 0.001 a lot are 10 lots of 10 USDT, fewer by the passive offset's rounding never more.
    expect(intent!.lots * intent!.priceTicks! * 0.0001).toBeLessThanOrEqual(100)
    expect(intent!.lots).toBeGreaterThanOrEqual(9)
  })

  it('F1: a decision that comes again sends nothing, in this life and in the next of the same epoch', () => {
    const world = ready()
    world.decide(0, 0, 7)
    world.run(2500)
    world.decide(0, 0, 7)
    world.life.die()
    world.start(false)
    world.run(400)
    expect(world.life.actor.state.epoch).toBe(1)
    const before = refused(world, 'seen-decision')
    world.decide(0, 0, 7)
    expect(refused(world, 'seen-decision')).toBe(before + 1)
    expect(find(world, 'order-intended').filter((record) => record.purpose === 'entry')).toHaveLength(1)
    world.life.die()
    world.start(true)
    world.run(3000)
    expect(world.life.actor.state.epoch).toBe(2)
    world.decide(1, 0, 7)
    expect(find(world, 'order-intended').at(-1)!.clientId).toBe('rmtestE2D1S7A0')
  })

  it('F16 F17: a decision whose tick is older than its limit is refused and leaves no record', () => {
    const world = ready()
    const before = world.journal.length
    world.decide(0, 0, 1, 1001)
    world.decide(0, 0, 2, 60_000)
    expect(refused(world, 'stale-decision')).toBe(2)
    expect(world.journal.length).toBe(before)
    world.decide(0, 0, 3, 999)
    expect(world.journal.length).toBe(before + 1)
  })

  it('sends nothing before it is reconciled, nor while the link is down, and goes on after reconciling again', () => {
    const world = new World(3, NO_FAULTS)
    world.start()
    world.decide(0, 0)
    expect(world.life.status?.state).toBe('starting')
    world.run(400)
    world.life.connection.drop()
    world.run(2)
    expect(world.life.status?.state).toBe('degraded')
    world.decide(0, 0)
    expect(refused(world, 'not-open')).toBe(2)
    world.run(1500)
    expect(world.life.status?.state).toBe('ready')
    expect(find(world, 'reconciled').map((record) => record.reason)).toEqual(['start', 'link up again'])
    world.decide(0, 0)
    expect(find(world, 'order-intended')).toHaveLength(1)
  })

  it('EX-40: reports why it is not ready when the venue gives no snapshot, and is ready once it does', () => {
    const world = new World(3, { ...NO_FAULTS, queryFails: 1 })
    world.start()
    world.run(5000)
    expect(world.life.status).toMatchObject({ state: 'starting', note: expect.stringContaining('not reconciled: Error: half an answer') })
    world.venue.faults = NO_FAULTS
    world.run(2000)
    expect(world.life.status).toEqual({ state: 'ready' })
  })

  const limited = (change: Partial<TradingSettings['limits']>): TradingSettings => ({ ...settings, limits: { ...settings.limits, ...change } })
  it.each<[string, TradingSettings]>([
    ['limit-symbol-exposure', limited({ symbolExposureMax: '50' })],
    ['limit-exposure', limited({ exposureMax: '50' })],
    ['below-minimum', limited({ orderNotionalMin: '500' })],
    ['price-collar', limited({ collarPercent: '0.01' })],
    ['low-confidence', { ...settings, entry: { ...settings.entry, confidenceMin: 0.95 } }],
    ['limit-direction-exposure', limited({ directionExposureMax: '50' })],
    ['limit-margin', { ...settings, entry: { ...settings.entry, notional: '9501' }, limits: { ...settings.limits, symbolExposureMax: '10000', directionExposureMax: '10000' } }],
  ])('EX-1: a breach is refused by the name of the limit (%s)', (name, own) => {
    const world = ready(own)
    world.decide(0, 0)
    expect(refused(world, name)).toBe(1)
    expect(world.venue.accepts.size).toBe(0)
  })

  it('EX-1: counts positions and pending entries over all symbols, and entries per window', () => {
    const one = ready(limited({ openPositionsMax: 1 }))
    one.decide(0, 0)
    one.decide(1, 0)
    expect(refused(one, 'limit-positions')).toBe(1)
    const slow = ready(limited({ ordersPerWindowMax: 1, orderWindowMs: 1000 }))
    slow.decide(0, 0)
    slow.decide(1, 0)
    expect(refused(slow, 'limit-order-rate')).toBe(1)
    slow.run(1001)
    slow.decide(1, 0)
    expect(find(slow, 'order-intended').some((record) => record.symbol === SYMBOLS[1])).toBe(true)
  })

  it('F24: a decision that is no number, or of no side, is a veto', () => {
    const world = ready()
    world.decide(0, 2 as 0)
    expect(refused(world, 'bad-decision')).toBe(1)
    expect(world.venue.accepts.size).toBe(0)
  })

  it('F19: refusals in a row make the symbol pause, longer each time', () => {
    const world = ready({ ...settings, venue: { ...settings.venue, rejectPauseMs: 1000, rejectPauseMsMax: 60_000 } })
    world.venue.faults = { ...NO_FAULTS, refused: 1 }
    for (let i = 0; i < 100; i++) {
      world.decide(0, 0)
      world.run(100)
    }
    // Pauses of 1, 2, 4 and 8 s: four refusals in ten seconds instead of a hundred.
    expect(find(world, 'order-refused')).toHaveLength(4)
    expect(refused(world, 'reject-pause')).toBeGreaterThan(80)
    expect(find(world, 'order-refused')[0]).toMatchObject({ code: '110007' })
  })

  it('an entry that does not fill is cancelled after its time, and an opposite decision cancels a pending one at once', () => {
    const world = ready({ ...settings, entry: { ...settings.entry, offset: { ...settings.entry.offset, defaultPercent: '0.9', byRegime: {} } } })
    world.decide(0, 0)
    world.run(1400)
    expect(kinds(world)).not.toContain('cancel-intended')
    world.run(400)
    const [order] = [...world.life.actor.state.orders.values()]
    expect(ORDER_STATES[order!.state]).toBe('Cancelled')
    expect(order!.history.map((step) => step.to)).toEqual(['Placed', 'Cancelled'])
    expect(world.life.actor.state.symbols.get(A)!.position).toBeNull()
    expect(world.life.actor.state.closed.at(-1)!.history.map((step) => [step.from, step.to])).toEqual([['Opening', 'Closed']])

    world.decide(0, 0)
    world.run(300)
    world.decide(0, 1)
    world.run(300)
    expect(find(world, 'cancel-intended').at(-1)!.why).toContain('opposite decision')
    expect(world.venue.liveOf(A)).toHaveLength(0)
  })
})

describe('execution actor: leaving a position', () => {
  it('F9: an opposite decision closes it reduce-only, once, and never turns it round', () => {
    const world = ready()
    const lots = holding(world)
    for (let i = 0; i < 5; i++) world.decide(0, 1)
    const exits = find(world, 'order-intended').filter((record) => record.purpose === 'exit')
    expect(exits).toHaveLength(1)
    expect(exits[0]).toMatchObject({ side: 1, lots, reduceOnly: true, timeInForce: 'IOC', why: 'opposite-decision', reason: 'opposite-decision' })
    world.run(5000)
    expect(world.venue.violations).toEqual([])
  })

  it('EX-13: take profit, stop loss and time limit each close it by their name', () => {
    for (const [why, move] of [['take-profit', 300], ['stop-loss', -300], ['time-limit', 0]] as const) {
      const world = ready()
      holding(world)
      const state = world.life.actor.state.symbols.get(A)!
      const entry = Math.round(state.ledger.entryTicks.toNumber())
      world.venue.prices.set(A, entry + move)
      if (why !== 'time-limit') world.life.actor.onWake(0)
      else
        for (let i = 0; i < 40 && world.venue.positions.get(A) !== 0; i++) {
          world.venue.prices.set(A, entry)
          world.run(100)
        }
      const exit = find(world, 'order-intended').find((record) => record.purpose === 'exit')
      expect([exit?.why, exit?.reason]).toEqual([why, why])
      world.run(4000)
      expect(world.venue.positions.get(A)).toBe(0)
      const position = world.life.actor.state.closed.findLast((one) => one.closes.length > 0)!
      expect(position.state).toBe(CLOSED)
      expect(position.closes.at(-1)!.afterLots).toBe(0)
      expect(position.exitReason).toBe(why)
      expect(position.plan).toMatchObject({ takeProfitPercent: '0.2', stopLossPercent: '0.2' })
    }
  })

  it('EX-17: takes the plan of symbol and regime over at entry, and a conservative one for what it did not open', () => {
    const bySymbol = { [A]: exitSets({ takeProfitPercent: '5', stopLossPercent: '1.5', holdMsMax: 60_000 }, 'symbol_profiles.A') }
    const world = ready({ ...settings, exit: { ...settings.exit, bySymbol } })
    holding(world)
    const { position, ledger } = world.life.actor.state.symbols.get(A)!
    expect(position!.plan).toMatchObject({ takeProfitPercent: '5', stopLossPercent: '1.5', holdMsMax: 60_000, source: 'symbol_profiles.A.choppy', regime: 'choppy', atrTicks: null })
    expect(position!.damage).toBe('')
    expect(position!.takeProfitTicks).toBe(ledger.entryTicks.mul('1.05').ceil().toNumber())
    expect(position!.stopLossTicks).toBe(ledger.entryTicks.mul('0.985').floor().toNumber())
    world.venue.foreignTrade(SYMBOLS[1]!, 0, 5, true)
    world.run(200)
    const foreign = world.life.actor.state.symbols.get(SYMBOLS[1]!)!.position!
    expect(foreign.plan.source).toBe('conservative: the tightest of exit.by_regime.trending, exit.by_regime.ranging, exit.by_regime.choppy, the plan that it had')
    expect(find(world, 'plan-damaged')).toEqual([expect.objectContaining({ symbol: SYMBOLS[1], positionId: foreign.id, problem: 'it did not come by an entry of this engine', plan: foreign.plan })])
    expect(world.life.logs.some((line) => line.startsWith('warn plan-damaged'))).toBe(true)
  })

  it('F21 F23: somebody else\'s trade is booked, closed by the rules, and freezes new entries until a person releases them', () => {
    const world = ready()
    world.venue.foreignTrade(A, 1, 7, true)
    world.run(200)
    const symbol = world.life.actor.state.symbols.get(A)!
    expect([symbol.ledger.signedLots, symbol.position?.state, symbol.frozen?.code]).toEqual([-7, OPEN, 'foreign'])
    world.run(8000)
    expect(world.venue.positions.get(A)).toBe(0)
    world.decide(0, 0)
    expect(refused(world, 'frozen')).toBe(1)
    world.life.actor.onMessage({ type: 'release-symbol', symbol: A, why: 'it was me' })
    world.decide(0, 0)
    expect(find(world, 'order-intended').at(-1)!.purpose).toBe('entry')
  })

  it('F21: pushes of another position freeze the symbol when they last, and a reconciliation that finds the books right releases it', () => {
    const own = { ...settings, reconcile: { ...settings.reconcile, auditMs: 3_600_000 } }
    const world = ready(own)
    let hear = (_lots: number): void => {}
    world.life.die()
    const start = world.venue.connect.bind(world.venue)
    world.venue.connect = () => {
      const connection = start()
      const begin = connection.start.bind(connection)
      connection.start = (handler) => {
        hear = (signedLots) => handler.onPosition({ symbol: A, signedLots, entryPrice: '1', leverage: '1' })
        begin(handler)
      }
      return connection
    }
    world.start()
    world.run(400)
    hear(5)
    world.run(1000)
    hear(0)
    world.run(1000)
    hear(5)
    world.run(1000)
    expect(world.life.actor.state.symbols.get(A)!.frozen).toBeNull()
    world.run(800)
    expect(find(world, 'symbol-frozen')).toEqual([expect.objectContaining({ symbol: A, code: 'mismatch', why: '0 lots here, 5 at the venue' })])
    world.run(3000)
    expect(find(world, 'symbol-released')).toHaveLength(1)
    expect(find(world, 'symbol-frozen')).toHaveLength(1)
    expect(world.life.actor.state.symbols.get(A)!.frozen).toBeNull()
  })

  it('F21: an untold change of the position is found within one audit, taken over and freezes the symbol', () => {
    const world = ready()
    world.venue.foreignTrade(A, 0, 4, false)
    world.venue.fills.pop()
    world.run(4500)
    const symbol = world.life.actor.state.symbols.get(A)!
    expect(find(world, 'position-adopted')[0]).toMatchObject({ symbol: A, fromLots: 0, toLots: 4 })
    expect(symbol.frozen?.code).toBe('unexplained')
  })
})

describe('execution actor: commands and the end', () => {
  it('suspends a symbol, calls its entry back, and resumes it', () => {
    const world = ready({ ...settings, entry: { ...settings.entry, offset: { ...settings.entry.offset, defaultPercent: '0.9', byRegime: {} } } })
    world.decide(0, 0)
    world.run(200)
    world.life.actor.onMessage({ type: 'suspend-symbol', symbol: A, why: 'operator' })
    world.run(300)
    expect(world.venue.liveOf(A)).toHaveLength(0)
    world.decide(0, 0)
    expect(refused(world, 'suspended')).toBe(1)
    world.life.actor.onMessage({ type: 'resume-symbol', symbol: A })
    world.decide(0, 0)
    expect(find(world, 'order-intended')).toHaveLength(2)
  })

  it.each([{ type: 'suspend-symbol', symbol: 'NONE' }, { type: 'suspend-symbol' }, { type: 'stop' }, { type: 'stop', policy: 'burn' }, { type: 'dance' }])('a command that means nothing (%j) changes nothing and is told', (message) => {
    const world = ready()
    const before = world.journal.length
    world.life.actor.onMessage(message)
    expect(world.journal.length).toBe(before)
    expect(world.life.logs.at(-1)).toMatch(/^warn/)
    expect(world.life.status).toEqual({ state: 'ready' })
  })

  const far: TradingSettings = { ...settings, entry: { ...settings.entry, ttlMs: 60_000, offset: { ...settings.entry.offset, defaultPercent: '0.9', byRegime: {} } } }

  it('F13: a stop cancels entries, waits for the venue\'s word, reports, and nothing is sent after it', () => {
    const world = ready(far)
    world.decide(0, 0)
    world.run(200)
    // One more is on its way at the very moment of the stop.
    world.decide(1, 0)
    let done = 0
    world.life.actor.stop(true, () => done++)
    world.decide(0, 1)
    expect(done).toBe(0)
    world.run(4000)
    expect(done).toBe(1)
    expect(world.summary).toEqual({ policy: 'cancel-entries', drained: true, liveOrders: 0, openPositions: 0 })
    expect(world.venue.liveOf(A).length + world.venue.liveOf(SYMBOLS[1]!).length).toBe(0)
    expect(kinds(world).slice(-1)).toEqual(['epoch-ended'])
    const length = world.journal.length
    world.decide(0, 0)
    world.run(5000)
    expect(world.journal.length).toBe(length)
    expect(world.life.status?.state).toBe('stopping')
  })

  it('F13: a stop that leaves orders says which number it left; one that cannot drain says so at its deadline', () => {
    const leave = ready(far)
    leave.decide(0, 0)
    leave.run(200)
    leave.life.actor.onMessage({ type: 'stop', policy: 'leave' })
    expect(leave.summary).toEqual({ policy: 'leave', drained: true, liveOrders: 1, openPositions: 1 })
    expect(leave.venue.liveOf(A)).toHaveLength(1)

    const deaf = ready(far)
    deaf.decide(0, 0)
    deaf.run(200)
    deaf.venue.faults = { ...NO_FAULTS, requestLost: 1, queryFails: 1 }
    deaf.life.actor.onMessage({ type: 'stop', policy: 'cancel-all' })
    deaf.run(settings.stop.deadlineMs + 300)
    expect(deaf.summary).toEqual({ policy: 'cancel-all', drained: false, liveOrders: 1, openPositions: 1 })
    expect(find(deaf, 'epoch-ended')[0]).toMatchObject({ drained: false })
  })

  it('a stop that is not graceful ends at once and sends nothing', () => {
    const world = ready(far)
    world.decide(0, 0)
    let done = 0
    world.life.actor.stop(false, () => done++)
    expect(done).toBe(1)
    expect(kinds(world)).not.toContain('cancel-intended')
    world.life.actor.stop(true, () => done++)
    expect(done).toBe(2)
  })

  it('F21: refuses to go on in an epoch that another engine has ended, or on another account\'s journal', () => {
    const world = ready()
    world.life.die()
    world.start(true)
    world.life.die()
    world.epoch = 1
    expect(() => world.start(false)).toThrow('RM_EPOCH_FENCED: the journal is in epoch 2 where this session is epoch 1')
    expect(() => world.start(true, -1, 'after-append', { settings: { ...settings, account: 'elsewhere'.slice(0, 4) } })).toThrow('RM_ACCOUNT_MISMATCH')
  })

  it('F21: says once that another engine has the journal, so that its process is ended', () => {
    const world = new World(3, NO_FAULTS)
    const told: string[] = []
    world.start(true, -1, 'after-append', { onFenced: (error) => told.push(error) })
    world.run(5000)
    const journal = world.journal
    journal.append = () => fail('RM_JOURNAL_FENCED', { path: 'p', expected: 1, actual: 2 })
    world.decide(0, BUY)
    world.run(500)
    world.decide(1, BUY)
    world.run(500)
    expect(told).toEqual([expect.stringContaining('RM_JOURNAL_FENCED')])
    expect(world.records().filter((record) => record.kind === 'order-intended')).toEqual([])
  })

  it('refuses a wiring in which rings and instruments do not match', () => {
    expect(() => new World(1, NO_FAULTS).start(true, -1, 'after-append', { decisions: [] })).toThrow('RM_TRADING_SETTINGS')
  })
})

describe('execution actor: a journal that cannot be written', () => {
  /** A journal whose disk fills up and gets room again. */
  class FullJournal implements Journal {
    readonly inner = new MemoryJournal()
    full = false
    deaf = false
    get length(): number {
      return this.inner.length
    }
    readonly tornBytes = 0
    replay(each: (record: TradingRecord, sequence: number) => void): void {
      this.inner.replay(each)
    }
    append(records: readonly TradingRecord[]): void {
      if (this.full) throw new Error('no space left on device')
      this.inner.append(records)
    }
    flush(): void {
      if (this.full || this.deaf) throw new Error('input/output error')
    }
    flushLater(): void {}
    close(): void {}
  }

  it('F25: stops what increases exposure, still closes positions, and writes everything down in order when it can again', () => {
    const world = new World(3, NO_FAULTS)
    const journal = new FullJournal()
    world.start(true, -1, 'after-append', { journal })
    world.run(400)
    holding(world)
    journal.full = true
    const length = journal.length
    world.decide(1, 0)
    expect(refused(world, 'journal')).toBe(1)
    expect(world.venue.liveOf(SYMBOLS[1]!)).toHaveLength(0)
    expect(world.life.status).toMatchObject({ state: 'degraded', note: expect.stringContaining('no space left on device') })
    world.run(8000)
    expect(world.venue.positions.get(A)).toBe(0)
    world.decide(1, 0)
    expect(refused(world, 'not-open') + refused(world, 'journal')).toBe(2)
    expect(journal.length).toBe(length)

    journal.full = false
    world.run(300)
    expect(world.life.status).toEqual({ state: 'ready' })
    const written: TradingRecord[] = []
    journal.replay((record) => void written.push(record))
    expect(written.length).toBe(world.life.actor.state.records)
    const again = new World(3, NO_FAULTS)
    again.journal = journal.inner
    again.start(true)
    expect(again.life.actor.state.symbols.get(A)!.ledger.net.toFixed()).toBe(world.life.actor.state.symbols.get(A)!.ledger.net.toFixed())
    world.decide(1, 0)
    world.run(100)
    expect(world.venue.orders.some((order) => order.request.symbol === SYMBOLS[1])).toBe(true)
  })

  it('F20: the new epoch is on the disk before the first order of it leaves', () => {
    const steps: string[] = []
    class Watched extends FullJournal {
      override append(records: readonly TradingRecord[]): void {
        for (const record of records) steps.push(record.kind)
        super.append(records)
      }
      override flush(): void {
        steps.push('flush')
      }
    }
    const world = new World(3, NO_FAULTS)
    world.start(true, -1, 'after-append', { journal: new Watched() })
    world.run(400)
    world.decide(0, 0)
    expect(steps).toEqual(['epoch-started', 'instrument-seen', 'instrument-seen', 'flush', 'reconciled', 'equity-seen', 'order-intended'])
    const dead = new FullJournal()
    dead.deaf = true
    expect(() => new World(3, NO_FAULTS).start(true, -1, 'after-append', { journal: dead })).toThrow('input/output error')
  })

  it('F7: asks for the executions since the last good reconciliation, with an overlap, and from its own start the first time', () => {
    const world = new World(3, NO_FAULTS)
    const asked: number[] = []
    const watch = () => {
      const { connection } = world.life
      const snapshot = connection.snapshot.bind(connection)
      connection.snapshot = (symbols, sinceMs, done) => {
        asked.push(sinceMs)
        snapshot(symbols, sinceMs, done)
      }
    }
    world.start()
    watch()
    world.run(400)
    const first = find(world, 'reconciled')[0]!
    expect(asked).toEqual([find(world, 'epoch-started')[0]!.atMs])
    world.life.die()
    world.run(100_000)
    world.start()
    watch()
    world.run(400)
    expect(asked[1]).toBe(first.askedMs - settings.reconcile.overlapMs)
  })

  it('F25: with durability "flushed" an intent whose flush fails is not sent, and the books say so', () => {
    const own: TradingSettings = { ...settings, journal: { ...settings.journal, durability: 'flushed' } }
    const world = new World(3, NO_FAULTS, own)
    const journal = new FullJournal()
    world.start(true, -1, 'after-append', { journal })
    world.run(400)
    journal.deaf = true
    world.decide(0, 0)
    world.run(100)
    expect(world.venue.accepts.size).toBe(0)
    const [order] = [...world.life.actor.state.orders.values()]
    expect([order!.state, order!.history.at(-1)!.why]).toEqual([FAILED, expect.stringContaining('never left: journal: Error: input/output error')])
    journal.deaf = false
    world.run(300)
    world.decide(0, 0)
    world.run(100)
    expect(world.venue.accepts.size).toBe(1)
  })
})

describe('execution actor: unknown outcomes (EX-12)', () => {
  it('F1 F2: an order whose answer is lost blocks its symbol, is asked about, and ends or lives by the venue\'s word alone', () => {
    const world = ready({ ...settings, entry: { ...settings.entry, ttlMs: 60_000, offset: { ...settings.entry.offset, defaultPercent: '0.9', byRegime: {} } } })
    world.venue.faults = { ...NO_FAULTS, ackLost: 1, pushLost: 1, queryFails: 1 }
    world.decide(0, 0)
    world.run(60_000)
    const order = [...world.life.actor.state.orders.values()][0]!
    expect(order.unknown).not.toBe('')
    expect(ORDER_STATES[order.state]).toBe('Pending')
    for (let i = 0; i < 5; i++) world.decide(0, 0)
    world.decide(0, 1)
    expect(refused(world, 'unknown-order')).toBe(6)
    expect(world.venue.accepts.size).toBe(1)
    world.venue.faults = NO_FAULTS
    world.run(6000)
    expect(order.unknown).toBe('')
    expect([CANCELLED, FILLED, 1, 2]).toContain(order.state)
  })

  it('F1: an order that never arrived fails only after the bound on its way, citing that it was found nowhere', () => {
    const world = ready()
    world.venue.faults = { ...NO_FAULTS, requestLost: 1 }
    world.decide(0, 0)
    const order = [...world.life.actor.state.orders.values()][0]!
    world.run(settings.venue.absentAfterMs - 50)
    expect(ORDER_STATES[order.state]).toBe('Pending')
    world.run(3000)
    expect(ORDER_STATES[order.state]).toBe('Failed')
    expect(order.history.at(-1)!.why).toMatch(/found nowhere at the venue \d+ ms after sending/)
    world.venue.faults = NO_FAULTS
    world.decide(0, 0)
    expect(find(world, 'order-intended')).toHaveLength(2)
  })
})

describe('execution actor: what others see', () => {
  it('shows position and account in the registry\'s cells', () => {
    const positions = SYMBOLS.map(() => Cell.create(POSITION_VIEW.byteLength))
    const account = Cell.create(ACCOUNT_VIEW.byteLength)
    const world = new World(3, NO_FAULTS)
    world.start(true, -1, 'after-append', { views: cellSink(positions, account) })
    world.run(400)
    const lots = holding(world)
    const copy = new Float64Array(POSITION_VIEW.byteLength / 8)
    positions[0]!.read(copy)
    const view = POSITION_VIEW.view(copy.buffer)
    const books = world.life.actor.state.symbols.get(A)!
    expect([view.signedLots, view.state, view.unknownOrders, view.conservative]).toEqual([lots, 2, 0, 0])
    expect(view.entryPrice).toBeCloseTo(books.ledger.entryTicks.toNumber() / 10, 9)
    expect(view.takeProfitTicks).toBeGreaterThan(view.stopLossTicks)
    const money = new Float64Array(ACCOUNT_VIEW.byteLength / 8)
    account.read(money)
    expect(ACCOUNT_VIEW.view(money.buffer).balance).toBe(1000)
    world.venue.foreignTrade(SYMBOLS[1]!, 0, 5, true)
    world.run(200)
    positions[1]!.read(copy)
    expect([view.signedLots, view.conservative]).toEqual([5, 1])
  })

  it('EX-6: reads prices from the registry with the limit of their purpose: 1 s for orders, 2 s for exits', () => {
    const registry = RegistryMemory.create(1)
    const writer = registry.writeTick(0)
    const tick = writer.begin()
    tick.bidTicks = 100
    tick.askTicks = 101
    tick.bookValid = 1
    tick.source = 1
    tick.receiveNs = 0
    tick.venueTimeMs = 0
    tick.venueBaseMs = 0
    writer.end()
    openEntries(registry, 0)
    let ms = 0
    const clock: Clock = { nowNs: () => ms * 1e6, wallMs: () => ms }
    const prices = readerPrices(new PriceReader(registry), clock, null)
    expect(prices.orderPrice(0)).toMatchObject({ refused: false, bidTicks: 100, askTicks: 101 })
    ms = 1001
    expect(prices.orderPrice(0)).toMatchObject({ refused: true, reason: 'stale' })
    expect(prices.exitPrice(0)).toMatchObject({ refused: false, bidTicks: 100 })
    ms = 2001
    expect(prices.exitPrice(0)).toMatchObject({ refused: true })
  })

  it('F24: holds no order of another grid: every request is on tick and lot and within the limits of its instrument', () => {
    const world = ready()
    world.trade(10_000, 100, () => {})
    const own: Instrument = instruments[0]!
    expect(new DecimalStep(own.tick.text).units).toBe(1)
    expect(world.venue.orders.length).toBeGreaterThan(5)
    for (const { request } of world.venue.orders) {
      expect(Number.isSafeInteger(request.lots) && request.lots >= own.minLots && request.lots <= own.maxLots).toBe(true)
      expect(request.priceTicks === null || (Number.isSafeInteger(request.priceTicks) && request.priceTicks > 0)).toBe(true)
    }
  })
})
