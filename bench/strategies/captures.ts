/**
 * `node bench/strategies/captures.ts`: what the imbalance strategy would have made of recorded books (RINGMASTER_DATA), in the columns of
 * `ringmaster strategy replay`. Entry and exit at the mid of the message after the one that asked for it, so half the spread at each end is
 * not in the result: it is printed beside it. Contracts that are counted in coins are left out.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BookChain, openCapture, StepFinder, type TextLevel } from '../../src/capture/index.ts'
import { loadConfig } from '../../src/config/index.ts'
import { assert, DecimalStep, fail } from '../../src/core/index.ts'
import { TopLevels } from '../../src/features/index.ts'
import { BOOK_OK, OrderBook } from '../../src/market/index.ts'
import { FEATURE_VECTOR } from '../../src/memory/index.ts'
import { emptySignal, ImbalanceStrategy } from '../../src/strategies/index.ts'
import { PaperTrader, type ReplayExits, type ReplayTrade, summarise } from '../../src/strategies/replay/index.ts'
import { bookUpdate } from '../../test/features/capture-events.ts'
import { exitSettings } from '../../workers/exit-settings.ts'
import { deskSettings } from '../../workers/strategy-settings.ts'

const DATA = process.env['RINGMASTER_DATA']
const RECORDED = [
  ['usdm_btcusdt_20230404', 'usdm_btcusdt_20230405'],
  ['usdm_btcusdt_20240808'],
  ['usdm_ethusdt_20240808'],
  ['spot_btcusdt_20240808', 'spot_btcusdt_20240809'],
  ['spot_ethusdt_20240808', 'spot_ethusdt_20240809'],
  ['spot_nexousdt_20240723', 'spot_nexousdt_20240724'],
].map((names) => names.map((name) => `l2_binance_raw/binance_${name}.raw.gz`))

const { config } = loadConfig({ dir: join(import.meta.dirname, '../../config'), env: {}, envFile: null })
const desk = deskSettings(config)
/** What the strategy looks at: a share of both, so lots do. */
const { depthLevels, clusterConfirmation } = desk.configs.imbalance
const names = [`depth_bid_${depthLevels}`, `depth_ask_${depthLevels}`]
assert(!clusterConfirmation, 'the shipped settings ask for no clusters: depth alone is played here')
/** Recordings are too short for a detected regime: the exits of the one that trades most closely. */
const regime = 'choppy'
const exits = ((): ReplayExits => {
  const { takeProfitPercent, stopLossPercent, holdMsMax, trailing } = exitSettings(config).byRegime[regime] ?? fail('RM_ASSERT', { what: `the shipped settings have exits for ${regime}` })
  return { takeProfitPercent: Number(takeProfitPercent), stopLossPercent: Number(stopLossPercent), holdMsMax, trailing: trailing === null ? null : { activationPercent: Number(trailing.activationPercent), distancePercent: Number(trailing.distancePercent) } }
})()

interface Played {
  readonly trades: readonly ReplayTrade[]
  readonly minutes: number
  readonly messages: number
  /** Mean of the spread at the signals, percent of the mid. */
  readonly spreadPercent: number
}

const depth = (lots: Float64Array, levels: number): number => lots.subarray(0, Math.min(levels, depthLevels)).reduce((sum, size) => sum + size, 0)

