import type { BookData, Candle, OrderRow, TickData, TopicName, TradeRow } from '../contract/index.ts'
import { topics } from '../contract/index.ts'
import type { BookNews, OrderEntry } from '../books/index.ts'
import { isFinal } from '../../trading/index.ts'
import type { Desk } from '../desk/index.ts'
import { balanceRow, bookData, orderRow, pairRow, positionRows, tickData, tradeRow } from '../rows/index.ts'
import { botStatus } from '../server/bot-routes.ts'
import { actorTree } from '../server/supervisor-routes.ts'
import { bookDelta } from './book-delta.ts'
import { Channel } from './channel.ts'
import { RowSet } from './row-set.ts'

/** Levels of each side in the topic of a book. */
const BOOK_DEPTH = 50
const ORDERS_SHOWN = 200
const ROWS_SHOWN = 200
const CANDLE_POLL_MS = 5000

/** Keeps the channels that somebody listens to in step with what the gateway knows; the others cost nothing. */
export class Publisher {
  readonly #desk: Desk
  readonly #channels = new Map<string, { readonly channel: Channel; readonly look: () => void; lookedMs: number; listeners: number }>()
  #orderNews = new Set<OrderEntry>()
  #tradeNews: TradeRow[] = []

  constructor(desk: Desk) {
    this.#desk = desk
  }

  /** The channel of a topic, one listener more; null for a symbol that there is not. */
  open(topic: TopicName, symbol: string | null): Channel | null {
    const key = keyOf(topic, symbol)
    let known = this.#channels.get(key)
    if (known === undefined) {
      const made = this.#make(topic, symbol)
      if (made === null) return null
      known = { ...made, lookedMs: Number.NEGATIVE_INFINITY, listeners: 0 }
      this.#channels.set(key, known)
      known.look()
    }
    known.listeners++
    return known.channel
  }

  /** One listener less. A channel is kept: who comes back may resume. */
  leave({ topic, symbol }: Channel): void {
    const known = this.#channels.get(keyOf(topic, symbol))
    if (known !== undefined) known.listeners--
  }

