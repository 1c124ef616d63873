import { describe, expect, it } from 'vitest'
import { isFinal, MemoryJournal, MemoryKillStore } from '../../../src/trading/index.ts'
import type { PriceSource } from '../../../src/trading/index.ts'
import { NO_FAULTS } from '../support/model-venue.ts'
import { exitSets, SYMBOLS, World } from '../support/world.ts'
import { A, B, engaged, find, holding, increasing, kill, killing, liveEntries, press, ready, refused, release, revive, tap } from './kill-world.ts'

describe('kill switch by command (EX-2)', () => {
  it('F12: nothing that increases exposure leaves from the moment of it, and every entry is called back', () => {
    const run = ready(killing({}, true))
    const { world, left } = run
    world.decide(0, 0)
    world.decide(1, 1)
    world.run(200)
    expect(liveEntries(run)).toBe(2)
    kill(run)
    const atNs = world.time.nowNs()
    press(run, 5000)
    expect(increasing(left, atNs)).toEqual([])
    expect(refused(run, 'kill-switch')).toBeGreaterThan(20)
    expect(liveEntries(run)).toBe(0)
    expect(find(run, 'kill-engaged')).toEqual([expect.objectContaining({ by: 'command', code: 'manual', reason: 'a person says so', flatten: false })])
  })

  it('F12: an order in flight at that moment is called back once the venue has it, however late it is heard of', () => {
    for (const faults of [NO_FAULTS, { ...NO_FAULTS, requestLate: 1 }, { ...NO_FAULTS, ackLost: 1, pushLost: 1 }]) {
      const run = ready(killing({}, true))
      const { world } = run
      world.venue.faults = faults
      world.decide(0, 0)
      kill(run)
      expect(liveEntries(run)).toBe(0)
      world.run(4000)
      world.venue.faults = NO_FAULTS
      world.run(15_000)
      expect(liveEntries(run)).toBe(0)
      expect([...world.life.actor.state.orders.values()].every((order) => isFinal(order.state))).toBe(true)
      expect(world.venue.violations).toEqual([])
    }
  })

  it('cancels again until the venue shows no entry', () => {
    const run = ready(killing({}, true))
    const { world } = run
    world.decide(0, 0)
    world.run(200)
    world.venue.faults = { ...NO_FAULTS, requestLost: 1 }
    kill(run)
    world.run(8000)
    expect(liveEntries(run)).toBe(1)
    expect(find(run, 'cancel-intended').length).toBeGreaterThan(2)
    world.venue.faults = NO_FAULTS
    world.run(6000)
    expect(liveEntries(run)).toBe(0)
  })

  it('engaged while the link is down: the entries are called back as soon as it is up again', () => {
    const run = ready(killing({}, true))
    const { world } = run
    world.decide(0, 0)
    world.run(200)
    world.life.connection.drop()
    world.run(2)
    world.venue.faults = { ...NO_FAULTS, requestLost: 1 }
    kill(run)
    expect(engaged(run)).not.toBeNull()
    world.run(600)
    world.venue.faults = NO_FAULTS
    world.run(3000)
    expect(liveEntries(run)).toBe(0)
    expect(world.life.status).toEqual({ state: 'ready' })
  })

  it('leaves positions to their exits when it is not told to close them', () => {
    const run = ready({ ...killing(), exit: { ...killing().exit, byRegime: exitSets({ holdMsMax: 10_000, takeProfitPercent: '50', stopLossPercent: '50' }) } })
    const lots = holding(run)
    kill(run)
    run.world.run(1000)
    expect(run.world.venue.positions.get(A)).toBe(lots)
    run.world.run(15_000)
    expect(run.world.venue.positions.get(A)).toBe(0)
    expect(find(run, 'order-intended').at(-1)).toMatchObject({ purpose: 'exit', why: 'time-limit' })
  })

  it('the same command twice is one engagement; closing positions can be asked for afterwards', () => {
    const run = ready()
    holding(run)
    kill(run)
    kill(run)
    expect(find(run, 'kill-engaged')).toHaveLength(1)
    kill(run, { flatten: true })
    expect(find(run, 'kill-engaged')).toHaveLength(2)
    run.world.run(10_000)
    expect(run.world.venue.positions.get(A)).toBe(0)
    expect(engaged(run)).toMatchObject({ id: find(run, 'kill-engaged')[0]!.id, flatten: true })
  })

  it('tells it once, at level error, with a stable code', () => {
    const run = ready()
    kill(run)
    run.world.run(2000)
    const lines = run.world.life.logs.filter((line) => line.includes('KILL_'))
    expect(lines).toEqual([expect.stringMatching(/^error KILL SWITCH: a person says so .*"code":"KILL_MANUAL"/)])
    expect(run.world.life.counts.get('kill_trips/manual')).toBe(1)
    expect(run.world.life.kill!.engaged).toMatchObject({ by: 'command', code: 'manual' })
  })
})