async function play(files: readonly string[]): Promise<Played> {
  const captures = await Promise.all(files.map((file) => openCapture(join(DATA!, file))))
  const [tickOf, lotOf] = [new StepFinder(), new StepFinder()]
  for (const capture of captures) {
    await capture.read((event) => {
      if (event.kind !== 'book') return
      for (const [price, size] of [...event.bids, ...event.asks]) {
        tickOf.take(price)
        lotOf.take(size)
      }
    })
  }
  const [tick, lot] = [new DecimalStep(tickOf.decimalStep), new DecimalStep(lotOf.decimalStep)]
  // Deeper than the engine's: these feeds send a thousand levels and more.
  const book = OrderBook.create({ capacity: 8191 })
  const top = new TopLevels()
  const strategy = new ImbalanceStrategy(desk.configs.imbalance, names)
  const trader = new PaperTrader(config.exit.taker_fee_percent)
  const vector = FEATURE_VECTOR.view(new ArrayBuffer(FEATURE_VECTOR.byteLength))
  const signal = emptySignal()
  const levels = (rows: readonly TextLevel[]): [number, number][] => rows.map(([price, size]) => [tick.parse(price), lot.parse(size)])
  let [clock, heardMs, lastMs, last, messages, spreads, signals] = [0, 0, 0, 0, 0, 0, 0]
  const gap = (): void => {
    strategy.reset()
    trader.end(last, lastMs)
    lastMs = 0
  }
  const look = (): void => {
    top.read(book)
    // Some messages of a recording cross the book for a moment: no price can be had there.
    if (!top.hasTouch || top.bidTicks[0]! >= top.askTicks[0]!) return
    messages++
    if (lastMs > 0) heardMs += clock - lastMs
    lastMs = clock
    last = tick.toNumber(1) * top.midTicks
    trader.candle({ startMs: clock, open: last, high: last, low: last, close: last, volume: 0 }, 0)
    vector.f64[vector.values] = depth(top.bidLots, top.bidLevels)
    vector.f64[vector.values + 1] = depth(top.askLots, top.askLevels)
    strategy.observe(vector)
    if (trader.open && strategy.shouldExit(trader.held) !== null) trader.leave()
    if (!strategy.analyze(clock, signal) || signal.confidence < desk.consensus.confidenceMin || !strategy.take(clock * 1e6)) return
    signals++
    spreads += ((top.askTicks[0]! - top.bidTicks[0]!) / top.midTicks) * 100
    trader.wish(signal.side, exits, 0)
  }
  const chain = new BookChain({
    apply: (one) => {
      if (book.apply(bookUpdate(one.snapshot, clock, one.lastId, levels(one.bids), levels(one.asks))) === BOOK_OK) look()
      else gap()
    },
    gap,
  })
  for (const capture of captures) {
    await capture.read((event) => {
      if (event.kind !== 'book') return
      const receiveMs = event.receiveS < 0 ? Number.NaN : Math.floor(event.receiveS * 1000 + event.receiveNs / 1e6)
      clock = Math.max(clock, Number.isFinite(event.venueMs) ? event.venueMs : receiveMs)
      chain.take(event)
    })
  }
  trader.end(last, lastMs)
  return { trades: trader.trades, minutes: heardMs / 60_000, messages, spreadPercent: signals === 0 ? 0 : spreads / signals }
}

if (DATA === undefined || !existsSync(join(DATA, RECORDED[0]![0]!))) console.log('RINGMASTER_DATA has no recorded markets')
else {
  const row = (name: string, { trades: all, minutes, messages, spreadPercent }: Played): void => {
    const { trades, wins, grossPercent, feesPercent, netPercent } = summarise(all)
    const mean = trades === 0 ? '–' : netPercent.div(trades).toFixed(4)
    console.log(`| ${name} | ${minutes.toFixed(1)} | ${messages} | ${trades} | ${trades === 0 ? '–' : `${((100 * wins) / trades).toFixed(1)} %`} | ${grossPercent.toFixed(2)} | ${feesPercent.toFixed(2)} | ${netPercent.toFixed(2)} | ${mean} | ${spreadPercent.toFixed(4)} |`)
  }
  console.log('| recording | minutes | messages | trades | hits | gross % | fees % | net % | net % a trade | spread % at the signals |\n|---|---|---|---|---|---|---|---|---|---|')
  const all: Played[] = []
  for (const files of RECORDED) {
    const played = await play(files)
    all.push(played)
    row(files[0]!.replace(/^.*binance_|_\d+\.raw\.gz$/g, '') + files[0]!.replace(/^.*(_\d{4})\d+\.raw\.gz$/, '$1'), played)
  }
  const sum = (of: (one: Played) => number): number => all.reduce((total, one) => total + of(one), 0)
  row('all', { trades: all.flatMap(({ trades }) => trades), minutes: sum((one) => one.minutes), messages: sum((one) => one.messages), spreadPercent: sum((one) => one.spreadPercent * one.trades.length) / Math.max(1, sum((one) => one.trades.length)) })
}
