import { money, type WallMs } from '../core/index.ts'
import type { AccountSnapshot, VenuePosition } from '../venues/index.ts'
import { bookFill, FillTally } from './decide/fill.ts'
import { seeListed, seeUnlisted } from './decide/order.ts'
import type { Effect, Moment } from './events.ts'
import { isFinal, ORDER_STATES } from './order-machine.ts'
import { compareStops } from './reconcile-stops.ts'
import type { TradingRecord } from './records.ts'
import type { Rules } from './rules.ts'
import type { SymbolState, TradingState } from './state.ts'

/** A position that differs from the venue's although all fills at hand are booked. */
export interface Mismatch {
  readonly symbol: string
  readonly engineLots: number
  readonly venueLots: number
}

export interface ReconcileInput {
  readonly snapshot: AccountSnapshot
  /** Monotonic time at which the snapshot was asked for: younger orders cannot be missing from it. */
  readonly askedNs: number
  /** Executions from here on were asked for (venue time). */
  readonly fillsSinceMs: WallMs
  /** `moves` of each symbol at that time: a symbol that moved since is not compared. */
  readonly movesThen: ReadonlyMap<string, number>
  /** Mismatches of the try before: one that stands unchanged is no race, and is adopted. Null: adopt at once. */
  readonly before: readonly Mismatch[] | null
}

export interface Reconciliation {
  readonly records: readonly TradingRecord[]
  readonly effects: readonly Effect[]
  /** What is not settled yet: ask for another snapshot. */
  readonly open: readonly Mismatch[]
  /** Symbols that moved under the snapshot, or whose last execution it does not know yet. */
  readonly moved: readonly string[]
  readonly fillsBooked: number
  readonly positionsAdopted: number
  readonly ordersHanging: number
}

/**
 * Brings the books in line with a complete snapshot of the account: unknown executions are booked, orders compared,
 * positions that executions do not explain are adopted with a record of both sides. Pure, and settled after one
 * application: reconciling the result with the same snapshot gives no record.
 */
export function reconcile(rules: Rules, state: TradingState, input: ReconcileInput, now: Moment): Reconciliation {
  const { snapshot } = input
  const { hangingCheck } = rules.settings.reconcile
  const records: TradingRecord[] = []
  const effects: Effect[] = []
  const stamp = { atMs: now.wallMs, atNs: now.ns }
  const tally = new FillTally()

  for (const fill of snapshot.fills) if (rules.indexOf.has(fill.symbol)) bookFill(state, fill, 'snapshot', now, tally, records)

  const listed = new Set<string>()
  for (const seen of snapshot.openOrders) {
    if (!rules.indexOf.has(seen.symbol)) continue
    listed.add(seen.clientId)
    const order = state.orders.get(seen.clientId)
    if (order === undefined) {
      seeUnlisted(state, seen, now, records, effects)
      continue
    }
    seeListed(order, tally.filledLots(order), seen, 'snapshot', rules.settings.venue.graceMs, now, records, effects)
    // Its cancel may have died with a connection, a process, or before there was a way to the venue: nobody waits for the answer.
    if (!isFinal(order.state) && order.cancelNs >= 0 && order.cancelNs < input.askedNs) {
      records.push({ kind: 'cancel-intended', ...stamp, clientId: order.clientId, symbol: order.symbol, why: 'open in a snapshot that is younger than its cancel' })
      effects.push({ kind: 'cancel', symbol: order.symbol, clientId: order.clientId })
    }
    const openMs = (now.ns - Math.max(order.intendedNs, order.checkedNs)) / 1e6
    // One that waits for its trigger may wait for days.
    if (hangingCheck && !isFinal(order.state) && !order.hanging && seen.status !== 'untriggered' && openMs > rules.settings.reconcile.hangingMs) {
      records.push({
        kind: 'order-hanging',
        ...stamp,
        clientId: order.clientId,
        venueId: order.venueId,
        symbol: order.symbol,
        localState: ORDER_STATES[order.state]!,
        issue: 'timeout-in-status',
        reason: `live for ${Math.floor(openMs)} ms`,
        venueStatus: seen.status,
        venueData: seen,
      })
      effects.push({ kind: 'ask', symbol: order.symbol, clientId: order.clientId, afterMs: 0, filledLots: 0, always: true })
    }
  }

  const aside = new Set(snapshot.setAside)
  let ordersHanging = 0
  for (const symbol of state.symbols.values()) {
    if (aside.has(symbol.symbol)) continue
    for (const order of symbol.live) {
      if (listed.has(order.clientId) || order.intendedNs >= input.askedNs) continue
      const filledNow = tally.filledLots(order)
      if (filledNow >= order.lots) continue
      ordersHanging++
      effects.push({ kind: 'ask', symbol: order.symbol, clientId: order.clientId, afterMs: 0, filledLots: 0, always: true })
      if (order.hanging || !hangingCheck) continue
      records.push({
        kind: 'order-hanging',
        ...stamp,
        clientId: order.clientId,
        venueId: order.venueId,
        symbol: order.symbol,
        localState: ORDER_STATES[order.state]!,
        issue: 'not-open',
        reason: 'not among the open orders of the venue',
        venueStatus: '',
        venueData: null,
      })
    }
  }

  compareStops(rules, state, input, now, records)
  const { open, moved, adopted } = comparePositions(rules, state, input, tally, listed, now, records)
  return { records, effects, open, moved, fillsBooked: tally.count, positionsAdopted: adopted, ordersHanging }
}

