import { describe, expect, it } from 'vitest'
import { conditionsOf, type ConditionSettings, ConditionWatch, Rates } from '../../src/alerts/index.ts'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'
import { actor, snapshot, symbolHealth, way } from '../health/fixture.ts'

const SETTINGS: ConditionSettings = { priceAgeMs: 5000, staleMs: 30_000, notReadyMs: 60_000, archiveMs: 120_000, modelDownMs: 300_000, manipulationPercent: 10, consensusPercent: 30 }
const WALL = Date.UTC(2026, 2, 4, 12)
/** Nothing is wrong with it. */
const fine = (more: Partial<HealthSnapshot> = {}): HealthSnapshot => snapshot({ symbols: [flat('BTCUSDT'), flat('ETHUSDT')], ...more })
const flat = (symbol: string, more: Parameters<typeof symbolHealth>[1] = {}) => symbolHealth(symbol, { detection: null, position: null, ...more })
const position = symbolHealth('X').position!

function setUp(settings: Partial<ConditionSettings> = {}) {
  const watch = new ConditionWatch(conditionsOf({ ...SETTINGS, ...settings }))
  const rates = new Rates(100_000)
  const at = { ms: 0 }
  /** One look after some time. */
  const look = (now: HealthSnapshot, afterMs = 1000): string[] => {
    at.ms += afterMs
    rates.onLook(now.symbols, at.ms)
    return watch.look(now, rates.measured(at.ms), at.ms, WALL + at.ms).map(({ key, severity, resolved, text }) => `${key} ${severity}${resolved === true ? ' over' : ''}: ${text.replaceAll('\n', ' | ')}`)
  }
  return { watch, rates, at, look }
}