describe('kill switch: closing positions', () => {
  it('closes with the exits of the engine, reduce-only, and stays flat also where an entry fills later', () => {
    const run = ready()
    holding(run)
    const { world, left } = run
    kill(run, { flatten: true })
    const atNs = world.time.nowNs()
    world.run(10_000)
    expect(world.venue.positions.get(A)).toBe(0)
    const sent = left.filter((one) => one.atNs >= atNs)
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.every(({ request }) => request.reduceOnly)).toBe(true)
    expect(sent[0]!.request.type).toBe('limit')
    expect(world.venue.violations).toEqual([])
  })

  it('F12: an entry that fills after the trip is closed too', () => {
    const run = ready()
    const { world } = run
    world.venue.faults = { ...NO_FAULTS, requestLate: 1 }
    world.decide(0, 0)
    kill(run, { flatten: true })
    world.run(3100)
    world.venue.faults = NO_FAULTS
    world.run(20_000)
    expect(world.venue.positions.get(A)).toBe(0)
    expect(liveEntries(run)).toBe(0)
    expect(world.life.actor.state.symbols.get(A)!.position).toBeNull()
  })

  it('goes to market when limit exits do not fill', () => {
    const run = ready(killing({ flattenMarketMs: 600_000 }))
    holding(run)
    const { world, left } = run
    world.life.connection.place = ((place) => (request, done) => {
      // A market that runs away: a limit order finds nothing.
      if (request.reduceOnly && request.type === 'limit') {
        left.push({ atNs: world.time.nowNs(), request })
        world.time.after(10, () => done({ kind: 'refused', errorClass: 'rejected', code: '110003', text: 'price out of range' }))
      } else place(request, done)
    })(world.life.connection.place)
    kill(run, { flatten: true })
    const from = left.length
    world.run(20_000)
    const types = left.slice(from).map(({ request }) => request.type)
    expect(types.slice(0, 3)).toEqual(['limit', 'limit', 'market'])
    expect(world.venue.positions.get(A)).toBe(0)
  })

  it('goes to market at once when no price is fresh: a stale one keeps no position', () => {
    const run = ready()
    holding(run)
    const { world, left } = run
    world.life.die()
    const none: PriceSource = { orderPrice: () => ({ refused: true, reason: 'stale' }), exitPrice: () => ({ refused: true, reason: 'stale' }) }
    tap(world, world.start(false, -1, 'after-append', { prices: none }), left)
    world.run(1000)
    const from = left.length
    kill(run, { flatten: true })
    world.run(8000)
    expect(left.slice(from).map(({ request }) => [request.type, request.reduceOnly])[0]).toEqual(['market', true])
    expect(world.venue.positions.get(A)).toBe(0)
    expect(find(run, 'order-intended').at(-1)!.why).toContain('no fresh price')
  })
})

