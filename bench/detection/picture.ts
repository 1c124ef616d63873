import { BUY } from '../../src/core/index.ts'
import type { MarketLog } from './market-log.ts'

const WIDTH = 860
const HEIGHT = 380
const LEFT = 70
const TOP = 34
const BOTTOM = 46
const POINTS = 160
const TRADES = 120
const ORDERS = 80
/** Orders that are drawn, in typical levels. */
const DRAWN_FROM = 3

export interface PictureOptions {
  readonly title: string
  readonly fromMs: number
  readonly toMs: number
  /** Ticks to price, for the axis. */
  readonly price: (ticks: number) => string
  /** Stretch that the detector named, ms. */
  readonly markMs: readonly [from: number, to: number] | null
}

/** An SVG of a stretch of a market: best prices, trades, and large orders from placement to end, by what became of them. */
export function picture(log: MarketLog, options: PictureOptions): string {
  const { fromMs, toMs } = options
  const inside = <T extends { readonly atMs: number }>(all: readonly T[], most: number): T[] => {
    const found = all.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    const step = Math.max(1, Math.ceil(found.length / most))
    return found.filter((_, i) => i % step === 0)
  }
  const touches = inside(log.touches, POINTS)
  const trades = inside(log.trades, TRADES)
  const orders = log.orders
    .filter((one) => one.multiple >= DRAWN_FROM && one.endMs >= fromMs && one.startMs <= toMs)
    .toSorted((a, b) => b.multiple - a.multiple)
    .slice(0, ORDERS)
  const prices = [...touches.flatMap(({ bid, ask }) => [bid, ask]), ...orders.map(({ ticks }) => ticks)]
  const low = Math.min(...prices) - 2
  const high = Math.max(...prices) + 2
  const x = (atMs: number): string => (LEFT + ((Math.min(toMs, Math.max(fromMs, atMs)) - fromMs) / (toMs - fromMs)) * (WIDTH - LEFT - 10)).toFixed(1)
  const y = (ticks: number): string => (TOP + ((high - ticks) / (high - low)) * (HEIGHT - TOP - BOTTOM)).toFixed(1)
  const line = (key: 'bid' | 'ask', colour: string): string => `<polyline fill="none" stroke="${colour}" stroke-width="1.2" points="${touches.map((one) => `${x(one.atMs)},${y(one[key])}`).join(' ')}"/>`
  const fate = (share: number): string => (Number.isNaN(share) ? '#999999' : share > 0.7 ? '#d62728' : '#2ca02c')
  const bars = orders.map((one) => `<line x1="${x(one.startMs)}" x2="${Math.max(Number(x(one.endMs)), Number(x(one.startMs)) + 2).toFixed(1)}" y1="${y(one.ticks)}" y2="${y(one.ticks)}" stroke="${fate(one.cancelShare)}" stroke-width="${Math.min(9, 1 + one.multiple / 4).toFixed(1)}" opacity="0.75"/>`)
  const dots = trades.map((one) => `<circle cx="${x(one.atMs)}" cy="${y(one.ticks)}" r="1.6" fill="${one.side === BUY ? '#1f77b4' : '#ff7f0e'}"/>`)
  const mark = options.markMs === null ? '' : `<rect x="${x(options.markMs[0])}" y="${TOP}" width="${(Number(x(options.markMs[1])) - Number(x(options.markMs[0]))).toFixed(1)}" height="${HEIGHT - TOP - BOTTOM}" fill="#d62728" opacity="0.07"/>`
  const axis = [low + 2, Math.round((low + high) / 2), high - 2].map((ticks) => `<text x="${LEFT - 6}" y="${Number(y(ticks)) + 4}" text-anchor="end">${options.price(ticks)}</text>`)
  const times = [0, 0.5, 1].map((share) => `<text x="${(LEFT + share * (WIDTH - LEFT - 40)).toFixed(0)}" y="${HEIGHT - BOTTOM + 16}">${((share * (toMs - fromMs)) / 1000).toFixed(0)} s</text>`)
  const legend = 'thick lines: large orders, from placement to end · red cancelled, green traded, grey gone over by the market · dots: trades (blue bought, orange sold) · shaded: as detected'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11"><rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/><text x="${LEFT}" y="20" font-size="14">${options.title}</text>${mark}${line('bid', '#4c8c4c')}${line('ask', '#8c4c4c')}${bars.join('')}${dots.join('')}${axis.join('')}${times.join('')}<text x="${LEFT}" y="${HEIGHT - 10}" font-size="9.5" fill="#555555">${legend}</text></svg>\n`
}
