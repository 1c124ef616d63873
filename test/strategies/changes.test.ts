import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig, settings as allSettings } from '../../src/config/index.ts'
import { STRATEGY_NAMES, type StrategyName } from '../../src/memory/index.ts'
import { regimeDefaults } from '../../src/regime/index.ts'
import { type Bound, changedSettings, imbalanceBounds, momentumBounds, sarWaveBounds, settingsHash, settingOf, strategyChange, strategyDefaults, superTrendBounds, volumeProfileBounds, withChange } from '../../src/strategies/index.ts'
import { readStrategyChanges } from '../../workers/strategy-changes.ts'
import { deskSettings as fromConfig, ownName, regimeRule, writtenName } from '../../workers/strategy-settings.ts'
import { StrategyWays } from '../../workers/strategy-ways.ts'
import { deskSettings, names } from './stage.ts'

const { config } = loadConfig({ dir: join(import.meta.dirname, '../../config'), env: {}, envFile: null })
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'strategies-'))
const refused = (words: string): unknown => expect.objectContaining({ code: 'RM_STRATEGY_CONFIG', message: expect.stringContaining(words) })
const bounds: Readonly<Record<StrategyName, object>> = { imbalance: imbalanceBounds, momentum: momentumBounds, sar_wave: sarWaveBounds, super_trend: superTrendBounds, volume_profile: volumeProfileBounds }

describe('the configuration of the strategies', () => {
  it('ships the defaults of the strategies themselves', () => {
    const shipped = fromConfig(config)
    expect(shipped).toEqual({ ...deskSettings, configs: strategyDefaults })
    expect(regimeRule(config, 'BTCUSDT')).toEqual(regimeDefaults)
    expect(Object.keys(shipped.configs)).toEqual([...STRATEGY_NAMES])
  })

  it('allows of every parameter what its strategy allows', () => {
    for (const name of STRATEGY_NAMES.filter((one) => one !== 'imbalance'))
      for (const [parameter, bound] of Object.entries(bounds[name]) as [string, Bound][]) {
        const setting = allSettings.find(({ path }) => path === `strategies.${name}.${writtenName(parameter)}`)
        expect(setting?.allowed, `${name}.${parameter}`).toBe(`${bound.whole === true ? 'whole number' : 'number'} ${bound.min} to ${bound.max}`)
      }
  })

  it.each([
    ['strategies.momentum.rsi_min', '75', 'below strategies.momentum.rsi_max'],
    ['strategies.sar_wave.retracement_min', '0.7', 'below strategies.sar_wave.retracement_max'],
    ['strategies.sar_wave.acceleration', '0.2', 'below strategies.sar_wave.acceleration_max'],
    ['strategies.volume_profile.high_node', '1', ''],
    ['strategies.backoff_ms', '60001', 'at most strategies.backoff_max_ms'],
    ['regime.adx_leave', '26', 'at most regime.adx_enter'],
    ['regime.choppy_leave', '62', 'at most regime.choppy_enter'],
    ['regime.by_symbol.BTC-USDT.adx_enter', '10', 'adx_enter of that symbol, which is 10'],
    ['strategies.mode', 'loudest', ''],
  ])('refuses %s at %s beside the rest of the defaults', (path, value, words) => {
    const load = () => loadConfig({ dir: join(import.meta.dirname, '../../config'), env: {}, envFile: null, overrides: [{ path, value, from: '--set' }] })
    if (path === 'strategies.volume_profile.high_node') return expect(fromConfig(load().config).configs.volume_profile.highNode).toBe(1)
    expect(load).toThrow(expect.objectContaining({ message: expect.stringContaining(words) }))
  })

  it('gives a symbol its own bounds of the regime, and the others what holds for all', () => {
    const { config: own } = loadConfig({ dir: join(import.meta.dirname, '../../config'), env: {}, envFile: null, overrides: [{ path: 'regime.by_symbol.ETH-USDT.adx_enter', value: '30', from: '--set' }, { path: 'regime.by_symbol.ETH-USDT.confirm_candles', value: '5', from: '--set' }] })
    expect(regimeRule(own, 'ETHUSDT')).toEqual({ ...regimeDefaults, adxEnter: 30, confirmCandles: 5 })
    for (const symbol of ['BTCUSDT', null]) expect(regimeRule(own, symbol)).toEqual(regimeDefaults)
    expect(regimeRule({ ...own, regime: { ...own.regime, mode: 'ranging' } }, 'ETHUSDT')).toBe('ranging')
  })

  it('writes names as they stand in the file, and reads them back', () => {
    for (const name of STRATEGY_NAMES) for (const parameter of Object.keys(deskSettings.configs[name])) expect(ownName(writtenName(parameter))).toBe(parameter)
    expect(writtenName('volumeRatioMin')).toBe('volume_ratio_min')
  })
})

