import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/cli/index.ts'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'
import { CsvJournal } from '../../src/storage/index.ts'
import { readJournal, type RecoveryReport } from '../../src/trading/index.ts'
import { actions } from '../../workers/actions.ts'
import { EngineProcess } from './engine-process.ts'
import { journalOf } from './ledger-check.ts'

const EAGER = [
  'trading_pairs=BTCUSDT', 'strategy.imbalance.buy_threshold=0.52', 'strategy.imbalance.sell_threshold=0.48', 'strategy.imbalance.repeat_ms=100', 'strategy.min_confidence=0.5', 'order_executor.limit_order.default_offset_percent=0.001',
  'order_executor.limit_order.by_regime.choppy.limit_offset_percent=0.001', 'order_executor.order_ttl_ms=1000', 'exit.max_holding_s=2', 'csv.poll_ms=50', 'shutdown.timeout_s=6',
]
const ready = (health: HealthSnapshot): boolean => health.ready && health.actors.length > 0 && health.actors.every((one) => one.state === 'ready')

describe('a running engine', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ringmaster-recovery-'))
  const engines: EngineProcess[] = []
  afterEach(() => {
    for (const engine of engines.splice(0)) engine.cleanUp()
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })

  const start = async (...more: string[]): Promise<EngineProcess> => {
    const engine = await EngineProcess.start({ dir, set: [...EAGER, ...more] })
    engines.push(engine)
    return engine
  }
  const last = async (engine: EngineProcess): Promise<RecoveryReport | null> => ((await (await fetch(engine.url('/api/monitoring/recovery/last'))).json()) as { report: RecoveryReport | null }).report
  async function cli(...argv: string[]): Promise<{ code: number; out: string }> {
    let out = ''
    const io = { out: (text: string) => void (out += text), err: (text: string) => void (out += text), env: {}, terminal: false, envFile: null }
    return { code: await runCli(argv, actions, io, 'test'), out }
  }

  it('recovers on request over HTTP and by the command line, waits for a person where it must, and writes each CSV row once over kill -9', async () => {
    const first = await start()
    await first.until('every actor is ready', ready)
    expect(await last(first)).toMatchObject({ reason: 'start', outcome: 'agreed', epoch: 1 })
    expect((await fetch(first.url('/api/monitoring/recovery/trigger'), { method: 'POST' })).status).toBe(401)
    await first.until('orders flow', (health) => (health.latencyNs['tick_to_order']?.count ?? 0) > 5)
    const ran = await cli('recover', '--url', first.url(''), '--token', first.token)
    expect(ran, ran.out).toMatchObject({ code: 0, out: expect.stringContaining('(by command): the books and the venue agree') as string })
    expect((await last(first))!.requests).toEqual(['recovery-1'])
    await first.kill()

    // The next start, told to wait: it opens nothing until it is asked for.
    const second = await start('recovery.auto=false')
    const until = Date.now() + 60_000
    while ((await last(second)) === null && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await last(second)).toMatchObject({ outcome: 'waiting', epoch: 2 })
    expect((await second.health()).ready).toBe(false)
    const asked = await cli('recover', '--url', second.url(''), '--token', second.token, '--json')
    expect(JSON.parse(asked.out)).toMatchObject({ outcome: 'agreed', requests: ['recovery-1'] })
    await second.until('every actor is ready', ready)
    await second.until('orders flow again', (health) => (health.latencyNs['tick_to_order']?.count ?? 0) > 2)
    expect(await second.stop(), second.output.slice(-2000)).toBe(0)

    const folder = join(dir, 'data', 'csv')
    const contents = (path: string): Record<string, string> => Object.fromEntries(readdirSync(path).filter((name) => name.endsWith('.csv')).toSorted().map((name) => [name, readFileSync(join(path, name), 'utf8')]))
    const written = contents(folder)
    const orders = Object.entries(written).filter(([name]) => name.startsWith('orders_bybit_')).map(([, text]) => text).join('')
    const fills = [...readJournal(journalOf(dir))].filter(({ record }) => record.kind === 'fill-booked')
    expect(fills.length).toBeGreaterThan(2)
    expect(orders.split('\r\n').filter((line) => line.includes(',fill-booked,'))).toHaveLength(fills.length)
    const anew = new CsvJournal({ journal: journalOf(dir), dir: join(dir, 'anew'), venue: 'bybit' })
    anew.rebuild()
    anew.close()
    expect(written).toEqual(contents(join(dir, 'anew')))
  }, 240_000)
})
