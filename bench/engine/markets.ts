import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { WallMs } from '../../src/core/index.ts'
import { defaultContracts, defaultStartTicks, generatedMarket, type MarketFlow, type MarketSource, RecordedMarket } from '../../src/exchange/index.ts'
import { recordedMarkets } from '../../workers/recorded-markets.ts'

const SYMBOL = 'BTCUSDT'
const CAPTURE = join(process.env['RINGMASTER_DATA'] ?? join(import.meta.dirname, '../../../shared/data'), 'l2_binance_raw/binance_usdm_btcusdt_20240808.raw.gz')
/** As many changes per second as the capture has. */
const GENERATED_RATE = 280
const GENERATED_S = 344
const GENERATED_ORIGIN_MS = 1_723_100_000_000

/** A market that can be played any number of times, the same each time. */
export interface ReplayMarket {
  readonly name: string
  readonly symbol: string
  readonly originMs: WallMs
  readonly durationS: number
  fresh(): MarketSource
}

/** The recorded BTCUSDT capture, or the generated market where there is none. */
export async function replayMarket(): Promise<ReplayMarket> {
  if (!existsSync(CAPTURE)) {
    const contract = defaultContracts.find((one) => one.symbol === SYMBOL)!
    return {
      name: 'generated BTCUSDT (no recorded data)',
      symbol: SYMBOL,
      originMs: GENERATED_ORIGIN_MS,
      durationS: GENERATED_S,
      fresh: () => generatedMarket({ contract, seed: 1, startTicks: defaultStartTicks[SYMBOL]!, rate: GENERATED_RATE }),
    }
  }
  const [recorded] = await recordedMarkets([CAPTURE], [SYMBOL], false)
  const { tape, contract } = recorded!
  return {
    name: 'recorded BTCUSDT',
    symbol: SYMBOL,
    originMs: tape.originMs,
    durationS: tape.durationNs / 1e9,
    fresh: () => new RecordedMarket(tape, { contract, speed: 1, loop: false }),
  }
}

/** A source that counts the book events of another: every level change and every trade of its order flow. */
export class CountedMarket implements MarketSource {
  readonly #source: MarketSource
  events = 0

  constructor(source: MarketSource) {
    this.#source = source
  }

  get contract(): MarketSource['contract'] {
    return this.#source.contract
  }

  start(flow: MarketFlow): void {
    this.#source.start({
      clock: flow.clock,
      timers: flow.timers,
      start: flow.start,
      resumeTicks: flow.resumeTicks,
      setLevel: (side, ticks, lots) => {
        this.events++
        flow.setLevel(side, ticks, lots)
      },
      take: (side, limitTicks, lots) => {
        this.events++
        return flow.take(side, limitTicks, lots)
      },
      print: (side, ticks, lots) => {
        this.events++
        flow.print(side, ticks, lots)
      },
      best: (side) => flow.best(side),
      externalAt: (side, ticks) => flow.externalAt(side, ticks),
      history: (startMs, open, high, low, close, lots, turnover) => flow.history(startMs, open, high, low, close, lots, turnover),
      fundingHistory: (rate, timeMs) => flow.fundingHistory(rate, timeMs),
      openInterest: (lots) => flow.openInterest(lots),
      seamBegin: () => flow.seamBegin(),
      seamEnd: (reason) => flow.seamEnd(reason),
      commit: () => flow.commit(),
    })
  }

  stop(): void {
    this.#source.stop()
  }
}
