import { describe, expect, it } from 'vitest'
import { MemoryJournal } from '../../src/trading/index.ts'
import { loadConfig } from '../../src/config/index.ts'
import { join } from 'node:path'
import { BookAudit } from '../../bench/engine/book-audit.ts'
import { recordedMarkets } from '../../workers/recorded-markets.ts'
import { VirtualEngine } from '../../workers/virtual-engine.ts'
import { capture, captured } from './virtual-run.ts'

const FILES = ['binance_spot_nexousdt_20240723.raw.gz', 'binance_spot_nexousdt_20240724.raw.gz']
const WHOLE = process.env['RINGMASTER_WHOLE_DAY'] === '1'
const HOURS = 2

describe.skipIf(!FILES.every(captured))('the recorded NEXO day (needs recorded data: RINGMASTER_DATA)', () => {
  it(`${WHOLE ? 'the whole day' : `its first ${HOURS} hours (all of it with RINGMASTER_WHOLE_DAY=1)`}: one REST audit a minute equals the engine's book at that sequence`, async () => {
    const { config } = loadConfig({ dir: join(import.meta.dirname, '../../config'), env: {}, envFile: null })
    const [market] = await recordedMarkets(FILES.map(capture), ['NEXOUSDT'], false)
    const audit = new BookAudit()
    const errors: string[] = []
    const engine = new VirtualEngine({
      config: { ...config, trading_pairs: ['NEXOUSDT'], mode: 'backtest' }, markets: [market!], originMs: market!.tape.originMs, journal: new MemoryJournal(),
      onLog: (line) => void (line.level === 'error' && errors.push(`${line.actor}: ${line.message}`)),
      wrapTransport: audit.wrap,
    })
    const untilNs = WHOLE ? market!.tape.durationNs : HOURS * 3600e9
    audit.run(engine, 'NEXOUSDT', untilNs)
    engine.stop()
    const { audited, missed, equal, differences } = audit.totals
    expect(differences.slice(0, 3)).toEqual([])
    expect(errors).toEqual([])
    expect([audited, equal, missed]).toEqual([Math.floor(untilNs / 60e9), audited, 0])
  }, WHOLE ? 900_000 : 60_000)
})