describe('conditions that people are alerted to (SG-16)', () => {
  it('are silent while all is well', () => {
    const { look, watch } = setUp()
    for (let i = 0; i < 500; i++) expect(look(fine())).toEqual([])
    expect(watch.standing()).toEqual([])
  })

  it('are told at once, once, and when they are over', () => {
    const { look, watch } = setUp()
    const kill = { engaged: true, by: 'trip', code: 'daily-loss', reason: 'the day has lost 120', since: null, flatten: true, values: { loss: '120', limit: '100' }, dayLoss: 120, drawdownPercent: 1 }
    expect(look(fine({ kill }))).toEqual(['kill critical: daily-loss by trip: the day has lost 120 (loss 120, limit 100); positions are closed'])
    expect(look(fine({ kill }))).toEqual([])
    expect(watch.standing()).toEqual([{ key: 'kill', severity: 'critical', title: 'The kill switch is engaged: no entries', subjects: ['daily-loss'], sinceMs: WALL + 1000 }])
    expect(look(fine())).toEqual(['kill critical over: 2 s after it was first told.'])
    expect(watch.standing()).toEqual([])
    expect(look(fine({ kill }))).toHaveLength(1)
  })

  it('have to hold for their time: what comes and goes is none', () => {
    const { look } = setUp()
    const stale = fine({ symbols: [flat('BTCUSDT', { priceAgeMs: 9000 }), flat('ETHUSDT')] })
    for (let i = 0; i < 20; i++) {
      expect(look(stale, 25_000)).toEqual([])
      expect(look(stale, 4000)).toEqual([])
      expect(look(fine())).toEqual([])
    }
    expect(look(stale)).toEqual([])
    expect(look(stale, 30_000)).toEqual(['market-data warning: BTCUSDT: no fresh price'])
  })

  it('are told again when another subject is reached, with all of them, and are over when the last is well', () => {
    const { look } = setUp()
    const symbols = (...stale: string[]) => fine({ symbols: ['BTCUSDT', 'ETHUSDT'].map((symbol) => flat(symbol, stale.includes(symbol) ? { bookValid: false } : {})) })
    look(symbols('BTCUSDT'))
    expect(look(symbols('BTCUSDT'), 30_000)).toEqual(['market-data warning: BTCUSDT: no valid book'])
    expect(look(symbols('BTCUSDT', 'ETHUSDT'))).toEqual([])
    expect(look(symbols('BTCUSDT', 'ETHUSDT'), 30_000)).toEqual(['market-data warning: BTCUSDT: no valid book | ETHUSDT: no valid book'])
    expect(look(symbols('ETHUSDT'))).toEqual([])
    expect(look(symbols())).toEqual(['market-data warning over: 33 s after it was first told.'])
  })

  it('say no more than ten of many', () => {
    const { look } = setUp()
    const many = fine({ actors: Array.from({ length: 30 }, (_, i) => actor(`ingest:S${i}USDT`, { state: 'suspended' })) })
    const [told] = look(many)
    expect([told!.split(' | ').length, told!.endsWith('and 20 others')]).toEqual([11, true])
  })

  it.each<[string, Partial<HealthSnapshot>, number, string]>([
    ['an engine that does not trade', { ready: false, reasons: ['not reconciled with the venue yet'] }, 60_000, 'not-ready critical: not reconciled with the venue yet'],
    ['a process that does not run', { processes: [{ name: 'exchange', pid: null, state: 'waiting', restarts: 4, heartbeatAgeMs: null, rssBytes: null, cpuSeconds: null, lastError: 'ended' }] }, 60_000, 'processes critical: exchange is waiting: ended'],
    ['a suspended actor', { actors: [actor('features:BTCUSDT', { state: 'suspended', note: 'failed 6 times' })] }, 0, 'suspended critical: features:BTCUSDT: failed 6 times'],
    ['a naked position', { symbols: [symbolHealth('BTCUSDT', { detection: null, position: { ...position, stop: { price: null, state: 'none', alarm: true } } })] }, 0, 'naked critical: BTCUSDT long 0.05: no stop (none)'],
    ['a position without the plan of an entry', { symbols: [symbolHealth('BTCUSDT', { detection: null, position: { ...position, exitPlan: 'conservative' } })] }, 0, 'exit-plan warning: BTCUSDT long 0.05: conservative exits'],
    ['stale data under a position', { symbols: [symbolHealth('BTCUSDT', { detection: null, priceAgeMs: null })] }, 30_000, 'market-data-held critical: BTCUSDT: no price yet'],
    ['a ban', { way: way({}, 12_500) }, 0, 'ban critical: for 13 s more'],
    ['an open breaker', { way: way({ breaker: 'open', failures: 5 }) }, 5000, 'breaker warning: trade is open after 5 failures'],
    ['a dead-man switch that cannot be armed', { account: { balance: 1, used: 0, available: 1, total: 1, ageMs: 1, deadMan: 'failing' } }, 5000, 'dead-man warning: a dead engine would leave its entries at the venue to the watchdog alone'],
    ['a watchdog that acts', { watchdog: { state: 'acting', silentMs: 12_000, flatten: false, lastAction: '' } }, 0, 'watchdog critical: execution has been silent for 12000 ms'],
    ['a symbol that is not traded', { risk: { ...snapshot().risk!, blocked: [{ symbol: 'ETHUSDT', why: 'hedge mode' }] } }, 60_000, 'not-traded warning: ETHUSDT: hedge mode'],
    ['a database that is away', { archive: { state: 'waiting', records: 5, lagBytes: 900, lagMs: 1, snapshotsDropped: 0, failures: 3, error: 'connection refused', retryInMs: 10 } }, 120_000, 'archive warning: connection refused; 900 bytes of the journal are not in it'],
    ['a failed detector', { symbols: [flat('BTCUSDT', { detection: { ...symbolHealth('X').detection!, buying: null } })] }, 0, 'detectors warning: layering on BTCUSDT'],
    ['a model that is down', { actors: [actor('inference:BTCUSDT', { state: 'degraded', note: 'no answer: the strategies decide' })] }, 300_000, 'model-down warning: BTCUSDT: no answer: the strategies decide'],
  ])('tell of %s after its time, and not before', (_what, more, afterMs, expected) => {
    const { look } = setUp()
    const now = fine(more)
    if (afterMs > 0) {
      expect(look(now)).toEqual([])
      expect(look(now, afterMs - 1)).toEqual([])
    }
    expect(look(now, afterMs > 0 ? 1 : 1000)).toEqual([expected])
    expect(look(fine())).toEqual([expect.stringMatching(new RegExp(`^${expected.split(':')[0]} over: \\d+ s after it was first told\\.$`))])
  })

  it('tell when a side is blocked for more than a share of a whole window, not before it has passed', () => {
    const { look } = setUp()
    const seen = (blocked: boolean) => fine({ symbols: [flat('BTCUSDT', { detection: { ...symbolHealth('X').detection!, missing: [], buying: blocked ? { detector: 'spoofing', confidence: 1 } : null } })] })
    let told: string[] = []
    for (let i = 0; i < 89; i++) told.push(...look(seen(i % 5 === 0)))
    expect(told).toEqual([])
    for (let i = 89; i < 101; i++) told.push(...look(seen(i % 5 === 0)))
    expect(told).toEqual([expect.stringMatching(/^manipulation warning: BTCUSDT: (19|20)\.\d % of the time, limit 10 %$/)])
    told = []
    for (let i = 0; i < 120; i++) told.push(...look(seen(i % 20 === 0)))
    expect(told).toEqual([expect.stringContaining('manipulation warning over')])
    const off = setUp({ manipulationPercent: 0 })
    for (let i = 0; i < 200; i++) expect(off.look(seen(true))).toEqual([])
  })

  it('tell when strategies agree too seldom, from a hundred votes on, and forget old votes', () => {
    const { look, rates, at } = setUp()
    const votes = (agreed: number, other: number): void => rates.onCounts([{ actor: 'inference:BTCUSDT', name: 'votes', label: 'agreed', by: agreed }, { actor: 'inference:BTCUSDT', name: 'votes', label: 'too-few', by: other }, { actor: 'x', name: 'decisions', label: 'agreed', by: 999 }], at.ms)
    votes(0, 99)
    expect(look(fine())).toEqual([])
    votes(28, 0)
    expect(look(fine())).toEqual(['consensus warning: 28 of 127 votes (22.0 %) led to a consensus, limit 30 %'])
    votes(72, 0)
    expect(look(fine())).toEqual(['consensus warning over: 1 s after it was first told.'])
    expect(look(fine(), 100_001)).toEqual([])
    votes(10, 90)
    expect(look(fine())).toEqual(['consensus warning: 10 of 100 votes (10.0 %) led to a consensus, limit 30 %'])
  })
})
