import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agedWay, healthToken, judgeHealth, readHealthToken, wayMetrics } from '../../src/runtime/health/index.ts'
import { actor, snapshot, way } from './fixture.ts'

const LIMITS = { hangMs: 300, priceAgeMs: 5000 }
const judge = (more: Parameters<typeof snapshot>[0]) => judgeHealth(snapshot(more), ['engine'], LIMITS)

describe('health status', () => {
  it('is ok only when every part is', () => {
    expect(judge({})).toEqual({ status: 'ok', reasons: [] })
  })

  it('is degraded by one symbol, and names it', () => {
    const actors = [...snapshot().actors.slice(1), actor('ingest:BTCUSDT', { state: 'restarting', note: 'gap' })]
    expect(judge({ actors })).toEqual({ status: 'degraded', reasons: ['actor ingest:BTCUSDT is restarting (gap)'] })
    expect(judge({ actors: [actor('features:BTCUSDT', { heartbeatAgeMs: 301 })] })).toEqual({ status: 'degraded', reasons: ['actor features:BTCUSDT has been silent for 301 ms'] })
    expect(judge({ actors: [actor('features:BTCUSDT', { heartbeatAgeMs: 300 })] }).status).toBe('ok')
    const [symbol] = snapshot().symbols
    expect(judge({ symbols: [{ ...symbol!, priceAgeMs: 5001 }] }).reasons).toEqual(['BTCUSDT has no fresh price'])
    expect(judge({ symbols: [{ ...symbol!, priceAgeMs: null }] }).reasons).toEqual(['BTCUSDT has no fresh price'])
    expect(judge({ symbols: [{ ...symbol!, bookValid: false }] }).reasons).toEqual(['BTCUSDT has no valid book'])
    expect(judge({ symbols: [{ ...symbol!, book: { ...symbol!.book, entries: 'integrity' } }] }).reasons).toEqual(['BTCUSDT takes no entries: integrity'])
    expect(judge({ symbols: [{ ...symbol!, position: { ...symbol!.position!, exitPlan: 'conservative' } }] }).reasons).toEqual(['BTCUSDT holds a position without the exit plan of an entry: it is protected conservatively'])
    expect(judge({ way: way({ breaker: 'open', opensInMs: 900 }, 61_000) })).toEqual({ status: 'degraded', reasons: ['the venue bans this address for 61 s more', 'breaker trade is open'] })
    expect(judge({ way: null }).status).toBe('ok')
    expect(judge({ risk: { ...snapshot().risk!, blocked: [{ symbol: 'XRPUSDT', why: 'RM_LEVERAGE_UNKNOWN' }] } }).reasons).toEqual(['XRPUSDT is not traded: RM_LEVERAGE_UNKNOWN'])
    expect(judge({ ready: false })).toEqual({ status: 'degraded', reasons: ['not reconciled with the venue yet'] })
  })

  it('is down without the execution actor or a process that trading needs, and says that first', () => {
    const suspended = actor('execution', { state: 'suspended' })
    expect(judge({ actors: [actor('ingest:BTCUSDT', { state: 'starting' }), suspended] })).toEqual({ status: 'down', reasons: ['actor execution is suspended', 'actor ingest:BTCUSDT is starting'] })
    const [engine] = snapshot().processes
    expect(judge({ processes: [{ ...engine!, heartbeatAgeMs: 301 }] })).toMatchObject({ status: 'down' })
    expect(judge({ processes: [{ ...engine!, state: 'restarting' }] })).toMatchObject({ status: 'down', reasons: ['process engine is restarting'] })
    expect(judge({ processes: [] })).toEqual({ status: 'down', reasons: ['process engine is not there'] })
    expect(judge({ processes: [engine!, { ...engine!, name: 'gateway', state: 'restarting' }] })).toEqual({ status: 'degraded', reasons: ['process gateway is restarting'] })
  })
})

describe('the way to the venue', () => {
  it('ages with the engine that told of it: what is left of waits shrinks, to nothing at least', () => {
    const aged = agedWay(way({ breaker: 'open', opensInMs: 900 }, 500), 600)!
    expect([aged.ageMs, aged.banMs, aged.groups[0]!.opensInMs, aged.groups[1]!.opensInMs]).toEqual([640, 0, 300, 0])
    expect(agedWay(null, 5)).toBe(null)
  })

  it('is metrics: state, failures and use of each group, and the ban', () => {
    const metrics = wayMetrics(way({ breaker: 'open', failures: 5, waiting: 3 }, 2000))
    const of = (name: string, group: string): number | undefined => metrics.find((one) => one.name === name && one.labels['group'] === group)?.value
    expect([of('breaker_state', 'trade'), of('breaker_state', 'market'), of('breaker_failures', 'trade'), of('limit_utilisation', 'account'), of('limit_waiting', 'trade')]).toEqual([2, 0, 5, 0.25, 3])
    expect(metrics.find((one) => one.name === 'venue_ban_seconds')!.value).toBe(2)
    expect(wayMetrics(null)).toEqual([])
  })
})

describe('health token', () => {
  let root = ''
  beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'ringmaster-token-'))))
  afterAll(() => rmSync(root, { recursive: true }))

  it('is made once, kept for its owner only, and the same at the next start', () => {
    const dir = join(root, 'data')
    expect(readHealthToken(dir)).toBe(null)
    const first = healthToken('auto', dir)
    expect(first).toMatchObject({ fresh: true, file: join(dir, 'health.token'), token: expect.stringMatching(/^[\w-]{32}$/) as string })
    expect(statSync(first.file!).mode & 0o777).toBe(0o600)
    expect(healthToken('auto', dir)).toEqual({ ...first, fresh: false })
    expect(readFileSync(first.file!, 'utf8')).toBe(`${first.token}\n`)
    expect(healthToken('auto', join(root, 'other')).token).not.toBe(first.token)
  })

  it('is the configured one when there is one', () => {
    expect(healthToken('configured-token-1', join(root, 'none'))).toEqual({ token: 'configured-token-1', fresh: false, file: null })
    expect(readHealthToken(join(root, 'none'))).toBe(null)
  })

  it('is refused when the file holds none or cannot be written', () => {
    writeFileSync(join(root, 'health.token'), '\n')
    expect(() => healthToken('auto', root)).toThrow(/RM_TOKEN_FILE.*holds no token/)
    expect(() => healthToken('auto', join(root, 'health.token'))).toThrow(/RM_TOKEN_FILE.*cannot be written/)
  })
})
