/**
 * `node bench/detection/captures.ts`: plays recorded markets (RINGMASTER_DATA) and planted ones through the detectors, prints how often
 * they name something, and draws a sample into docs/images/detection. Contracts that are counted in coins are left out.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BookChain, openCapture, StepFinder, type TextLevel } from '../../src/capture/index.ts'
import { BUY, DecimalStep, SELL } from '../../src/core/index.ts'
import type { Pattern } from '../../src/detection/index.ts'
import { defaultContracts, type Episode, mixedEpisodes } from '../../src/exchange/index.ts'
import { BOOK_OK, OrderBook } from '../../src/market/index.ts'
import { PlantedMarket } from '../../test/detection/planted-market.ts'
import { bookUpdate } from '../../test/features/capture-events.ts'
import { MarketLog } from './market-log.ts'
import { picture } from './picture.ts'

const DATA = process.env['RINGMASTER_DATA']
const IMAGES = join(import.meta.dirname, '../../docs/images/detection')
const AROUND_MS = 8000
const RECORDED = [
  ['usdm_btcusdt_20230404', 'usdm_btcusdt_20230405'],
  ['usdm_btcusdt_20240808'],
  ['usdm_ethusdt_20240808'],
  ['spot_btcusdt_20240808', 'spot_btcusdt_20240809'],
  ['spot_ethusdt_20240808', 'spot_ethusdt_20240809'],
  ['spot_nexousdt_20240723', 'spot_nexousdt_20240724'],
].map((names) => names.map((name) => `l2_binance_raw/binance_${name}.raw.gz`))

interface Played {
  readonly log: MarketLog
  readonly tick: DecimalStep
}

async function play(files: readonly string[]): Promise<Played> {
  const captures = await Promise.all(files.map((file) => openCapture(join(DATA!, file))))
  const [tickOf, lotOf] = [new StepFinder(), new StepFinder()]
  for (const capture of captures) {
    await capture.read((event) => {
      if (event.kind !== 'book' && event.kind !== 'trade') return
      for (const [price, size] of event.kind === 'trade' ? [[event.price, event.size] as const] : [...event.bids, ...event.asks]) {
        tickOf.take(price)
        lotOf.take(size)
      }
    })
  }
  const [tick, lot] = [new DecimalStep(tickOf.decimalStep), new DecimalStep(lotOf.decimalStep)]
  const log = new MarketLog({ tick, lot })
  const book = OrderBook.create({ capacity: 8191 })
  const levels = (rows: readonly TextLevel[]): [number, number][] => rows.map(([price, size]) => [tick.parse(price), lot.parse(size)])
  let clock = 0
  const chain = new BookChain({
    apply: (one) => {
      const update = bookUpdate(one.snapshot, clock, one.lastId, levels(one.bids), levels(one.asks))
      if (book.apply(update) !== BOOK_OK) log.set.gap()
      else if (one.snapshot) log.onSnapshot(update, book)
      else log.onDelta(update, book)
    },
    gap: () => log.set.gap(),
  })
  for (const capture of captures) {
    await capture.read((event) => {
      if (event.kind !== 'book' && event.kind !== 'trade') return
      const receiveMs = event.receiveS < 0 ? Number.NaN : Math.floor(event.receiveS * 1000 + event.receiveNs / 1e6)
      clock = Math.max(clock, Number.isFinite(event.venueMs) ? event.venueMs : receiveMs)
      if (event.kind === 'book') chain.take(event)
      else log.onTrade(event.side === 'buy' ? BUY : SELL, tick.parse(event.price), lot.parse(event.size), clock)
    })
  }
  log.collect()
  return { log, tick }
}

function draw(name: string, title: string, { log, tick }: Played, fromMs: number, toMs: number, markMs: readonly [number, number] | null): void {
  mkdirSync(IMAGES, { recursive: true })
  writeFileSync(join(IMAGES, `${name}.svg`), picture(log, { title, fromMs: fromMs - AROUND_MS, toMs: toMs + AROUND_MS, price: (ticks) => tick.format(Math.round(ticks)), markMs }))
}

const sided = (side: number): string => (side === BUY ? 'bid' : 'ask')

function tell(name: string, { log, tick }: Played): Pattern[] {
  const found = [...log.patterns.values()].toSorted((a, b) => a.startMs - b.startMs)
  const hours = log.heardMs / 3_600_000
  const of = (detector: string): number => found.filter((one) => one.detector === detector).length
  console.log(`${name}: ${(60 * hours).toFixed(1)} min, ${log.messages} messages, typical level ${(log.set.near.typicalLots).toFixed(0)} lots, ${log.orders.length} orders followed; spoofing ${of('spoofing')}, layering ${of('layering')}, ${(found.length / hours).toFixed(1)} an hour; a side blocked ${((100 * log.blockedMs) / log.heardMs).toFixed(1)} % of the time`)
  for (const one of found) console.log(`  ${new Date(one.startMs).toISOString()} ${((one.endMs - one.startMs) / 1000).toFixed(1)} s ${one.detector} on the ${sided(one.side)} side, ${one.orders} orders, ${tick.format(one.lowTicks)} to ${tick.format(one.highTicks)}, cancelled ${one.cancelRate.toFixed(2)}, confidence ${one.confidence.toFixed(2)}`)
  return found
}

if (DATA === undefined || !existsSync(join(DATA, RECORDED[0]![0]!))) console.log('RINGMASTER_DATA has no recorded markets: only planted ones are drawn')
else {
  for (const files of RECORDED) {
    const name = files[0]!.replace(/^.*binance_|_\d+\.raw\.gz$/g, '') + files[0]!.replace(/^.*(_\d{4})\d+\.raw\.gz$/, '$1')
    const played = await play(files)
    const found = tell(name, played)
    for (const detector of ['spoofing', 'layering'] as const) {
      const sample = found.filter((one) => one.detector === detector).toSorted((a, b) => b.confidence - a.confidence)[0]
      if (sample !== undefined) draw(`${name}_${detector}`, `${name}: ${detector} on the ${sided(sample.side)} side as detected, confidence ${sample.confidence.toFixed(2)}`, played, sample.startMs, sample.endMs, [sample.startMs, sample.endMs])
    }
  }
}

const log = new MarketLog(defaultContracts[0]!)
const market = new PlantedMarket(21, mixedEpisodes(240), log)
market.run(3600)
log.collect()
const longEnough = (one: Episode): boolean => one.endMs - one.startMs > 3000
for (const kind of ['spoof', 'layer', 'requote', 'traded'] as const) {
  const episode = market.episodes.find((one) => one.kind === kind && longEnough(one))
  if (episode === undefined) continue
  const named = [...log.patterns.values()].find((one) => one.side === episode.side && one.startMs <= episode.endMs && one.endMs >= episode.startMs)
  const title = `planted: ${kind}${kind === 'requote' ? '' : ` on the ${sided(episode.side)} side`}, ${named === undefined ? 'not named by a detector' : `named ${named.detector}`}`
  draw(`planted_${kind}`, title, { log, tick: defaultContracts[0]!.tick }, episode.startMs, Math.min(episode.endMs, episode.startMs + 30_000), named === undefined ? null : [named.startMs, named.endMs])
}
