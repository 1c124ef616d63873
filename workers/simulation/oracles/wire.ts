import { parseClientId } from '../../../src/trading/index.ts'
import type { Oracle } from '../court.ts'
import type { EngineProcess } from '../engine-process.ts'
import type { OracleParts } from './parts.ts'
import { isCalm } from './calm.ts'
import { LEAVES_NS } from './stops.ts'

/** The limits of an account at the venue, by kind of command: so many within so long. */
/** Of single operations, those that the engine uses beside orders. */
const NAMED: Readonly<Record<string, { readonly count: number; readonly perNs: number }>> = {
  '/v5/position/trading-stop': { count: 10, perNs: 1e9 },
  '/api/v5/trade/order-algo': { count: 20, perNs: 2e9 },
  '/api/v5/trade/cancel-algos': { count: 20, perNs: 2e9 },
  '/api/v5/trade/amend-algos': { count: 20, perNs: 2e9 },
}
const LIMITS = { bybit: { count: 10, perNs: 1e9, perSymbol: false }, okx: { count: 60, perNs: 2e9, perSymbol: true } } as const
/** Requests from one address over all, as Bybit counts them; OKX counts by endpoint, and no engine comes near this. */
const REQUESTS = { count: 600, perNs: 5e9 }
const OKX_CONNECTIONS = { count: 3, perNs: 1e9 }
/** A command for the other direction may wait for its place this long. */
const COMMAND_SLACK_NS = 0.1e9
/** Refusals in a row from which a pause is demanded, and the first pause that the settings have. */
const REJECTS_MIN = 2
const PAUSE_MS = 1000
const PAUSE_MS_MAX = 60_000
/** An order whose time is over is gone within this, whatever the clocks say. */
const CANCEL_NS = 15e9
const CLOCKS: ReadonlySet<string> = new Set(['venue-clock', 'wall-clock'])
const LOOK_MS = 500
/** A cancel or an exit leaves within this, whatever else the limits have been used for. */
const REDUCES_NS = 1e9

