import { describe, expect, it } from 'vitest'
import { accountMetrics, symbolMetrics } from '../../src/runtime/health/index.ts'
import { MetricsPage } from '../../src/telemetry/root/index.ts'
import { snapshot, symbolHealth } from './fixture.ts'

describe('the metrics of symbols', () => {
  it('show sources of prices by purpose, audits by outcome, integrity, clock and account on the Prometheus page', async () => {
    const page = new MetricsPage()
    const { counters, gauges } = symbolMetrics([symbolHealth('BTCUSDT'), symbolHealth('ETHUSDT', { bookValid: false })])
    page.accept('supervisor', { counters, gauges: [...gauges, ...accountMetrics(snapshot().account)], histograms: [] })
    const text = await page.render()
    for (const line of [
      'ringmaster_price_reads_total{symbol="BTCUSDT",purpose="exit",source="stream"} 90',
      'ringmaster_price_reads_total{symbol="BTCUSDT",purpose="exit",source="rest"} 9',
      'ringmaster_price_reads_total{symbol="BTCUSDT",purpose="order",source="refused"} 1',
      'ringmaster_book_audit_outcomes_total{symbol="BTCUSDT",outcome="equal"} 7',
      'ringmaster_book_audit_outcomes_total{symbol="BTCUSDT",outcome="mismatch"} 1',
      'ringmaster_book_audit_outcomes_total{symbol="BTCUSDT",outcome="stale"} 3',
      'ringmaster_book_audit_outcomes_total{symbol="BTCUSDT",outcome="no-answer"} 4',
      'ringmaster_book_integrity{symbol="BTCUSDT"} 0.99',
      'ringmaster_entries_open{symbol="BTCUSDT"} 1',
      'ringmaster_book_valid{symbol="ETHUSDT"} 0',
      'ringmaster_clock_offset_seconds{symbol="BTCUSDT"} 0.00125',
      'ringmaster_clock_round_trip_seconds{symbol="BTCUSDT"} 0.0035',
      'ringmaster_feed_reconnects_forced_total{symbol="BTCUSDT"} 1',
      'ringmaster_account_margin{part="available"} 980',
    ])
      expect(text.split('\n')).toContain(line)
  })

  it('show what blocks a direction, and every detector whose protection is missing', () => {
    const { gauges } = symbolMetrics([symbolHealth('BTCUSDT')])
    const of = (name: string) => gauges.filter((gauge) => gauge.name === name).map(({ labels, value }) => [...Object.values(labels), value])
    expect(of('manipulation_block')).toEqual([['BTCUSDT', 'buy', 0.9], ['BTCUSDT', 'sell', 0]])
    expect(of('detector_missing')).toEqual([['BTCUSDT', 'spoofing', 0], ['BTCUSDT', 'layering', 1], ['BTCUSDT', 'levels', 0]])
  })

  it('leave out what is not known', () => {
    const { gauges } = symbolMetrics([symbolHealth('BTCUSDT', { priceAgeMs: null, clockOffsetMs: null, clockRoundTripMs: null, market: null, detection: null, book: { ...symbolHealth('X').book, integrity: null, auditAgeMs: null } })])
    expect(gauges.map((gauge) => gauge.name)).toEqual(['book_valid', 'entries_open'])
    expect(accountMetrics(null)).toEqual([])
  })
})