describe('a change while running', () => {
  it.each([
    ['momentum', 'enabled', 'false', false],
    ['sar_wave', 'weight', '2.5', 2.5],
    ['super_trend', 'period', '7', 7],
    ['imbalance', 'clusterConfirmation', 'true', true],
  ])('%s %s %s is taken', (strategy, setting, text, value) => {
    const change = strategyChange(deskSettings, [], strategy, setting, text, names)
    expect(change).toMatchObject({ strategy, setting, value })
    expect(settingOf(changedSettings(deskSettings, [change]), change.strategy, setting)).toBe(value)
    expect(settingsHash(changedSettings(deskSettings, [change]))).not.toBe(settingsHash(deskSettings))
  })

  it.each([
    ['astrology', 'enabled', 'true', 'strategies imbalance'],
    ['momentum', 'colour', '3', 'one of enabled, weight, strengthMin'],
    ['momentum', 'enabled', 'yes', 'true or false'],
    ['momentum', 'rsiMin', '1e3', 'a plain number'],
    ['momentum', 'rsiMin', '10', '50 to 95'],
    ['momentum', 'weight', '101', '0 to 100'],
    ['momentum', 'rsiMin', '80', 'below rsiMax'],
    ['super_trend', 'period', '7.5', 'a whole number'],
    ['imbalance', 'depthLevels', '7', '5 or 10'],
  ])('%s %s %s is refused with what is allowed', (strategy, setting, text, words) => {
    expect(() => strategyChange(deskSettings, [], strategy, setting, text, names)).toThrow(refused(words))
  })

  it('is judged beside the changes that stand already', () => {
    const first = strategyChange(deskSettings, [], 'momentum', 'rsiMax', '95', names)
    expect(strategyChange(deskSettings, [first], 'momentum', 'rsiMin', '80', names)).toMatchObject({ value: 80 })
  })

  it('replaces the one before it, goes when it is back at what is configured, and ends when that is another value', () => {
    const heavier = strategyChange(deskSettings, [], 'momentum', 'weight', '2', names)
    const heaviest = strategyChange(deskSettings, [heavier], 'momentum', 'weight', '3', names)
    const back = strategyChange(deskSettings, [heaviest], 'momentum', 'weight', '1', names)
    expect(withChange([heavier], heaviest)).toEqual([heaviest])
    expect(withChange([heaviest], back)).toEqual([])
    const configured = { ...deskSettings, weights: { ...deskSettings.weights, momentum: 5 } }
    expect(changedSettings(configured, [heaviest])).toEqual(configured)
  })
})

describe('changes are kept', () => {
  it('in the data folder before they are told, and hold after a restart', () => {
    const folder = newFolder()
    const told: unknown[] = []
    const ways = new StrategyWays({ ...config, data_dir: folder }, (changes, made) => {
      expect(readStrategyChanges(folder)).toEqual(changes)
      told.push([changes.length, made])
    })
    expect(ways.set('momentum', 'rsi_min', '60')).toBeNull()
    expect(ways.set('momentum', 'rsi_min', '60')).toBeNull()
    expect(ways.set('momentum', 'enabled', 'false')).toBeNull()
    expect(ways.set('momentum', 'rsi_min', '10')).toContain('50 to 95')
    const rsi = { strategy: 'momentum', setting: 'rsi_min', value: '60', configured: '55' }
    expect(told).toEqual([[1, { ...rsi, before: '55' }], [1, { ...rsi, before: '60' }], [2, { strategy: 'momentum', setting: 'enabled', before: 'true', value: 'false', configured: 'true' }]])
    const outcome = { name: 'momentum', trades: 4, wins: 1, net: '-3.2' }
    const [, momentum] = new StrategyWays({ ...config, data_dir: folder }, () => {}).list([outcome])
    expect(momentum).toEqual({ name: 'momentum', enabled: false, weight: 1, changed: [{ setting: 'rsi_min', value: '60', configured: '55' }, { setting: 'enabled', value: 'false', configured: 'true' }], outcome })
  })

  it('are none where nobody changed anything, and refused where the file is no list of changes', () => {
    const folder = newFolder()
    expect(readStrategyChanges(folder)).toEqual([])
    expect(existsSync(join(folder, 'strategies.json'))).toBe(false)
    for (const text of ['{', '{}', '[1]', '[{"strategy":"astrology","setting":"weight","value":1,"configured":1}]', '[{"strategy":"momentum","setting":"weight","value":"1","configured":1}]']) {
      writeFileSync(join(folder, 'strategies.json'), text)
      expect(() => readStrategyChanges(folder), text).toThrow(expect.objectContaining({ code: 'RM_STRATEGY_CHANGES' }))
      expect(readFileSync(join(folder, 'strategies.json'), 'utf8')).toBe(text)
    }
  })
})
