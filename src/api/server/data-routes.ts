import { fail } from '../../core/index.ts'
import type { SymbolMetrics } from '../contract/index.ts'
import type { Desk } from '../desk/index.ts'
import type { LiveSymbol } from '../live/index.ts'
import type { SymbolHealth } from '../../runtime/health/index.ts'
import { levelRows, metricsRow, orderBookRow, pairRow } from '../rows/index.ts'
import { type Handlers, symbolOf } from './handler.ts'

/** The feed tells of a book or of features within two of its looks after somebody wants them. */
const TOLD_MS = 600
const LOOK_MS = 25

/** Looks until it is there, or the feed has had its time. */
async function until(there: () => boolean): Promise<void> {
  for (let waitedMs = 0; !there() && waitedMs < TOLD_MS; waitedMs += LOOK_MS) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}

/** The market: pairs, books, numbers, candles, detectors. */
export function dataRoutes(desk: Desk): Handlers<'pairs' | 'orderBook' | 'symbolMetrics' | 'allMetrics' | 'klines' | 'detectionStatus' | 'srLevels'> {
  const { market, decisions, books, root, interest } = desk
  const healthOf = async (): Promise<ReadonlyMap<string, SymbolHealth>> => {
    const picture = await root.get().catch(() => root.last)
    return new Map((picture?.snapshot.symbols ?? []).map((one) => [one.symbol, one]))
  }
  const metrics = (live: LiveSymbol, health: SymbolHealth | undefined): SymbolMetrics => metricsRow(pairRow(live, market, decisions, books), live, market.featureNames, health ?? null)
  const known = (): LiveSymbol[] => {
    const all = [...market.symbols]
    return all.length > 0 ? all : fail('RM_API_ENGINE_AWAY', { what: 'the market', reason: 'the engine has not told of it yet' })
  }
  return {
    pairs: () => ({ items: known().map((live) => pairRow(live, market, decisions, books)) }),
    async orderBook({ params, query }) {
      const live = symbolOf(desk, params.symbol)
      interest.book(live)
      await until(() => live.book !== null)
      return orderBookRow(live, query.depth, market.ageMs(live)) ?? fail('RM_API_ENGINE_AWAY', { what: `the book of ${params.symbol}`, reason: 'there is none yet' })
    },
    async symbolMetrics({ params }) {
      const live = symbolOf(desk, params.symbol)
      interest.features(live)
      await until(() => live.features.length > 0)
      return metrics(live, (await healthOf()).get(params.symbol))
    },
    async allMetrics() {
      const health = await healthOf()
      return { items: known().map((live) => metrics(live, health.get(live.symbol))) }
    },
    async klines({ params, query }) {
      const live = symbolOf(desk, params.symbol)
      return { symbol: params.symbol, interval: query.interval, items: [...(await desk.klines.klines(live, query.interval, query.limit))] }
    },
    async detectionStatus({ params }) {
      symbolOf(desk, params.symbol)
      const picture = await root.get()
      const detection = picture.snapshot.symbols.find((one) => one.symbol === params.symbol)?.detection ?? null
      return { symbol: params.symbol, detection: detection === null ? null : { ...detection, running: [...detection.running], missing: [...detection.missing] } }
    },
    srLevels: ({ params }) => levelRows(symbolOf(desk, params.symbol)),
  }
}
