import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ConfigError, loadConfig } from '../../../src/config/index.ts'
import { Random, VirtualTime } from '../../../src/core/index.ts'
import { RESILIENCE_DEFAULTS, type Venue } from '../../../src/venues/index.ts'
import { openVenue, resilienceSettings, venueAt } from '../../../workers/venue.ts'
import { FakeTransport } from '../fake-transport.ts'

const configured = (overrides: Readonly<Record<string, string>> = {}) =>
  loadConfig({ dir: join(import.meta.dirname, '../../../config'), env: {}, envFile: null, overrides: Object.entries(overrides).map(([path, value]) => ({ path, value, from: `--set ${path}` })) }).config

describe('the settings of resilience', () => {
  it('are those of the adapters where nothing is set', () => expect(resilienceSettings(configured())).toEqual(RESILIENCE_DEFAULTS))

  it('each reach the adapters under their own name', () => {
    const values: Readonly<Record<string, readonly [keyof typeof RESILIENCE_DEFAULTS, string | number | boolean]>> = {
      'breaker.threshold': ['threshold', 7], 'breaker.cooldown_ms': ['cooldownMs', 1234], 'breaker.cooldown_max_ms': ['cooldownMsMax', 77_777], 'breaker.count_limits': ['countLimits', false], 'breaker.evidence_pace_ms': ['evidencePaceMs', 321],
      reserve_share: ['reserveShare', 0.35], ban_probe_ms: ['banProbeMs', 9876], 'retry.max': ['retryMax', 9], 'retry.backoff_ms': ['retryMs', 11], 'retry.backoff_max_ms': ['retryMsMax', 2222],
    }
    expect(Object.values(values).map(([name]) => name).toSorted()).toEqual(Object.keys(RESILIENCE_DEFAULTS).toSorted())
    for (const [path, [name, value]] of Object.entries(values)) expect(resilienceSettings(configured({ [`resilience.${path}`]: String(value) }))).toEqual({ ...RESILIENCE_DEFAULTS, [name]: value })
  })

  it.each([['breaker.cooldown_ms', '60001'], ['retry.backoff_ms', '1001'], ['reserve_share', '0.6'], ['breaker.threshold', '0']])('%s %s is refused with its path', (path, value) => {
    let problem: unknown = null
    try {
      configured({ [`resilience.${path}`]: value })
    } catch (error) {
      problem = error
    }
    expect((problem as ConfigError).problems.map((one) => one.path)).toEqual([`resilience.${path}`])
  })

  it.each(['bybit', 'okx'])('on %s: the breaker opens at the threshold that is set', (venue) => {
    for (const threshold of [2, 4]) {
      const config = configured({ venue, 'resilience.breaker.threshold': String(threshold), 'resilience.retry.max': '0' })
      const time = new VirtualTime(1_700_000_000_000)
      const transport = new FakeTransport(time)
      transport.respond = () => ({ kind: 'failure', sent: true, reason: 'cut' })
      const opened: Venue = openVenue(venueAt(config, 'venue', { bybit: 1, okx: 1 }), { transport, clock: time, timers: time, random: new Random(1), count: () => {} }, config, 'public')
      for (let i = 1; i <= threshold; i++) {
        expect(opened.resilience.status().groups.find((one) => one.group === 'market')!.breaker.state).toBe('closed')
        opened.reference.instruments(['BTCUSDT'], () => {})
        time.runUntil(time.nowNs() + 1e9)
      }
      expect(opened.resilience.status().groups.find((one) => one.group === 'market')!.breaker.state).toBe('open')
    }
  })
})
