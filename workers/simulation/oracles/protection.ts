import type { ExchangeOrder } from '../../../src/exchange/index.ts'
import type { Court, Oracle } from '../court.ts'
import { featuresOf } from '../engine-features.ts'
import type { EngineProcess } from '../engine-process.ts'
import { isCalm } from './calm.ts'
import type { OracleParts } from './parts.ts'

const LOOK_MS = 250
/** Between the fill at the venue and its word here, and between two looks. */
const SLACK_NS = 1.5e9
/** The books are told by the journal itself: there is only the time between two looks of theirs and of ours. */
const BOOKS_SLACK_NS = 0.5e9
/** A stop whose position is gone is away within this where nothing is wrong. */
const CLEAR_NS = 6e9
/** One that has company, as after an entry that filled in parts, is found by the next audit. */
const AUDITED_NS = 66e9

const lotsOf = (order: ExchangeOrder, held: number): number => (order.trigger?.wholePosition === true || order.lots === 0 ? held : order.lots)
const covered = (stops: readonly ExchangeOrder[], held: number): number => stops.reduce((sum, order) => sum + lotsOf(order, held), 0)

/** Lots of exits that are under way, in the books or at the venue. */
function leaving(court: Court, symbol: string): number {
  const books = (court.log.state.symbols.get(symbol)?.live ?? []).reduce((sum, order) => (order.reduceOnly ? sum + order.lots - order.filledLots : sum), 0)
  return Math.max(books, court.openOrders(symbol).reduce((sum, order) => (order.kind === 'exit' || order.kind === 'watchdog' ? sum + order.lots - order.filledLots : sum), 0))
}

/** What is wrong with the stops at this moment, '' for nothing. */
export function protectionProblem(court: Court): string {
  if (featuresOf(court.config).protectMs === null) return ''
  for (const symbol of court.listed) {
    const held = Math.abs(court.position(symbol).lots)
    const stops = court.stops(symbol)
    if (held === 0 && stops.length > 0) return `${stops.length} stops rest on ${symbol}, which is flat`
    if (held > 0 && covered(stops, held) < held && leaving(court, symbol) < held) return `${held} lots of ${symbol} have no stop at the venue and no exit under way`
    if (held > 0 && covered(stops, held) > held) return `${stops.length} stops for ${covered(stops, held)} lots rest on ${held} lots of ${symbol}`
  }
  return ''
}

/** Stops at the venue: F10 (none too many), F11 (none too few). */
export function protectionOracle({ court, stage, kinds }: OracleParts): Oracle {
  const { protectMs } = featuresOf(court.config)
  const calm = isCalm(kinds)
  const nowNs = (): number => court.time.nowNs()
  /** Since when the books hold a position without a stop that is known to rest. */
  const bareNs = new Map<string, number>()
  const readyNs = new Map<EngineProcess, number>()
  /** Since when a symbol is as it is and is wrong, by what is wrong. */
  const wrongNs = new Map<string, number>()

  const lasts = (key: string, wrong: boolean, forNs: number, sinceNs: number): boolean => {
    if (!wrong) {
      wrongNs.delete(key)
      return false
    }
    const began = Math.max(wrongNs.get(key) ?? nowNs(), sinceNs)
    wrongNs.set(key, began)
    return nowNs() - began > forNs
  }

  const lookAt = (symbol: string, process: EngineProcess, since: number): void => {
    const held = Math.abs(court.position(symbol).lots)
    const stops = court.stops(symbol)
    if (held > 0) court.judge('F11')
    else if (court.position(symbol).changedNs >= 0) court.judge('F10')
    const changedNs = Math.max(since, court.position(symbol).changedNs)
    const naked = held > 0 && covered(stops, held) < held && leaving(court, symbol) < held
    if (lasts(`${symbol} naked`, naked, protectMs! * 1e6 + SLACK_NS, since)) court.report('F11', `${held} lots of ${symbol} have no stop at the venue, no exit under way for ${((nowNs() - wrongNs.get(`${symbol} naked`)!) / 1e9).toFixed(1)} s (process ${process.number})`, [symbol])
    if (lasts(`${symbol} left`, held === 0 && stops.length > 0, CLEAR_NS, changedNs)) court.report('F10', `${stops.length} stops rest on ${symbol}, which is flat for ${((nowNs() - changedNs) / 1e9).toFixed(1)} s`, stops.map((order) => order.clientId))
    if (lasts(`${symbol} many`, held > 0 && covered(stops, held) > held, AUDITED_NS, changedNs)) court.report('F10', `${stops.length} stops for ${covered(stops, held)} lots rest on ${held} lots of ${symbol}`, stops.map((order) => order.clientId))
  }

  const lookAtBooks = (process: EngineProcess, since: number): void => {
    for (const [symbol, bare] of bareNs) {
      const began = Math.max(bare, since)
      const lots = Math.abs(court.log.lotsOf(symbol))
      const { stop, live } = court.log.state.symbols.get(symbol)!
      const leaves = live.some((order) => order.reduceOnly)
      if (!process.config.trading_pairs.includes(symbol) || lots === 0 || stop.alarm || leaves) continue
      if (nowNs() - began > protectMs! * 1e6 + BOOKS_SLACK_NS) court.report('F11', `the books hold ${lots} lots of ${symbol} without a stop for ${((nowNs() - began) / 1e9).toFixed(1)} s, and nobody was told`, [symbol])
    }
  }

  court.time.every(LOOK_MS, () => {
    const process = stage.machine.current
    if (process === null || !process.ready || process.stopping || process.clock.nowNs() > nowNs()) {
      if (process !== null && process.alive) readyNs.delete(process)
      return wrongNs.clear()
    }
    const since = readyNs.get(process) ?? nowNs()
    readyNs.set(process, since)
    if (protectMs === null) return
    if (calm) for (const symbol of court.listed) lookAt(symbol, process, since)
    if (!stage.disk.full && !stage.disk.failFlushes) lookAtBooks(process, since)
  })

  return {
    onRecord: (record) => {
      switch (record.kind) {
        case 'fill-booked':
        case 'position-adopted':
          if (court.log.lotsOf(record.symbol) === 0) bareNs.delete(record.symbol)
          else if (!bareNs.has(record.symbol) && court.log.state.symbols.get(record.symbol)?.stop.state !== 'resting') bareNs.set(record.symbol, nowNs())
          return
        case 'protection-failed':
          if (court.log.lotsOf(record.symbol) !== 0 && !bareNs.has(record.symbol)) bareNs.set(record.symbol, nowNs())
          return
        case 'protection-set':
          if (record.stopTicks > 0) bareNs.delete(record.symbol)
          return
        case 'epoch-started':
          for (const symbol of court.listed) if (court.log.lotsOf(symbol) !== 0) bareNs.set(symbol, nowNs())
          return
        default:
      }
    },
    onLogCut: () => bareNs.clear(),
    atRest: () => {
      if (protectMs === null) return
      for (const symbol of court.listed) if (court.position(symbol).changedNs >= 0) court.judge(court.position(symbol).lots === 0 ? 'F10' : 'F11')
    },
  }
}
