import { describe, expect, it } from 'vitest'
import { money } from '../../src/core/index.ts'
import { loadTape, RecordedMarket, recordedContracts } from '../../src/exchange/index.ts'
import { capture, captured, eagerConfig, generated, virtualRun } from './virtual-run.ts'

const HOUR_S = 3600
const NEXO = ['binance_spot_nexousdt_20240723.raw.gz', 'binance_spot_nexousdt_20240724.raw.gz']

describe('virtual time', () => {
  it.each(['bybit', 'okx'] as const)('gives byte-equal journals for the same generated market, and another one for another seed, on %s', (venue) => {
    const symbols = ['BTCUSDT', 'XRPUSDT']
    const run = (seed: number): Buffer => Buffer.from(virtualRun(eagerConfig(symbols, venue), generated(symbols, seed), 120).journal.bytes())
    const first = run(7)
    expect(first.length).toBeGreaterThan(5000)
    expect(run(7).equals(first)).toBe(true)
    expect(run(8).equals(first)).toBe(false)
  })

  it.skipIf(!NEXO.every(captured))('gives byte-equal journals for the same recorded hour (needs recorded data: RINGMASTER_DATA)', async () => {
    const contract = recordedContracts.find((one) => one.symbol === 'NEXOUSDT')!
    const tape = await loadTape(NEXO.map(capture), contract)
    expect(tape.durationNs / 1e9).toBeGreaterThan(HOUR_S)
    const run = (): Buffer => {
      const { journal, engine } = virtualRun(eagerConfig(['NEXOUSDT']), [new RecordedMarket(tape, { contract, speed: 1, loop: false, historyMin: 60 })], HOUR_S)
      expect(engine.record.escalations).toEqual([])
      return Buffer.from(journal.bytes())
    }
    const first = run()
    expect(first.length).toBeGreaterThan(5000)
    expect(run().equals(first)).toBe(true)
  }, 60_000)

  it.each(['bybit', 'okx'] as const)('ends with the positions and the fees of the exchange, to the last digit, on %s', (venue) => {
    const symbols = ['BTCUSDT', 'ETHUSDT', 'XRPUSDT']
    const { engine, journal } = virtualRun(eagerConfig(symbols, venue), generated(symbols, 3), 300)
    const lots = new Map<string, number>()
    const fees = new Map<string, string>()
    journal.replay((record) => {
      if (record.kind !== 'fill-booked') return
      lots.set(record.symbol, (lots.get(record.symbol) ?? 0) + (record.side === 0 ? record.lots : -record.lots))
      fees.set(record.executionId, record.fee)
    })
    const executions = engine.exchange.executions('paper', { kind: 'Trade' })
    expect(executions.length).toBeGreaterThan(5)
    expect(fees.size).toBe(executions.length)
    // Venues name executions in their own way; what they cost is the same list.
    const inOrder = (list: readonly string[]): readonly string[] => list.toSorted()
    expect(inOrder([...fees.values()].map((fee) => money(fee).toFixed()))).toEqual(inOrder(executions.map((one) => one.fee.toFixed())))
    for (const symbol of symbols) expect(lots.get(symbol) ?? 0, symbol).toBe(engine.exchange.position('paper', symbol).signedLots)
  })
})
