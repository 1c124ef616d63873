import type { Config, ExitParameters as Written } from '../src/config/index.ts'
import { money } from '../src/core/index.ts'
import { type ExitParameters, type ExitSets, type ExitSettings, MAKERS, REGIMES, type TrailingParameters } from '../src/trading/index.ts'

type WrittenTrailing = NonNullable<Written['trailing']>

/** What the configuration says about leaving positions, in the words of execution: every set with the path that it was written at. */
export function exitSettings({ exit, symbol_profiles: profiles }: Config): ExitSettings {
  const setsOf = (path: string, sets: { readonly [Regime in (typeof REGIMES)[number]]?: Written | undefined }): ExitSets =>
    Object.fromEntries(REGIMES.flatMap((regime) => (sets[regime] === undefined ? [] : [[regime, setOf(`${path}.${regime}`, sets[regime], exit.max_holding_s)]])))
  return {
    byRegime: setsOf('exit.by_regime', exit.by_regime),
    bySymbol: Object.fromEntries(Object.entries(profiles).map(([symbol, profile]) => [symbol, setsOf(`symbol_profiles.${symbol}`, profile)])),
    trailingByMaker: Object.fromEntries(
      MAKERS.flatMap((maker) => {
        const written = exit.trailing_by_strategy[maker]
        return written === undefined ? [] : [[maker, trailingOf(`exit.trailing_by_strategy.${maker}`, written)]]
      }),
    ),
    rangeFactorMin: textOf(exit.atr_clamp.min),
    rangeFactorMax: textOf(exit.atr_clamp.max),
    takerFeePercent: textOf(exit.taker_fee_percent),
    profitPercentMin: textOf(exit.min_profit_after_fees_percent),
    trailingStepPercent: textOf(exit.trailing_step_percent),
  }
}

function setOf(source: string, written: Written, holdingMaxS: number): ExitParameters {
  return {
    source,
    takeProfitPercent: textOf(written.tp_percent),
    stopLossPercent: textOf(written.sl_percent),
    takeProfitAtr: optional(written.tp_atr_multiplier),
    stopLossAtr: optional(written.sl_atr_multiplier),
    holdMsMax: Math.min(written.max_holding_s ?? holdingMaxS, holdingMaxS) * 1000,
    trailing: written.trailing === undefined ? null : trailingOf(`${source}.trailing`, written.trailing),
  }
}

const trailingOf = (source: string, written: WrittenTrailing): TrailingParameters => ({
  source,
  activationPercent: textOf(written.activation_percent),
  activationAtr: optional(written.activation_atr_multiplier),
  distancePercent: textOf(written.distance_percent),
  distanceAtr: optional(written.distance_atr_multiplier),
})

/** Without an exponent. */
const textOf = (value: number): string => money(value).toFixed()
const optional = (value: number | undefined): string | null => (value === undefined ? null : textOf(value))