describe('kill switch: over restarts', () => {
  it.each([['another process', true], ['a restarted thread', false]] as const)('F12: stays engaged in %s, and goes on closing', (_name, process) => {
    const run = ready()
    holding(run)
    const atNs = run.world.time.nowNs()
    kill(run, { flatten: true })
    revive(run, process)
    expect(engaged(run)).toMatchObject({ code: 'manual', flatten: true })
    press(run, 10_000)
    expect(increasing(run.left, atNs)).toEqual([])
    expect(run.world.venue.positions.get(A)).toBe(0)
    expect(find(run, 'kill-engaged')).toHaveLength(1)
    expect(run.world.life.logs.some((line) => line.startsWith('error the kill switch is engaged since'))).toBe(true)
  })

  it('fails closed: a new journal beside an engaged side file begins engaged', () => {
    const run = ready()
    kill(run)
    const fresh = new World(4, NO_FAULTS, killing())
    fresh.killStore = run.world.killStore
    const again = { world: fresh, left: [] }
    tap(fresh, fresh.start(), again.left)
    fresh.run(400)
    press(again, 3000)
    expect(again.left).toEqual([])
    expect(engaged(again)).toMatchObject({ code: 'manual', reason: 'a person says so' })
  })

  it('fails closed: an engaged journal without its side file stays engaged, and makes the file anew', () => {
    const run = ready()
    kill(run)
    run.world.killStore = new MemoryKillStore()
    revive(run)
    expect(engaged(run)).not.toBeNull()
    expect(run.world.killStore.order).toMatchObject({ code: 'manual' })
  })

  it('a side file of an engagement that the journal knows as released does not engage again', () => {
    const run = ready()
    kill(run)
    const old = run.world.killStore.order!
    expect(release(run)).toBe('')
    run.world.killStore.order = old
    revive(run)
    run.world.run(2500)
    expect(engaged(run)).toBeNull()
  })

  it('fails closed: a side file of another journal engages, however that journal counted', () => {
    const run = ready()
    kill(run)
    release(run)
    const own = find(run, 'kill-engaged')[0]!.id
    const other = ready(killing(), 4)
    other.world.run(500)
    kill(other)
    expect(find(other, 'kill-engaged')[0]!.id).not.toBe(own)
    run.world.killStore = other.world.killStore
    revive(run)
    expect(engaged(run)).toMatchObject({ code: 'manual' })
  })

  it('an order that another process left in the side file engages a running engine within a second or so', () => {
    const run = ready()
    run.world.killStore.order = { id: 'cli-1', by: 'cli', code: 'manual', reason: 'nobody answers', flatten: false, values: {} }
    run.world.run(1200)
    expect(find(run, 'kill-engaged')).toEqual([expect.objectContaining({ id: 'cli-1', by: 'cli', reason: 'nobody answers' })])
  })

  it('a touched KILL engages, at start and at work, and nothing is released while it is there', () => {
    const run = ready()
    run.world.killStore.touchedPath = 'data/KILL'
    run.world.run(1200)
    expect(engaged(run)).toMatchObject({ by: 'file', code: 'manual' })
    expect(release(run, { force: true })).toBe('data/KILL is there: remove it first')
    run.world.killStore.touchedPath = null
    expect(release(run)).toBe('')
    run.world.run(2500)
    expect(engaged(run)).toBeNull()
    run.world.killStore.touchedPath = 'data/KILL'
    revive(run)
    expect(engaged(run)).not.toBeNull()
  })
})

describe('kill switch: release', () => {
  it('trades again after it, and says by whom and why', () => {
    const run = ready()
    kill(run)
    run.world.run(1000)
    expect(release(run, { by: 'cli', why: 'found it' })).toBe('')
    expect(find(run, 'kill-released')).toEqual([expect.objectContaining({ by: 'cli', why: 'found it', overruled: [], id: find(run, 'kill-engaged')[0]!.id })])
    expect(run.world.killStore.order).toBeNull()
    run.world.decide(0, 0)
    expect(run.left).toHaveLength(1)
    revive(run)
    expect(engaged(run)).toBeNull()
  })

  it('needs a reason, and something to release', () => {
    const run = ready()
    expect(release(run)).toBe('it is not engaged')
    kill(run)
    expect(release(run, { why: ' ' })).toBe('a reason is needed')
    expect(release(run, { why: undefined })).toBe('a reason is needed')
    expect(find(run, 'kill-released')).toHaveLength(0)
  })

  it('is refused while its cause stands, unless a person overrules it; losses are counted anew then', () => {
    const run = ready(killing({ dailyLossMax: '1' }))
    holding(run)
    const { world } = run
    world.venue.prices.set(A, world.venue.prices.get(A)! - 2000)
    world.run(300)
    expect(engaged(run)).toMatchObject({ by: 'trip', code: 'daily-loss' })
    expect(release(run)).toMatch(/^its cause stands: the day has lost [\d.]+, the limit is 1$/)
    expect(engaged(run)).not.toBeNull()
    expect(release(run, { force: true, why: 'I take the loss' })).toBe('')
    expect(find(run, 'kill-released')[0]!.overruled).toEqual([expect.stringContaining('the day has lost')])
    world.run(300)
    expect(engaged(run)).toBeNull()
    world.venue.prices.set(A, world.venue.prices.get(A)! - 2000)
    world.run(300)
    expect(engaged(run)).toMatchObject({ code: 'daily-loss' })
  })
})

