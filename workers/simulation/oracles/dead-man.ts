import type { ExchangeOrder } from '../../../src/exchange/index.ts'
import type { HttpRequest } from '../../../src/venues/index.ts'
import { PAPER_ACCOUNT } from '../../exchange-messages.ts'
import type { Oracle } from '../court.ts'
import { featuresOf } from '../engine-features.ts'
import type { EngineProcess } from '../engine-process.ts'
import { isRefusal } from '../out-frame.ts'
import type { OracleParts } from './parts.ts'

const LOOK_MS = 250
const PATH = '/api/v5/trade/cancel-all-after'
/** From the moment at which it is ready a process has so long to arm the switch. */
const ARMS_NS = 3e9
/** The venue's switch fires on its own clock, in whole seconds, and what it cancels goes one by one. */
const FIRES_SLACK_NS = 2e9
/** Kinds under which asking for the switch is not let out: the address is shut out by design, or nothing leaves at all. */
const KEPT_IN: ReadonlySet<string> = new Set(['ban-address', 'unplug'])
/** What left over a slow way arrives up to so long after the death of who sent it. */
const UNDER_WAY_NS = 10e9

interface Dead {
  readonly atNs: number
  readonly process: EngineProcess
  readonly entries: number
  readonly stops: readonly ExchangeOrder[]
  judged: boolean
}

/** Seconds that a request arms the switch for, 0 to take it off; null for any other request. */
function secondsOf({ method, url, body }: HttpRequest): number | null {
  if (method !== 'POST' || body === null || !url.includes(PATH)) return null
  return Number((JSON.parse(body) as { readonly timeOut: string }).timeOut)
}

/**
 * The dead-man switch of the venue, F13. While an engine is ready it arms the switch again and again, whatever becomes of the
 * answers: seen on the wire. And when it dies with the switch armed, the venue takes its entries in time and leaves its
 * stops: seen at the exchange, in every seed.
 */
export function deadManOracle({ court, stage, kinds }: OracleParts): Oracle {
  const { deadManMs } = featuresOf(court.config)
  if (deadManMs === null) return {}
  const timeoutNs = deadManMs * 1e6
  const nowNs = (): number => court.time.nowNs()
  const readyNs = new Map<EngineProcess, number>()
  const askedNs = new Map<EngineProcess, number>()
  /** An account that is refused the switch is not asked to try again. */
  const refused = new Set<EngineProcess>()
  /** When the venue last said that it is armed; -1 once it was asked to be taken off. */
  let armedNs = -1
  let dead: Dead | null = null
  const asks = ![...kinds].some((kind) => KEPT_IN.has(kind))
  /** When the way to the venue was last slow. */
  let slowNs = Number.NEGATIVE_INFINITY

  const lookAtLiving = (process: EngineProcess): void => {
    if (!process.ready || process.stopping || refused.has(process) || process.clock.nowNs() > nowNs()) return void readyNs.delete(process)
    const since = readyNs.get(process) ?? nowNs()
    readyNs.set(process, since)
    if (nowNs() - since < ARMS_NS) return
    court.judge('F13')
    const asked = askedNs.get(process)
    if (asked === undefined) court.report('F13', `process ${process.number} is ready for ${((nowNs() - since) / 1e9).toFixed(1)} s and has not armed the dead-man switch`, [`process ${process.number}`])
    else if (nowNs() - asked > timeoutNs) court.report('F13', `process ${process.number} armed the dead-man switch ${((nowNs() - asked) / 1e9).toFixed(1)} s ago for ${timeoutNs / 1e9} s, and not again`, [`process ${process.number}`])
  }

  const lookAtDead = (last: EngineProcess): void => {
    if (dead === null) {
      const armed = armedNs >= 0 && nowNs() - armedNs < timeoutNs - LOOK_MS * 1e6 && nowNs() - slowNs > UNDER_WAY_NS
      dead = { atNs: nowNs(), process: last, entries: court.openOrders().filter((order) => order.kind === 'decision').length, stops: court.listed.flatMap((symbol) => court.stops(symbol)), judged: !armed || last.stopping }
    }
    if (dead.judged || nowNs() - dead.atNs < timeoutNs + FIRES_SLACK_NS) return
    dead.judged = true
    if (dead.entries > 0 || dead.stops.length > 0) court.judge('F13')
    const left = court.openOrders().filter((order) => order.kind === 'decision')
    if (left.length > 0) court.report('F13', `${left.length} entries of process ${last.number} rest ${((nowNs() - dead.atNs) / 1e9).toFixed(1)} s after it died`, left.map((order) => order.clientId))
    for (const { orderId, symbol } of dead.stops)
      if (court.exchange.findOrder(PAPER_ACCOUNT, { orderId })?.cancelReason === 'dead-man') court.report('F13', `the stop ${orderId} of ${symbol} went with the entries of a dead engine`, [orderId])
  }

  court.time.every(LOOK_MS, () => {
    const process = stage.machine.current
    if (stage.uplink.delayMs > 0) slowNs = nowNs()
    if (process !== null) {
      dead = null
      if (asks) lookAtLiving(process)
      return
    }
    const last = stage.machine.processes.at(-1)
    if (last !== undefined) lookAtDead(last)
  })

  return {
    onAsked: (request, process) => {
      const seconds = secondsOf(request)
      if (seconds === null) return
      if (seconds > 0) askedNs.set(process, nowNs())
      else armedNs = -1
    },
    onAnswered: (request, outcome, process) => {
      const seconds = secondsOf(request)
      if (seconds === null || seconds === 0 || outcome.kind !== 'response') return
      if (isRefusal(outcome)) refused.add(process)
      else if (outcome.status < 500) armedNs = nowNs()
    },
  }
}
