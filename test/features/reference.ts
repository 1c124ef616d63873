import type { BookUpdate } from '../../src/venues/index.ts'

type Level = readonly [ticks: number, lots: number]

interface QuoteRecord { readonly time: number; readonly bid: number; readonly bidLots: number; readonly ask: number; readonly askLots: number }
interface TradeRecord { readonly time: number; readonly sign: number; readonly ticks: number; readonly lots: number; readonly mid: number; readonly large: boolean }

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length
const deviation = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))

/**
 * The 50 book features, plain and slow: the book in maps, the past in lists, every value from scratch by its formula.
 * Written for reading. `forget` drops what no window can reach any more, so that long runs fit in memory.
 */
export class BookReference {
  readonly bids = new Map<number, number>()
  readonly asks = new Map<number, number>()
  readonly #tick: number
  readonly #lot: number
  readonly #cluster: number
  #quotes: QuoteRecord[] = []
  #deltas: number[] = []
  #added: { time: number; side: 'bid' | 'ask'; lots: number }[] = []
  readonly #births = new Map<string, number>()
  #lifetimes: number[] = []
  #trades: TradeRecord[] = []
  #seconds: { volume: number; change: number }[] = []
  #second = -1
  #volume = 0
  #midAtEnd = Number.NaN
  #first = Number.NaN

  constructor(tick: number, lot: number, cluster: number) {
    this.#tick = tick
    this.#lot = lot
    this.#cluster = cluster
  }

  top(side: 'bid' | 'ask', count: number): Level[] {
    return [...(side === 'bid' ? this.bids : this.asks)].sort((a, b) => (side === 'bid' ? b[0] - a[0] : a[0] - b[0])).slice(0, count)
  }

