import type { ConfigProblem } from './problems.ts'
import type { Config } from './schema.ts'

type Report = (code: ConfigProblem['code'], path: string, value: string, allowed: string) => void

/** Pairs of settings of strategies and regime that only make sense in one order. */
export function checkStrategies({ strategies, regime }: Partial<Pick<Config, 'strategies' | 'regime'>>, report: Report): void {
  const ordered = (path: string, value: number, otherPath: string, other: number, equal: boolean): void => {
    if (equal ? value > other : value >= other) report('RM_CONFIG_VALUE', path, `found ${value}`, `${equal ? 'at most' : 'below'} ${otherPath}, which is ${other}`)
  }
  if (regime !== undefined) {
    ordered('regime.adx_leave', regime.adx_leave, 'regime.adx_enter', regime.adx_enter, true)
    ordered('regime.choppy_leave', regime.choppy_leave, 'regime.choppy_enter', regime.choppy_enter, true)
    for (const [symbol, own] of Object.entries(regime.by_symbol)) {
      ordered(`regime.by_symbol.${symbol}.adx_leave`, own.adx_leave ?? regime.adx_leave, 'adx_enter of that symbol', own.adx_enter ?? regime.adx_enter, true)
      ordered(`regime.by_symbol.${symbol}.choppy_leave`, own.choppy_leave ?? regime.choppy_leave, 'choppy_enter of that symbol', own.choppy_enter ?? regime.choppy_enter, true)
    }
  }
  if (strategies === undefined) return
  const { momentum, sar_wave: wave, volume_profile: profile } = strategies
  ordered('strategies.backoff_ms', strategies.backoff_ms, 'strategies.backoff_max_ms', strategies.backoff_max_ms, true)
  ordered('strategies.momentum.rsi_min', momentum.rsi_min, 'strategies.momentum.rsi_max', momentum.rsi_max, false)
  ordered('strategies.sar_wave.retracement_min', wave.retracement_min, 'strategies.sar_wave.retracement_max', wave.retracement_max, false)
  ordered('strategies.sar_wave.acceleration', wave.acceleration, 'strategies.sar_wave.acceleration_max', wave.acceleration_max, false)
  ordered('strategies.volume_profile.low_node', profile.low_node, 'strategies.volume_profile.high_node', profile.high_node, false)
}