/** Orders on the wire: F16 (no old ones, none of another session), F18 (wrong clocks), F19 (limits of the venue, pauses after refusals). */
export function wireOracle({ court, stage, kinds }: OracleParts): Oracle {
  const epochs = new Map<EngineProcess, number>()
  const windows = new Map<string, number[]>()
  /** When a process last heard that a connection of its account is gone. */
  const lostNs = new Map<EngineProcess, number>()
  /**
   * When the journal had an exit. Its deadline runs from there: a disk that hangs over the intent holds it up, but what takes risk away must
   * not expire of that.
   */
  const written = new Map<string, number>()
  const rejects = new Map<string, { count: number; atNs: number; epoch: number }>()
  const nowNs = (): number => court.time.nowNs()

  /** Commands that take risk away and have not left yet, since when: they wait for nobody where nothing is wrong with the way. */
  const waiting = new Map<string, number>()
  const calm = isCalm(kinds)
  if (calm) {
    court.time.every(LOOK_MS, () => {
      for (const [key, sinceNs] of waiting) {
        const clientId = key.slice(key.indexOf(' ') + 1)
        if (nowNs() - sinceNs < REDUCES_NS) continue
        waiting.delete(key)
        if (stage.machine.current?.ready === true && court.log.orders.get(clientId)?.ended === '' && stage.machine.current.startedNs < sinceNs) court.report('F19', `${key} was decided ${((nowNs() - sinceNs) / 1e6).toFixed(0)} ms ago and has not left`, [clientId])
      }
    })
  }

  const count = (key: string, limit: { readonly count: number; readonly perNs: number }, what: string): void => {
    const times = windows.get(key) ?? []
    windows.set(key, times)
    times.push(nowNs())
    while (times[0]! <= nowNs() - limit.perNs) times.shift()
    if (times.length > limit.count) court.report('F19', `${times.length} ${what} within ${limit.perNs / 1e9} s, ${limit.count} are allowed`, [key])
  }

  const onlyClocks = kinds.size > 0 && [...kinds].every((kind) => CLOCKS.has(kind))
  if (onlyClocks) court.time.every(LOOK_MS, () => late(0))
  function late(sinceNs: number): void {
    const process = stage.machine.current
    if (process === null) return
    const ttlNs = process.config.order_executor.order_ttl_ms * 1e6
    for (const order of court.openOrders()) {
      const contract = stage.venue.exchange.contract(order.symbol)!
      if (order.kind === 'decision') court.judge('F18')
      if (order.kind === 'decision' && contract.status === 'Trading' && nowNs() - Math.max(order.createdNs + ttlNs, sinceNs) > CANCEL_NS) court.report('F18', `${order.clientId} is open ${((nowNs() - order.createdNs) / 1e9).toFixed(1)} s after it was made, its time is ${ttlNs / 1e9} s`, [order.clientId])
    }
  }

  return {
    onOpened: (url, process) => {
      if (stage.venueName === 'okx') count(`connections of process ${process.number}`, OKX_CONNECTIONS, `connections (the last to ${new URL(url).pathname})`)
    },
    onClosed: (url, process) => {
      if (!url.includes('/public')) lostNs.set(process, process.clock.nowNs())
    },
    onAsked: (request, process) => count(`requests of process ${process.number}`, REQUESTS, `requests (the last ${new URL(request.url).pathname})`),
    onRecord: (record, process) => {
      if (calm && record.kind === 'cancel-intended') waiting.set(`cancel ${record.clientId}`, nowNs())
      if (calm && record.kind === 'order-intended' && record.purpose === 'exit') waiting.set(`place ${record.clientId}`, nowNs())
      if (record.kind === 'epoch-started') epochs.set(process, record.epoch)
      if (record.kind === 'order-refused') {
        const order = court.log.orders.get(record.clientId)
        if (order === undefined || parseClientId(record.clientId)?.intent.kind !== 'decision') return
        const past = rejects.get(order.symbol)
        rejects.set(order.symbol, { count: past !== undefined && past.epoch === court.log.epoch ? past.count + 1 : 1, atNs: record.atNs, epoch: court.log.epoch })
      }
      // Anything else that becomes of an entry ends the row of refusals.
      if (record.kind === 'order-accepted' || record.kind === 'order-seen' || record.kind === 'fill-booked') {
        const order = court.log.orders.get(record.clientId)
        if (order !== undefined && !(record.kind === 'order-seen' && record.status === 'rejected')) rejects.delete(order.symbol)
      }
      if (record.kind === 'order-intended' && record.purpose !== 'entry') written.set(record.clientId, process.clock.nowNs())
      if (record.kind === 'order-intended' && record.purpose === 'entry') {
        const past = rejects.get(record.symbol)
        if (past === undefined || past.count < REJECTS_MIN || past.epoch !== court.log.epoch) return
        const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** (past.count - 1))
        court.judge('F19')
        const waitedMs = (record.atNs - past.atNs) / 1e6
        if (waitedMs < pauseMs - 1) court.report('F19', `${record.clientId} came ${waitedMs.toFixed(0)} ms after ${past.count} refusals in a row on ${record.symbol}, ${pauseMs} are due`, [record.clientId])
      }
    },
    onLogCut: () => rejects.clear(),
    onCommand: (command, process) => {
      const limit = LIMITS[stage.venueName]
      waiting.delete(`${command.op} ${command.clientId}`)
      const named = NAMED[command.name]
      if (named !== undefined) count(`${command.name} of process ${process.number}`, named, `commands to ${command.name}`)
      else if (command.op === 'place' || command.op === 'cancel' || command.op === 'amend') {
        const symbol = court.log.orders.get(command.clientId)?.symbol ?? command.symbol
        count(`${command.op}${limit.perSymbol ? ` on ${symbol}` : ''} of process ${process.number}`, limit, `commands to ${command.op}`)
      }
      if (command.op !== 'place') return
      const parts = parseClientId(command.clientId)
      const epoch = epochs.get(process)
      if (parts !== null && parts.epoch !== epoch) court.report('F16', `${command.clientId} of epoch ${parts.epoch} left from process ${process.number}, which opened epoch ${epoch}`, [command.clientId])
      const intent = court.log.orders.get(command.clientId)?.intent
      if (intent === undefined || intent === null) return
      const ageNs = process.clock.nowNs() - (written.get(command.clientId) ?? intent.atNs)
      const lost = lostNs.get(process)
      if (lost !== undefined) court.judge('F16')
      if (lost !== undefined && intent.purpose === 'entry' && intent.atNs < lost) court.report('F16', `${command.clientId} was decided ${((lost - intent.atNs) / 1e6).toFixed(0)} ms before a connection was lost and left ${((process.clock.nowNs() - lost) / 1e6).toFixed(0)} ms after that`, [command.clientId])
      const limitNs = intent.purpose === 'entry' ? process.config.freshness.order_ms * 1e6 + LEAVES_NS : process.config.order_executor.command_deadline_ms * 1e6 + COMMAND_SLACK_NS
      if (ageNs > limitNs) court.report('F16', `${command.clientId} left ${(ageNs / 1e6).toFixed(0)} ms after it was decided`, [command.clientId])
    },
    atRest: () => late(court.healedNs),
  }
}