describe('trips at work (EX-1, F12)', () => {
  it('daily loss: an open loss trips without a fill, and its record has what was measured', () => {
    const run = ready(killing({ dailyLossMax: '1' }))
    const lots = holding(run)
    expect(engaged(run)).toBeNull()
    run.world.venue.prices.set(A, run.world.venue.prices.get(A)! - 2000)
    run.world.run(300)
    const [record] = find(run, 'kill-engaged')
    expect(record).toMatchObject({ by: 'trip', code: 'daily-loss' })
    const symbol = run.world.life.actor.state.symbols.get(A)!
    expect(Number(record!.values['loss'])).toBeGreaterThanOrEqual(1)
    expect(Number(record!.values['loss'])).toBeLessThan(lots * symbol.unit.toNumber() * 3000)
    expect(run.world.life.logs.some((line) => line.includes('"code":"KILL_DAILY_LOSS"'))).toBe(true)
  })

  it('daily loss: a fill is looked at before the next decision', () => {
    const run = ready(killing({ dailyLossMax: '0.0000001', lookMs: 600_000 }))
    holding(run)
    expect(find(run, 'kill-engaged')[0]).toMatchObject({ code: 'daily-loss' })
    const fill = find(run, 'fill-booked')[0]!
    expect(increasing(run.left, fill.atNs + 1)).toEqual([])
  })

  it('the day and the peak survive a restart', () => {
    const run = ready(killing({ dailyLossMax: '1' }))
    const { world } = run
    holding(run)
    world.venue.prices.set(A, world.venue.prices.get(A)! - 200)
    world.run(2000)
    expect(engaged(run)).toBeNull()
    const before = world.life.kill!
    expect(before.dayLoss).toBeGreaterThan(0)
    revive(run)
    world.run(600)
    expect(world.life.kill!.dayLoss).toBeGreaterThan(0)
    world.venue.prices.set(A, world.venue.prices.get(A)! - 2000)
    world.run(600)
    expect(engaged(run)).toMatchObject({ code: 'daily-loss' })
    expect(world.life.actor.state.kill.trail!.peak.gte(1)).toBe(true)
  })

  it('drawdown trips at its percentage of the account, and stands until a person takes it', () => {
    const run = ready(killing({ dailyLossMax: '1000', dailyLossPercentMax: '100', drawdownPercentMax: '0.1' }))
    holding(run)
    run.world.venue.prices.set(A, run.world.venue.prices.get(A)! - 2000)
    run.world.run(300)
    expect(engaged(run)).toMatchObject({ code: 'drawdown' })
    expect(release(run)).toContain('below the peak')
    expect(release(run, { force: true })).toBe('')
    run.world.run(300)
    expect(engaged(run)).toBeNull()
  })

  it('F19: a storm of refusals over all symbols', () => {
    const base = killing({ rejectsMax: 4 })
    const run = ready({ ...base, venue: { ...base.venue, rejectPauseMs: 1, rejectPauseMsMax: 1 } })
    run.world.venue.faults = { ...NO_FAULTS, refused: 1 }
    press(run, 3000)
    expect(find(run, 'kill-engaged')).toEqual([expect.objectContaining({ code: 'reject-storm' })])
    expect(find(run, 'order-refused').length).toBeLessThanOrEqual(6)
  })

  it('F14: no fresh data with a position open', () => {
    const run = ready(killing({ staleMs: 2000 }))
    run.world.observations.stale = true
    run.world.run(3000)
    expect(engaged(run)).toBeNull()
    run.world.observations.stale = false
    holding(run)
    run.world.observations.stale = true
    run.world.run(1800)
    expect(engaged(run)).toBeNull()
    run.world.run(600)
    expect(engaged(run)).toMatchObject({ code: 'stale-data' })
    expect(release(run)).toContain('no fresh data')
    run.world.observations.stale = false
    expect(release(run)).toBe('')
  })

  it('F12: a trip that cannot be looked at trips: no price of an open position', () => {
    const run = ready(killing({ missingMs: 2000, dailyLossMax: '100000' }))
    const { world, left } = run
    holding(run)
    world.life.die()
    const none: PriceSource = { orderPrice: () => ({ refused: true, reason: 'stale' }), exitPrice: () => ({ refused: true, reason: 'stale' }) }
    tap(world, world.start(false, -1, 'after-append', { prices: none }), left)
    world.run(2000)
    expect(engaged(run)).toBeNull()
    world.run(1000)
    expect(engaged(run)).toMatchObject({ code: 'inputs-missing' })
  })

  it('F12: a trip that cannot be looked at trips: no word of the wallet', () => {
    const base = killing({ walletAgeMsMax: 4000 })
    const run = ready({ ...base, reconcile: { ...base.reconcile, auditMs: 600_000 } })
    holding(run)
    run.world.run(4000)
    expect(engaged(run)).toMatchObject({ code: 'inputs-missing', reason: expect.stringContaining('wallet') as string })
  })

  it('F18: a clock that jumps trips; one that is unknown trips with something exposed', () => {
    const jump = ready()
    jump.world.observations.offsetMs = 6000
    jump.world.run(300)
    expect(engaged(jump)).toMatchObject({ code: 'clock' })
    expect(release(jump)).toBe('')
    const lost = ready(killing({ missingMs: 1000 }))
    lost.world.observations.offsetMs = Number.NaN
    lost.world.run(2000)
    expect(engaged(lost)).toBeNull()
    lost.world.observations.offsetMs = 0
    holding(lost)
    lost.world.observations.offsetMs = Number.NaN
    lost.world.run(1500)
    expect(engaged(lost)).toMatchObject({ code: 'clock' })
  })

  it('F21 F23: strangers on the account', () => {
    const run = ready(killing({ frozenSymbolsMax: 2 }))
    run.world.venue.foreignTrade(A, 0, 5, true)
    run.world.run(600)
    expect(engaged(run)).toBeNull()
    run.world.venue.foreignTrade(B, 0, 5, true)
    run.world.run(600)
    expect(engaged(run)).toMatchObject({ code: 'unexplained' })
    for (const symbol of SYMBOLS) run.world.life.actor.onMessage({ type: 'release-symbol', symbol, why: 'it was me' })
    expect(release(run)).toBe('')
    const strict = ready(killing({ foreignTrips: true }))
    strict.world.venue.foreignTrade(A, 0, 5, true)
    strict.world.run(600)
    expect(engaged(strict)).toMatchObject({ code: 'unexplained' })
  })

  it('F25: a journal that cannot be written trips after its time, and the trip is written down once it can be', () => {
    const run = ready(killing({ journalMs: 2000 }))
    const { world, left } = run
    world.life.die()
    const inner = new MemoryJournal(world.journal.bytes())
    let full = false
    const journal = { get length() { return inner.length }, tornBytes: 0, replay: inner.replay.bind(inner), flush: () => {}, flushLater: () => {}, close: () => {}, append: (records: Parameters<typeof inner.append>[0]) => {
      if (full) throw new Error('no space left on device')
      inner.append(records)
    } }
    tap(world, world.start(true, -1, 'after-append', { journal }), left)
    world.run(400)
    full = true
    world.decide(0, 0)
    const atNs = world.time.nowNs()
    // The next audit has something to write down.
    world.run(6000)
    expect(engaged(run)).toMatchObject({ code: 'journal', reason: expect.stringContaining('no space left') as string })
    expect(world.killStore.order).toMatchObject({ code: 'journal' })
    full = false
    press(run, 2000)
    expect(increasing(left, atNs)).toEqual([])
    const kinds: string[] = []
    inner.replay((record) => void kinds.push(record.kind))
    expect(kinds).toContain('kill-engaged')
    expect(release(run)).toBe('')
    world.decide(0, 0)
    expect(increasing(left, atNs).length).toBe(1)
  })

  it('closes positions by itself where that is set', () => {
    const run = ready(killing({ dailyLossMax: '1', flattenOnTrip: true }))
    holding(run)
    expect(engaged(run)).toBeNull()
    run.world.venue.prices.set(A, run.world.venue.prices.get(A)! - 2000)
    run.world.run(10_000)
    expect(find(run, 'kill-engaged')).toEqual([expect.objectContaining({ code: 'daily-loss', flatten: true })])
    expect(run.world.venue.positions.get(A)).toBe(0)
  })

  it('writes equity down at a bounded rate', () => {
    const run = ready(killing({ recordMs: 5000 }))
    run.world.trade(20_000, 100, () => {})
    const seen = find(run, 'equity-seen')
    expect(seen.length).toBeGreaterThan(2)
    for (let i = 1; i < seen.length; i++) expect(seen[i]!.atNs - seen[i - 1]!.atNs).toBeGreaterThanOrEqual(1e9)
    const quiet = ready()
    quiet.world.run(120_000)
    expect(find(quiet, 'equity-seen')).toHaveLength(1)
  })

  it('goes on when the side file cannot be written, and writes it once it can be', () => {
    const run = ready()
    let full = true
    const engage = run.world.killStore.engage.bind(run.world.killStore)
    run.world.killStore.engage = (order) => {
      if (full) throw new Error('no space left on device')
      engage(order)
    }
    kill(run)
    run.world.run(3000)
    expect(run.world.life.logs.filter((line) => line.includes('its file could not be written'))).toHaveLength(1)
    expect(engaged(run)).not.toBeNull()
    full = false
    run.world.run(1100)
    expect(run.world.killStore.order).toMatchObject({ code: 'manual' })
  })
})