  /** The journal has news: told with the next look. */
  onNews({ orders, trades }: BookNews): void {
    if (orders.size > 0 && this.#heard('orders')) for (const entry of orders) this.#orderNews.add(entry)
    if (trades.length > 0 && this.#heard('trades')) this.#tradeNews.push(...trades.map(tradeRow))
  }

  /** Whether somebody listens; a channel that nobody listens to is not told what it misses, only that it does. */
  #heard(topic: 'orders' | 'trades'): boolean {
    const known = this.#channels.get(topic)
    if (known === undefined || known.listeners > 0) return known !== undefined
    known.channel.skip()
    return false
  }

  /** Looks at everything that somebody listens to and that is due. @param nowMs monotonic */
  look(nowMs: number): void {
    for (const known of this.#channels.values()) {
      if (known.listeners <= 0 || nowMs - known.lookedMs < topics[known.channel.topic].paceMs) continue
      known.lookedMs = nowMs
      known.look()
    }
  }

  #make(topic: TopicName, symbol: string | null): { readonly channel: Channel; readonly look: () => void } | null {
    const { books, market, decisions, alerts, root } = this.#desk
    if (topics[topic].per === 'symbol') return symbol === null || market.of(symbol) === undefined ? null : this.#ofSymbol(topic, symbol)
    if (symbol !== null) return null
    switch (topic) {
      case 'pairs':
        return this.#rows('pairs', (row) => row.symbol, () => [...market.symbols].map((live) => pairRow(live, market, decisions, books)))
      case 'positions':
        return this.#rows('positions', (row) => row.id, () => positionRows(books, market))
      case 'signals':
        return this.#rows('signals', (row) => row.id, () => decisions.signals.slice(-ROWS_SHOWN))
      case 'alerts':
        return this.#rows('alerts', (row) => row.id, () => alerts.all.slice(-ROWS_SHOWN))
      case 'orders':
        return this.#orders()
      case 'trades':
        return this.#trades()
      case 'balance':
        return this.#state('balance', () => {
          const kill = root.last?.snapshot.kill
          return market.account === null ? null : balanceRow(books, market, { dayLoss: kill?.dayLoss ?? null, drawdownPercent: kill?.drawdownPercent ?? null })
        })
      case 'actors':
        return this.#state('actors', () => (root.last === null ? null : actorTree(root.last)), () => void root.get().catch(() => {}))
      case 'status':
        return this.#state('status', () => (root.last === null ? null : botStatus(root.last, this.#desk)), () => void root.get().catch(() => {}))
      default:
        return null
    }
  }

  #ofSymbol(topic: TopicName, symbol: string): { readonly channel: Channel; readonly look: () => void } | null {
    const { market, interest, klines, nowMs } = this.#desk
    if (topic === 'tick') {
      return this.#state(topic, () => {
        const live = market.of(symbol)
        return live === undefined ? null : tickData(live, market)
      }, () => {}, symbol, tickKey)
    }
    if (topic === 'book') {
      let told: BookData | null = null
      const channel = new Channel(topic, symbol, this.#desk.wallMs, () => told)
      const look = (): void => {
        const live = market.of(symbol)
        if (live === undefined) return
        interest.book(live)
        const now = bookData(live, BOOK_DEPTH)
        if (now === null || (told !== null && told.updateId === now.updateId && told.valid === now.valid)) return
        channel.publish(told === null ? now : bookDelta(told, now))
        told = now
      }
      return { channel, look }
    }
    let candle: Candle | null = null
    let askedMs = Number.NEGATIVE_INFINITY
    return this.#state<Candle>('candle', () => {
      const live = market.of(symbol)
      const price = live?.now === null || live === undefined || live.now.lastTicks < 0 ? null : live.tick.format(live.now.lastTicks)
      if (candle === null || price === null || candle.closed) return candle
      // Between two answers of the venue the newest trade moves it.
      return { ...candle, close: price, high: Number(price) > Number(candle.high) ? price : candle.high, low: Number(price) < Number(candle.low) ? price : candle.low }
    }, () => {
      const live = market.of(symbol)
      if (live === undefined || nowMs() - askedMs < CANDLE_POLL_MS) return
      askedMs = nowMs()
      klines.klines(live, '5', 2).then((items) => void (candle = items.at(-1) ?? candle), () => {})
    }, symbol)
  }

  /** A channel whose state is told whole each time it changed. */
  #state<T extends object>(topic: TopicName, state: () => T | null, ask: () => void = () => {}, symbol: string | null = null, key: (state: T) => string = JSON.stringify): { readonly channel: Channel; readonly look: () => void } {
    let told: T | null = null
    let toldKey = ''
    const channel = new Channel(topic, symbol, this.#desk.wallMs, () => told)
    const look = (): void => {
      ask()
      const now = state()
      if (now === null) return
      const nowKey = key(now)
      if (nowKey === toldKey) return
      told = now
      toldKey = nowKey
      channel.publish(now)
    }
    return { channel, look }
  }

  #rows<Row extends object>(topic: TopicName, key: (row: Row) => string, rows: () => readonly Row[]): { readonly channel: Channel; readonly look: () => void } {
    const set = new RowSet<Row>(key)
    let known = false
    const channel = new Channel(topic, null, this.#desk.wallMs, () => ({ rows: set.rows }))
    const look = (): void => {
      const news = set.look(rows())
      if (news === null && known) return
      known = true
      channel.publish(news ?? { rows: [], gone: [] })
    }
    return { channel, look }
  }

  /** Those of the journal's news, not all of them each time. */
  #orders(): { readonly channel: Channel; readonly look: () => void } {
    const { books, wallMs } = this.#desk
    const whole = (): { rows: OrderRow[] } => {
      const all = books.orders.all
      const shown = all.filter((entry, i) => i >= all.length - ORDERS_SHOWN || !isFinal(entry.state))
      return { rows: shown.map((entry) => orderRow(entry, books)).reverse() }
    }
    const channel = new Channel('orders', null, wallMs, whole)
    channel.publish({ rows: [], gone: [] })
    const look = (): void => {
      if (this.#orderNews.size === 0) return
      const rows = [...this.#orderNews].map((entry) => orderRow(entry, books))
      this.#orderNews = new Set()
      channel.publish({ rows, gone: [] })
    }
    return { channel, look }
  }

  #trades(): { readonly channel: Channel; readonly look: () => void } {
    const { books, wallMs } = this.#desk
    const channel = new Channel('trades', null, wallMs, () => ({ rows: books.trades.slice(-ROWS_SHOWN).map(tradeRow).reverse() }))
    channel.publish({ rows: [], gone: [] })
    const look = (): void => {
      if (this.#tradeNews.length === 0) return
      const rows = this.#tradeNews
      this.#tradeNews = []
      channel.publish({ rows, gone: [] })
    }
    return { channel, look }
  }
}

const keyOf = (topic: TopicName, symbol: string | null): string => (symbol === null ? topic : `${topic} ${symbol}`)
/** What makes a tick another one: not its age alone. */
const tickKey = ({ ageMs: _age, ...rest }: TickData): string => JSON.stringify(rest)
