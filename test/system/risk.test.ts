import { afterEach, describe, expect, it } from 'vitest'
import { readJournal } from '../../src/trading/index.ts'
import { EngineProcess } from './engine-process.ts'
import { journalOf } from './ledger-check.ts'

describe('the limits of a running engine', () => {
  const engines: EngineProcess[] = []
  afterEach(() => {
    for (const engine of engines.splice(0)) engine.cleanUp()
  })

  it('CF-3: change by command without a restart, are shown by health, and are still changed after the engine process was killed', async () => {
    const engine = await EngineProcess.start({ set: ['trading_pairs=BTCUSDT'] })
    engines.push(engine)
    const set = (path: string, token = engine.token): Promise<Response> => fetch(engine.url(`/risk/limits/${path}`), { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    const value = (health: Awaited<ReturnType<EngineProcess['health']>>) => health.risk?.limits.find((one) => one.name === 'max_exposure_usdt')
    await engine.until('limits are shown', (health) => health.ready && value(health)?.value === '10000')
    expect((await set('max_exposure_usdt/1234.5', 'not the token')).status).toBe(401)
    expect((await set('max_exposure_usdt/-1')).status).toBe(409)
    expect((await set('max_exposure_usdt/4')).status).toBe(409)
    expect((await set('max_exposure_usdt/1234.5')).status).toBe(202)
    await engine.until('the limit is another one', (health) => value(health)?.value === '1234.5' && value(health)?.configured === '10000')
    const { pid } = (await engine.health()).processes.find((one) => one.name === 'engine')!
    process.kill(pid!, 'SIGKILL')
    await engine.until('the engine is back', (health) => health.ready && health.processes.some((one) => one.name === 'engine' && one.pid !== null && one.pid !== pid) && value(health)?.value === '1234.5')
    expect(await engine.stop(), engine.output.slice(-2000)).toBe(0)
    const changes = [...readJournal(journalOf(engine.dir))].map(({ record }) => record).filter((record) => record.kind === 'limits-changed')
    expect(changes).toMatchObject([{ limit: 'max_exposure_usdt', before: '10000', value: '1234.5', configured: '10000', why: 'by command' }])
  }, 120_000)
})
