import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import { Random, SystemClock, SystemTimers, systemOriginNs } from '../../src/core/index.ts'
import { createCounters, FrontServer, serverDefaults } from '../../src/exchange/front/index.ts'
import { Exchange, VolatileLedger } from '../../src/exchange/index.ts'
import { OkxFront } from '../../src/exchange/okx/index.ts'
import { ProcessSupervisor } from '../../src/runtime/index.ts'
import { readJournal, type TradingRecord } from '../../src/trading/index.ts'
import { ENGINE_ENV, type EngineSettings, type EngineState, type FromEngine } from '../../workers/engine-messages.ts'
import { PAPER_LATENCY } from '../../workers/exchange-messages.ts'
import { journalPath } from '../../workers/journal-path.ts'
import { tradingSettings } from '../../workers/trading-settings.ts'
import { venueAt } from '../../workers/venue.ts'
import { generated } from './virtual-run.ts'

const SYMBOLS = ['BTCUSDT', 'XRPUSDT']
const SET = {
  venue: 'okx',
  trading_pairs: SYMBOLS.join(','),
  'strategy.imbalance.buy_threshold': '0.52',
  'strategy.imbalance.sell_threshold': '0.48',
  'strategy.imbalance.repeat_ms': '100',
  'strategy.min_confidence': '0.5',
  'order_executor.limit_order.by_regime.choppy.limit_offset_percent': '0.001',
  'order_executor.limit_order.by_symbol.XRPUSDT.by_regime.choppy.limit_offset_percent': '0.001',
  'order_executor.order_ttl_ms': '500',
  'exit.max_holding_s': '2',
  'risk.sizing': 'fixed',
  'risk.max_orders_per_minute': '600',
  'journal.flush_ms': '1',
}

describe('F24 an instrument whose grid changes while the engine runs', () => {
  const ends: (() => Promise<unknown> | void)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end()
  })

  it('has its entries stopped at once, and is traded on the new grid once it is flat, without anybody starting anything', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ringmaster-grid-'))
    ends.push(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }))
    const overrides = Object.entries({ ...SET, data_dir: join(dir, 'data'), 'log.dir': join(dir, 'logs') }).map(([path, value]) => ({ path, value, from: 'test' }))
    const { config } = loadConfig({ dir: join(import.meta.dirname, '../../config'), env: {}, envFile: null, overrides })
    const originNs = systemOriginNs()
    const clock = new SystemClock(originNs)
    const timers = new SystemTimers()

    // The venue lives in this process, so that its hand can be led; the engine is the real one, in its own process.
    const exchange = new Exchange({ clock, timers, markets: generated(SYMBOLS, 5), ledger: new VolatileLedger(), startingBalance: '100000', defaultLeverage: '10' })
    exchange.start()
    // From a coarse tick to a finer one: sizes and history of before lie on the new grid too.
    exchange.operator.changeContract('XRPUSDT', { tickSteps: 5 })
    const { api_key: apiKey, api_secret: secret, passphrase } = config.exchange
    const front = new OkxFront({ exchange, clock, timers, random: new Random(5, 'front'), counters: createCounters(), latency: PAPER_LATENCY, keys: [{ apiKey, secret, passphrase, account: 'main' }] })
    const server = new FrontServer(front, { ...serverDefaults, host: '127.0.0.1', port: 0 })
    const port = await server.listen()
    ends.push(() => exchange.stop(), () => server.close())

    let state: EngineState | null = null
    const settings: EngineSettings = { config, trading: tradingSettings(config), venue: venueAt(config, '127.0.0.1', { bybit: 0, okx: port }), feedToken: null, originNs: originNs.toString() }
    const lines: string[] = []
    const engine = new ProcessSupervisor(
      {
        name: 'engine',
        entry: new URL('../../workers/engine.ts', import.meta.url),
        env: () => ({ [ENGINE_ENV]: JSON.stringify(settings) }),
        silentMs: 5000,
        fatalCodes: [2],
        onMessage: (message) => {
          const one = message as unknown as FromEngine
          if (one.type === 'beat') state = one.state
          if (one.type === 'log') lines.push(`${one.record.level} ${one.record.from} ${one.record.message} ${JSON.stringify(one.record.data)}`)
        },
        onExit: (error) => void lines.push(`exit ${error.message}`),
        onGiveUp: (error) => void lines.push(`given up ${error.message}`),
      },
      clock,
      timers,
      { max: 20, windowMs: 60_000, backoffMs: 50, backoffMaxMs: 2000 },
    )
    engine.start()
    ends.push(() => engine.stop({ type: 'stop', reason: 'end of the test' }, 20_000))

    const until = async (what: string, holds: (now: EngineState) => boolean, ms = 60_000): Promise<void> => {
      const deadline = Date.now() + ms
      while (state === null || !holds(state)) {
        if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}\n${JSON.stringify(state?.symbols.map((one) => [one.symbol, one.bookValid, one.book.entries, one.market?.status]))}\n${lines.filter((line) => !line.startsWith("info")).slice(-40).join("\n")}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const entriesOf = (now: EngineState, symbol: string) => now.symbols.find((one) => one.symbol === symbol)?.book.entries
    const records = (): TradingRecord[] => [...readJournal(journalPath(config))].map(({ record }) => record)
    const entries = (symbol: string) => records().filter((record) => record.kind === 'order-intended' && record.purpose === 'entry' && record.symbol === symbol)

    await until('both symbols take entries', (now) => now.ready && SYMBOLS.every((symbol) => entriesOf(now, symbol) === 'open'))
    exchange.operator.changeContract('XRPUSDT', { tickSteps: 1 })
    await until('the entries of the changed symbol stop', (now) => entriesOf(now, 'XRPUSDT') === 'instrument-changed')
    await until('the engine has started itself anew and takes entries on both', (now) => engine.status.restarts === 1 && now.ready && SYMBOLS.every((symbol) => entriesOf(now, symbol) === "open"), 30_000)
    expect(lines.some((line) => line.includes('the venue has changed the grid of symbols that are flat'))).toBe(true)

    const seen = records().filter((record) => record.kind === 'instrument-seen' && record.symbol === 'XRPUSDT')
    expect(seen.map((record) => record.kind === 'instrument-seen' && [Number(record.tick), Number(record.lot)])).toEqual([[0.0005, 0.1], [0.0001, 0.1]])
    // Without history on its coarse grid it had no whole vector: the first entries are those on the new one.
    const deadline = Date.now() + 60_000
    while (entries('XRPUSDT').length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100))
    expect(entries('XRPUSDT').length).toBeGreaterThan(0)
    // Taken by the venue, which refuses what is off its grid.
    expect(exchange.orders('main', { symbol: 'XRPUSDT' }).filter((order) => order.status === 'Rejected')).toEqual([])
    expect(lines.filter((line) => line.startsWith('given up'))).toEqual([])
  }, 240_000)
})
