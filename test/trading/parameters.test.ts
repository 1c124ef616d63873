import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { DecimalStep, type Instrument } from '../../src/core/index.ts'
import { ConfigError, loadConfig } from '../../src/config/index.ts'
import { compileExits, compileRules, entryPlan, REGIMES, tradingDefaults } from '../../src/trading/index.ts'
import { tradingSettings } from '../../workers/trading-settings.ts'
import { exitSets, instruments, SYMBOLS } from './support/world.ts'

const SHIPPED = readFileSync(join(import.meta.dirname, '../../config/default.yaml'), 'utf8')
const dir = mkdtempSync(join(tmpdir(), 'ringmaster-exits-'))
afterAll(() => rmSync(dir, { recursive: true }))

const configOf = (text: string) => {
  writeFileSync(join(dir, 'default.yaml'), text)
  return loadConfig({ dir, env: {}, envFile: null }).config
}
const instrument = (symbol: string, index: number): Instrument => ({ ...instruments[0]!, symbol, index, tick: new DecimalStep('0.0001') })
const xrp = [instrument('XRPUSDT', 0)]
const problemsOf = (text: string): string[] => {
  try {
    configOf(text)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => problem.path)
    throw error
  }
  return []
}

describe('exit parameters (EX-16)', () => {
  it('the XRP case: without its choppy section nothing starts, with it the plan is TP 3.0 / SL 2.0 from that section, never from another', () => {
    const choppy = /\n {4}choppy: \{ tp_percent: 3\.0.*\}/
    expect(SHIPPED).toMatch(choppy)
    expect(problemsOf(SHIPPED.replace(choppy, ''))).toEqual(['symbol_profiles.XRPUSDT.choppy'])

    const { exit } = tradingSettings(configOf(SHIPPED))
    const [sets] = compileExits(exit, xrp)
    // 24 000 ticks are 2.4 USDT; what a quiet minute ranges lies below the least distance, and the percent holds.
    for (const atrTicks of [Number.NaN, 20]) {
      const plan = entryPlan(exit, sets!, 'choppy', atrTicks, 24_000, 1)
      expect(plan).toMatchObject({ takeProfitPercent: '3', stopLossPercent: '2', source: 'symbol_profiles.XRPUSDT.choppy', regime: 'choppy' })
      expect([plan.takeProfit?.atrMultiplier, plan.stopLoss?.atrMultiplier]).toEqual(['1.5', '3.5'])
      expect([plan.takeProfit?.by, plan.stopLoss?.by]).toEqual(Number.isNaN(atrTicks) ? ['percent-without-atr', 'percent-without-atr'] : ['atr-least', 'atr-least'])
    }
    // 1 % of range: 1.5 ranges are less than 3 %, 3.5 ranges lie between 2 and 4 %.
    expect(entryPlan(exit, sets!, 'choppy', 240, 24_000, 1)).toMatchObject({ takeProfitPercent: '3', stopLossPercent: '3.5', atrTicks: 240, stopLoss: { percent: '2', atrMultiplier: '3.5', by: 'atr' } })
  })

  it('trading settings that lack a regime are refused by the trading core too, with every symbol and regime at once', () => {
    const { exit } = tradingSettings(configOf(SHIPPED))
    const { choppy: _choppy, ...lame } = exit.bySymbol['XRPUSDT']!
    const both = [instrument('XRPUSDT', 0), instrument('BTCUSDT', 1), instrument('ETHUSDT', 2)]
    const broken = { ...exit, bySymbol: { ...exit.bySymbol, XRPUSDT: lame }, byRegime: { trending: exit.byRegime.trending! } }
    expect(() => compileRules({ ...tradingDefaults, exit: { ...tradingDefaults.exit, ...broken } }, both)).toThrow(
      'RM_EXIT_PARAMETERS: exit parameters are missing for 5 symbols and regimes, nothing was started: bySymbol.XRPUSDT.choppy, byRegime.ranging for BTCUSDT, byRegime.choppy for BTCUSDT, byRegime.ranging for ETHUSDT, byRegime.choppy for ETHUSDT',
    )
  })

  it('a symbol with sets of its own takes all of them from there, one without takes all from its regime; nothing is mixed', () => {
    const bySymbol = { [SYMBOLS[0]!]: exitSets({ takeProfitPercent: '5' }, 'symbol_profiles.A') }
    const [own, common] = compileExits({ ...tradingDefaults.exit, byRegime: exitSets({ takeProfitPercent: '1', trailing: { source: 't', activationPercent: '1', activationAtr: null, distancePercent: '1', distanceAtr: null } }), bySymbol }, instruments)
    for (const regime of REGIMES) {
      expect(own![regime]).toEqual(bySymbol[SYMBOLS[0]!]![regime])
      expect(own![regime].trailing).toBeNull()
      expect([common![regime].source, common![regime].takeProfitPercent]).toEqual([`exit.by_regime.${regime}`, '1'])
    }
    // A profile that only changes the size is no profile of exits.
    expect(compileExits({ ...tradingDefaults.exit, bySymbol: { [SYMBOLS[0]!]: {} } }, instruments)[0]!.choppy.source).toBe('exit.by_regime.choppy')
  })

  it('the shipped configuration gives every active symbol all regimes, with its times, ranges and trailing stops', () => {
    const { exit } = tradingSettings(configOf(SHIPPED.replace('choppy: { tp_percent: 0.30, sl_percent: 0.30 }', 'choppy: { tp_percent: 0.30, sl_percent: 0.30, max_holding_s: 60 }')))
    const [xrpSets, btc] = compileExits(exit, [instrument('XRPUSDT', 0), instrument('BTCUSDT', 1)])
    expect(REGIMES.map((regime) => [xrpSets![regime].takeProfitPercent, xrpSets![regime].stopLossPercent, xrpSets![regime].takeProfitAtr, xrpSets![regime].stopLossAtr])).toEqual([
      ['5', '1.5', '3', '2.5'],
      ['3.5', '2', '2', '3.5'],
      ['3', '2', '1.5', '3.5'],
    ])
    expect(btc!.trending.trailing).toEqual({ source: 'exit.by_regime.trending.trailing', activationPercent: '0.35', activationAtr: null, distancePercent: '0.2', distanceAtr: null })
    expect([btc!.choppy.holdMsMax, btc!.ranging.holdMsMax]).toEqual([60_000, 900_000])
    expect(exit).toMatchObject({ rangeFactorMin: '1', rangeFactorMax: '2', takerFeePercent: '0.055', profitPercentMin: '0', trailingStepPercent: '0.02', trailingByMaker: {} })
  })
})
