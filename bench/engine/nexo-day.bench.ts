/**
 * A recorded day (NEXO, 24 hours 20 minutes) through exchange, Bybit front, adapter and actors in virtual time, with one REST
 * audit of the engine's book a minute.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/index.ts'
import { MemoryJournal } from '../../src/trading/index.ts'
import { recordedMarkets } from '../../workers/recorded-markets.ts'
import { VirtualEngine } from '../../workers/virtual-engine.ts'
import { defineBench } from '../harness.ts'
import { BookAudit } from './book-audit.ts'
import { SharedRun } from './shared-run.ts'

const SYMBOL = 'NEXOUSDT'
const DATA = process.env['RINGMASTER_DATA'] ?? join(import.meta.dirname, '../../../shared/data')
const FILES = ['20240723', '20240724'].map((date) => join(DATA, `l2_binance_raw/binance_spot_nexousdt_${date}.raw.gz`))

const { config } = loadConfig({ dir: join(import.meta.dirname, '../../config'), env: {}, envFile: null })

async function day(): Promise<{ readonly minutesPerS: number; readonly share: number }> {
  const [market] = await recordedMarkets(FILES, [SYMBOL], false)
  const audit = new BookAudit()
  const startMs = performance.now()
  const engine = new VirtualEngine({
    config: { ...config, trading_pairs: [SYMBOL], mode: 'backtest' },
    markets: [market!],
    originMs: market!.tape.originMs,
    journal: new MemoryJournal(),
    onLog: ({ level, actor, message, data }) => {
      if (level === 'error') throw new Error(`${actor}: ${message} ${JSON.stringify(data)}`)
    },
    wrapTransport: audit.wrap,
  })
  audit.run(engine, SYMBOL, market!.tape.durationNs)
  const tookS = (performance.now() - startMs) / 1000
  engine.stop()
  const { audited, equal, missed, differences } = audit.totals
  console.log(`${(market!.tape.durationNs / 60e9).toFixed(0)} minutes of ${SYMBOL} in ${tookS.toFixed(1)} s; audits equal ${equal} of ${audited}, ${missed} minutes without one${differences.length === 0 ? '' : `; first difference: ${differences[0]}`}`)
  return { minutesPerS: market!.tape.durationNs / 60e9 / tookS, share: equal / Math.max(1, audited + missed) }
}

const runs = new SharedRun('ringmaster', day)

export const bench = defineBench(
  'engine-nexo-day',
  { rounds: 1 },
  { name: 'recorded NEXO day, whole graph, one core', unit: 'minutes of market/s', better: 'higher', ours: runs.side('speed', ({ minutesPerS }) => minutesPerS), goal: null },
  { name: 'REST audits equal to the engine’s book', unit: 'share', better: 'higher', ours: runs.side('audits', ({ share }) => share), goal: { atLeast: 1 } },
)

if (import.meta.main) {
  if (FILES.every((file) => existsSync(file))) await bench.run()
  else console.log(`engine-nexo-day: not run, there is no recorded day in ${DATA} (RINGMASTER_DATA)`)
}
