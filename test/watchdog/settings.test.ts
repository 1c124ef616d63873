import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import { venueAt } from '../../workers/venue.ts'
import { watchdogSettings } from '../../workers/watchdog-child.ts'

const config = (set: Readonly<Record<string, string>>) =>
  loadConfig({ dir: join(import.meta.dirname, '../../config'), env: {}, envFile: null, overrides: Object.entries(set).map(([path, value]) => ({ path, value, from: 'test' })) }).config
const ports = { bybit: 1, okx: 2 }

describe('the settings of the watchdog', () => {
  it.each([
    ['bybit', 'http://h:1', 'rmmainE'],
    ['okx', 'http://h:2', 'rmmokxE'],
  ] as const)('%s: its own key, the address of the venue, and the mark of the engine that it guards', (venue, rest, prefix) => {
    const one = config({ venue, 'watchdog.silent_s': '7', 'watchdog.flatten': 'true' })
    const settings = watchdogSettings(one, venueAt(one, 'h', ports), 'r1')
    expect(settings).toMatchObject({ venue, desk: { rest, prefix, credentials: { key: 'ringmaster-watchdog' } }, guard: { run: 'r1', silentMs: 7000, flatten: true } })
  })

  it('the key of the engine is refused: it may be what is blocked', () => {
    const one = config({ 'watchdog.api_key': 'ringmaster-paper' })
    expect(() => watchdogSettings(one, venueAt(one, 'h', ports), 'r1')).toThrow('RM_WATCHDOG_SETTINGS')
  })
})