/** Stream and query may stamp one execution this far apart, ms. */
const SAME_FILL_MS = 1000
/** No replica that answers is further behind: an execution that is missing after this long has been forgotten by the venue. */
const REPLICA_LAG_MS = 60_000

/**
 * Time of the newest execution of a snapshot that can be the last one booked, or a younger one. One that is known as an older one says
 * nothing, however close to the last it was.
 */
function newestFillMs(state: TradingState, { snapshot }: ReconcileInput, { symbol, lastFillId }: SymbolState): WallMs {
  let newestMs = 0
  for (const { symbol: name, kind, executionId, timeMs } of snapshot.fills)
    if (name === symbol && kind !== 'funding' && timeMs > newestMs && (executionId === lastFillId || !state.seen.has(executionId))) newestMs = timeMs
  return newestMs
}

/**
 * Whether an order of ours may explain a difference: one that is not among the open orders while its executions are not all here, or of
 * which the venue says more than has been booked. They are asked about; as long as an answer can be expected nothing is taken over in their place.
 */
function outstanding(rules: Rules, state: TradingState, name: string, listed: ReadonlySet<string>, { askedNs }: ReconcileInput, tally: FillTally, now: Moment): boolean {
  const { absentAfterMs } = rules.settings.venue
  for (const order of state.orders.values()) {
    if (order.symbol !== name) continue
    const filled = tally.filledLots(order)
    if (isFinal(order.state)) {
      if (order.venueFilledLots > filled && now.wallMs - order.endedMs < absentAfterMs) return true
    } else if (!listed.has(order.clientId) && order.intendedNs < askedNs && filled < order.lots && now.ns - order.intendedNs < absentAfterMs * 1e6) return true
  }
  return false
}

function comparePositions(rules: Rules, state: TradingState, input: ReconcileInput, tally: FillTally, listed: ReadonlySet<string>, now: Moment, records: TradingRecord[]) {
  const stamp = { atMs: now.wallMs, atNs: now.ns }
  const open: Mismatch[] = []
  const moved: string[] = []
  let adopted = 0
  const positions = new Map<string, VenuePosition>(input.snapshot.positions.map((position) => [position.symbol, position]))
  for (const own of rules.symbols) {
    const name = own.instrument.symbol
    const symbol = state.symbols.get(name)
    if (input.snapshot.setAside?.includes(name) === true) continue
    if ((symbol?.moves ?? 0) !== (input.movesThen.get(name) ?? 0)) {
      moved.push(name)
      continue
    }
    if (symbol !== undefined && symbol.lastFillMs >= input.fillsSinceMs && now.wallMs - symbol.lastFillMs <= REPLICA_LAG_MS && newestFillMs(state, input, symbol) < symbol.lastFillMs - SAME_FILL_MS) {
      moved.push(name)
      continue
    }
    const position = positions.get(name)
    const venueLots = position?.signedLots ?? 0
    const engineLots = tally.signedLots(state, name)
    if (venueLots === engineLots) {
      if (symbol?.frozen?.code === 'mismatch') records.push({ kind: 'symbol-released', ...stamp, symbol: name, why: `the books agree again at ${engineLots} lots` })
      continue
    }
    const stood = input.before === null || input.before.some((past) => past.symbol === name && past.engineLots === engineLots && past.venueLots === venueLots)
    if (!stood || (venueLots !== 0 && position!.entryPrice === '') || outstanding(rules, state, name, listed, input, tally, now)) {
      open.push({ symbol: name, engineLots, venueLots })
      continue
    }
    adopted++
    const why = `${engineLots} lots here, ${venueLots} at the venue, no execution explains it`
    const entryTicks = venueLots === 0 ? '0' : money(position!.entryPrice).div(money(own.instrument.tick.text)).toFixed()
    // The first reconciliation of a journal finds what was there before it; from then on a surprise is one.
    const surprise = state.reconciledMs !== 0 && rules.settings.reconcile.adoptionFreezes
    const frozen = symbol?.frozen ?? null
    if (frozen?.code === 'mismatch' || (surprise && frozen === null && tally.freeze(name))) records.push({ kind: 'symbol-frozen', ...stamp, symbol: name, code: 'unexplained', why })
    // Behind the freeze: of a batch that is torn the first records stay.
    records.push({ kind: 'position-adopted', ...stamp, symbol: name, fromLots: engineLots, toLots: venueLots, entryTicks, why })
  }
  return { open, moved, adopted }
}