  get #mid(): number {
    const quote = this.#quotes.at(-1)
    return quote === undefined ? Number.NaN : (quote.bid + quote.ask) / 2
  }

  book(update: BookUpdate): void {
    const time = update.venueTimeMs
    this.#turn(time)
    if (update.snapshot) {
      this.bids.clear()
      this.asks.clear()
      this.#births.clear()
    }
    const changes: { side: 'bid' | 'ask'; ticks: number; before: number; lots: number }[] = []
    for (const [side, count, ticks, lots, book] of [['bid', update.bidCount, update.bidTicks, update.bidLots, this.bids], ['ask', update.askCount, update.askTicks, update.askLots, this.asks]] as const) {
      for (let i = 0; i < count; i++) {
        changes.push({ side, ticks: ticks[i]!, before: book.get(ticks[i]!) ?? 0, lots: lots[i]! })
        if (lots[i] === 0) book.delete(ticks[i]!)
        else book.set(ticks[i]!, lots[i]!)
      }
    }
    const far = { bid: this.top('bid', 10).at(-1)![0], ask: this.top('ask', 10).at(-1)![0] }
    for (const { side, ticks, before, lots } of update.snapshot ? [] : changes) {
      const near = side === 'bid' ? ticks >= far.bid : ticks <= far.ask
      if (near && lots > before) this.#added.push({ time, side, lots: lots - before })
      if (before === 0 && lots > 0) this.#births.set(`${side}${ticks}`, time)
      if (before > 0 && lots === 0) {
        const born = this.#births.get(`${side}${ticks}`)
        this.#births.delete(`${side}${ticks}`)
        if (near && born !== undefined) this.#lifetimes.push(time - born)
      }
    }
    const [bid, bidLots] = this.top('bid', 1)[0]!
    const [ask, askLots] = this.top('ask', 1)[0]!
    if (Number.isNaN(this.#first)) this.#first = time
    this.#quotes.push({ time, bid, bidLots, ask, askLots })
    this.#deltas.push(sum(this.top('bid', 5).map((one) => one[1])) - sum(this.top('ask', 5).map((one) => one[1])))
  }

  trade(time: number, sign: number, ticks: number, lots: number): void {
    this.#turn(time)
    const before = this.#trades.slice(-100).map((one) => one.lots)
    this.#trades.push({ time, sign, ticks, lots, mid: this.#mid, large: before.length >= 20 && lots >= 3 * mean(before) })
    this.#volume += sign * lots
  }

  forget(): void {
    const now = this.#quotes.at(-1)!.time
    this.#quotes = this.#quotes.filter((one, i, all) => one.time > now - 11_000 || i > all.length - 210)
    this.#deltas = this.#deltas.slice(-2)
    this.#added = this.#added.filter((one) => one.time > now - 11_000)
    this.#lifetimes = this.#lifetimes.slice(-100)
    this.#trades = this.#trades.filter((one, i, all) => one.time > now - 62_000 || i > all.length - 210)
    this.#seconds = this.#seconds.slice(-60)
  }

  values(): number[] {
    const tick = this.#tick
    const lot = this.#lot
    const now = this.#quotes.at(-1)!.time
    const bids = this.top('bid', 50)
    const asks = this.top('ask', 50)
    const bid = bids[0]![0]
    const ask = asks[0]![0]
    const mid = (bid + ask) / 2
    const depth = (side: readonly Level[], count: number): number => sum(side.slice(0, count).map((one) => one[1]))
    const vwap = (side: readonly Level[], count: number): number => (sum(side.slice(0, count).map(([p, q]) => p * q)) / depth(side, count)) * tick
    const balance = (b: number, a: number): number => (b - a) / (b + a)
    const totalBid = sum([...this.bids.values()])
    const totalAsk = sum([...this.asks.values()])
    const pressures = bids.slice(0, 10).map(([p, q], i) => [q / (mid - p), asks[i]![1] / (asks[i]![0] - mid)] as const)
    const inside = (time: number, width: number, count: number): boolean => Math.floor(time / width) > Math.floor(now / width) - count
    const seconds = (window: number, width: number): number => Math.min(window, Math.max(width, now - this.#first)) / 1000
    const pairs = this.#quotes.slice(1).map((after, i) => [this.#quotes[i]!, after] as const)
    const lately = pairs.filter(([, after]) => inside(after.time, 100, 100))
    const flow = lately.map(([a, b]) => (b.bid >= a.bid ? b.bidLots : 0) - (b.bid <= a.bid ? a.bidLots : 0) - (b.ask <= a.ask ? b.askLots : 0) + (b.ask >= a.ask ? a.askLots : 0))
    const added = (side: 'bid' | 'ask'): number => (sum(this.#added.filter((one) => one.side === side && inside(one.time, 100, 100)).map((one) => one.lots)) * lot) / seconds(10_000, 100)
    const trades = this.#trades.filter((one) => inside(one.time, 1000, 60))
    const volume = (list: readonly TradeRecord[], sign = 0): number => sum(list.filter((one) => sign === 0 || one.sign === sign).map((one) => one.lots))
    const large = trades.filter((one) => one.large)
    const clusters = (side: readonly Level[]): readonly Level[] => side.filter(([p, q]) => p * q >= this.#cluster / (tick * lot))
    const largest = (side: readonly Level[]): Level => clusters(side).reduce<Level>((best, one) => (one[1] > best[1] ? one : best), [side[0]![0], 0])
    const heavy = (side: readonly Level[]): number => {
      let best: readonly Level[] = []
      for (let i = 0; i + 5 <= side.length; i++) if (best.length === 0 || depth(side.slice(i, i + 5), 5) > depth(best, 5)) best = side.slice(i, i + 5)
      return sum(best.map(([p, q]) => p * q)) / depth(best, 5)
    }
    const value = (side: readonly Level[]): number => sum(side.slice(0, 5).map(([p, q]) => p * q)) * tick * lot
    const withMid = trades.filter((one) => !Number.isNaN(one.mid))
    const changes = this.#trades.slice(1).map((one, i) => one.ticks - this.#trades[i]!.ticks)
    const changePairs = changes.slice(1).map((one, i) => [one, changes[i]!] as const).slice(-100)
    const covariance = mean(changePairs.map(([a, b]) => a * b)) - mean(changePairs.map(([a]) => a)) * mean(changePairs.map(([, b]) => b))
    const returns = pairs.map(([a, b]) => Math.log((b.bid + b.ask) / (a.bid + a.ask))).slice(-100)
    const lifetimes = this.#lifetimes.slice(-100).map((one) => one / 1000)
    const relative = (ask - bid) / mid
    const moved = returns.length >= 20
    const lived = lifetimes.length >= 10
    return [
      (ask - bid) * tick, relative, mid * tick, ((bid * asks[0]![1] + ask * bids[0]![1]) / (bids[0]![1] + asks[0]![1])) * tick,
      vwap(bids, 5), vwap(asks, 5), vwap(bids, 10), vwap(asks, 10), depth(bids, 5) * lot, depth(asks, 5) * lot, depth(bids, 10) * lot, depth(asks, 10) * lot,
      totalBid * lot, totalAsk * lot, totalBid / totalAsk,
      balance(depth(bids, 5), depth(asks, 5)), balance(depth(bids, 10), depth(asks, 10)), balance(totalBid, totalAsk),
      sum(pressures.map(([b, a]) => b - a)) / sum(pressures.map(([b, a]) => b + a)),
      (this.#deltas.at(-1)! - this.#deltas.at(-2)!) * lot, sum(flow) * lot, added('bid'), added('ask'),
      trades.length === 0 ? 0.5 : volume(trades, 1) / volume(trades), large.length === 0 ? 0 : (volume(large, 1) - volume(large, -1)) / volume(large),
      largest(bids)[0] * tick, largest(bids)[1] * lot, largest(asks)[0] * tick, largest(asks)[1] * lot, clusters(bids).length, clusters(asks).length,
      heavy(bids) * tick, heavy(asks) * tick, (mid - heavy(bids)) / mid, (heavy(asks) - mid) / mid,
      value(bids), value(asks), balance(value(bids), value(asks)),
      withMid.length === 0 ? relative : sum(withMid.map((one) => ((2 * one.sign * (one.ticks - one.mid)) / one.mid) * one.lots)) / volume(withMid),
      (this.#slope() * tick) / lot, 0, changePairs.length >= 10 ? 2 * Math.sqrt(Math.max(0, -covariance)) * tick : Number.NaN, Math.log(depth(bids, 10) / depth(asks, 10)),
      lived ? mean(lifetimes) : Number.NaN, lived ? deviation(lifetimes) : Number.NaN, moved ? deviation(returns) : Number.NaN,
      this.#quotes.filter((one) => inside(one.time, 100, 100)).length / seconds(10_000, 100),
      lately.filter(([a, b]) => a.bid !== b.bid || a.bidLots !== b.bidLots || a.ask !== b.ask || a.askLots !== b.askLots).length / seconds(10_000, 100),
      trades.length / seconds(60_000, 1000), moved ? deviation(this.#quotes.slice(-100).map((one) => one.ask - one.bid)) * tick : Number.NaN,
    ]
  }

  /** Seconds that are over: net volume, and change of the mid from end to end. */
  #turn(time: number): void {
    const second = Math.floor(time / 1000)
    for (; this.#second >= 0 && this.#second < second; this.#second++) {
      const change = this.#mid - this.#midAtEnd
      if (!Number.isNaN(change)) this.#seconds.push({ volume: this.#volume, change })
      this.#midAtEnd = this.#mid
      this.#volume = 0
    }
    this.#second = second
  }

  #slope(): number {
    const rows = this.#seconds.slice(-60)
    if (rows.length < 10) return Number.NaN
    const x = mean(rows.map((one) => one.volume))
    const y = mean(rows.map((one) => one.change))
    const square = sum(rows.map((one) => (one.volume - x) ** 2))
    return square === 0 ? 0 : sum(rows.map((one) => (one.volume - x) * (one.change - y))) / square
  }
}
