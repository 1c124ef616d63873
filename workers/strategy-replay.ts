/** `ringmaster strategy replay`: what the strategies and their consensus would have made of recorded candles. */
import { basename } from 'node:path'
import { EXIT, renderTable, type StrategyReplayRequest } from '../src/cli/index.ts'
import type { Config } from '../src/config/index.ts'
import { fail } from '../src/core/index.ts'
import { featureNames } from '../src/features/index.ts'
import type { SeenRegime } from '../src/regime/index.ts'
import { type ReplayExits, type ReplayOutcome, replayStrategies, type ReplayTrade, summarise } from '../src/strategies/replay/index.ts'
import { readCandles, readFunding } from './candle-files.ts'
import { exitSettings } from './exit-settings.ts'
import { deskSettings, regimeRule } from './strategy-settings.ts'

const DAY_MS = 86_400_000

/** Plays files of candles, each a market of its own, and prints one line a trader over all of them. @throws RM_CANDLE_FILE, RM_USAGE */
export function strategyReplay({ loaded, files, json, each }: StrategyReplayRequest, print: (line: string) => void): number {
  const { config } = loaded
  if (files.length === 0) fail('RM_USAGE', { what: 'strategy replay', problem: 'no file of candles was named' })
  const trades = new Map<string, ReplayTrade[]>()
  const total = { candles: 0, asked: 0, agreed: 0, opposed: 0, trending: 0, ranging: 0, choppy: 0 }
  for (const file of files) {
    const { candles, intervalMs } = readCandles(file)
    const funding = readFunding(file)
    const outcome = replayStrategies({ desk: deskSettings(config), regime: regimeRule(config, null), exits: exitsOf(config), feePercent: config.exit.taker_fee_percent, intervalMs, features: featureNames() }, candles, funding)
    for (const [name, result] of Object.entries(outcome.by)) trades.set(name, [...(trades.get(name) ?? []), ...result.trades])
    total.candles += candles.length
    for (const key of ['asked', 'agreed', 'opposed'] as const) total[key] += outcome[key]
    for (const regime of ['trending', 'ranging', 'choppy'] as const) total[regime] += outcome.regimes[regime]
    if (each) {
      print(`${basename(file)}: ${candles.length} candles of ${intervalMs / 60_000} min, ${((candles.at(-1)!.startMs - candles[0]!.startMs) / DAY_MS).toFixed(1)} days, funding ${funding.length === 0 ? 'not known' : `${funding.length} payments`}`)
      print(`${tableOf(Object.entries(outcome.by).map(([name, one]) => [name, one.trades] as const))}\n`)
    }
  }
  if (json) print(JSON.stringify({ files: files.map((file) => basename(file)), ...total, by: Object.fromEntries([...trades].map(([name, all]) => [name, summarise(all)])) }))
  else {
    print(tableOf([...trades]))
    print(countsOf(total))
  }
  return EXIT.ok
}

/** What positions of symbols without a profile are left by. */
function exitsOf(config: Config): Readonly<Record<SeenRegime, ReplayExits>> {
  const { byRegime } = exitSettings(config)
  const of = (regime: SeenRegime): ReplayExits => {
    const set = byRegime[regime] ?? fail('RM_USAGE', { what: 'strategy replay', problem: `exit.by_regime.${regime} is missing` })
    const { takeProfitPercent, stopLossPercent, holdMsMax, trailing } = set
    return { takeProfitPercent: Number(takeProfitPercent), stopLossPercent: Number(stopLossPercent), holdMsMax, trailing: trailing === null ? null : { activationPercent: Number(trailing.activationPercent), distancePercent: Number(trailing.distancePercent) } }
  }
  return { trending: of('trending'), ranging: of('ranging'), choppy: of('choppy') }
}

function tableOf(rows: readonly (readonly [name: string, trades: readonly ReplayTrade[]])[]): string {
  const line = ([name, all]: (typeof rows)[number]): readonly string[] => {
    const { trades, wins, grossPercent, feesPercent, fundingPercent, netPercent } = summarise(all)
    const mean = trades === 0 ? '–' : netPercent.div(trades).toFixed(4)
    return [name, String(trades), trades === 0 ? '–' : `${((100 * wins) / trades).toFixed(1)} %`, grossPercent.toFixed(2), feesPercent.toFixed(2), fundingPercent.toFixed(2), netPercent.toFixed(2), mean]
  }
  return renderTable(['TRADER', 'TRADES', 'HITS', 'GROSS %', 'FEES %', 'FUNDING %', 'NET %', 'NET % A TRADE'], rows.map(line)).trimEnd()
}

const countsOf = ({ candles, asked, agreed, opposed, trending, ranging, choppy }: Readonly<Record<'candles' | keyof ReplayOutcome['regimes'] | 'asked' | 'agreed' | 'opposed', number>>): string =>
  `${candles} candles (trending ${trending}, ranging ${ranging}, choppy ${choppy}); somebody had an opinion at ${asked}, a consensus at ${agreed}, votes on both sides at ${opposed}`
