import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'
import { verifyJournal } from '../../src/trading/index.ts'
import { EngineProcess } from './engine-process.ts'
import { foldJournal, journalOf, venueTruth } from './ledger-check.ts'

const EAGER = [
  'trading_pairs=BTCUSDT,ETHUSDT',
  'strategy.imbalance.buy_threshold=0.52',
  'strategy.imbalance.sell_threshold=0.48',
  'strategy.imbalance.repeat_ms=100',
  'strategy.min_confidence=0.5',
  'order_executor.limit_order.default_offset_percent=0.001',
  'order_executor.limit_order.by_regime.choppy.limit_offset_percent=0.001',
  'order_executor.order_ttl_ms=1000',
  'exit.max_holding_s=2',
]
const CALM = ['strategy.imbalance.buy_threshold=0.99', 'strategy.imbalance.sell_threshold=0.01', 'exit.max_holding_s=86400', 'exit.by_regime.choppy.sl_percent=20', 'exit.by_regime.choppy.tp_percent=20']

const ready = (health: HealthSnapshot): boolean => health.ready && health.actors.length > 0 && health.actors.every((one) => one.state === 'ready') && health.symbols.every((one) => one.bookValid)

describe('an engine whose venue is changed over the same data', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ringmaster-venue-change-'))
  const engines: EngineProcess[] = []

  afterEach(() => {
    for (const engine of engines.splice(0)) engine.cleanUp()
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })

  /** Runs through one venue until orders have left; with nothing to trade on, compares the books with the exchange. */
  async function run(venue: 'bybit' | 'okx', mood: 'eager' | 'calm'): Promise<void> {
    const engine = await EngineProcess.start({ dir, set: [...EAGER, ...(mood === 'calm' ? CALM : []), `venue=${venue}`] })
    engines.push(engine)
    await engine.until('every actor is ready', ready)
    if (mood === 'eager') {
      await engine.until('orders flow', (health) => (health.latencyNs['tick_to_order']?.count ?? 0) > 5)
    } else {
      const truth = await venueTruth(engine.exchangePort)
      const books = [...foldJournal(dir, venue).symbols.values()].filter((one) => one.ledger.signedLots !== 0)
      expect(new Map(books.map((one) => [one.symbol, Number((one.ledger.signedLots * Number(one.lot)).toFixed(6))])), venue).toEqual(truth.positions)
      // The exchange marks what came through its other protocol with a suffix; our ids must differ without it.
      expect(new Set(truth.clientIds.map((id) => id.split('~')[0])).size, 'no client id twice').toBe(truth.clientIds.length)
      // What the other journal traded on this account is the trade of a stranger to this one: booked, and a person is asked.
      for (const { frozen } of foldJournal(dir, venue).symbols.values()) expect([undefined, 'foreign']).toContain(frozen?.code)
    }
    expect(await engine.stop(), engine.output.slice(-2000)).toBe(0)
  }

  it('books every fill once in the journal of its venue, and finds the positions of the exchange each time', async () => {
    await run('bybit', 'eager')
    await run('okx', 'eager')
    await run('okx', 'calm')
    await run('bybit', 'calm')
    for (const venue of ['bybit', 'okx'] as const) expect(verifyJournal(journalOf(dir, venue)).firstError).toBeNull()
  }, 240_000)
})
