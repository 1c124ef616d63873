import { STRATEGY_NAMES } from '../../memory/index.ts'
import { BookGrids, describeRecord, type FillBooked, isFinal, type OrderIntended, parseClientId } from '../../trading/index.ts'
import type { ChainLink, DecisionTrace, FillRow, OrderDetail } from '../contract/index.ts'
import { type JournalBooks, type OrderEntry, type PlacedRecord, recordsAt } from '../books/index.ts'
import type { DecisionLog, MarketView } from '../live/index.ts'
import { inSteps, orderRow, tradeRow } from './order-row.ts'
import { positionRow } from './position-row.ts'

const CHAIN_MAX = 500

/** An order with everything that led to it and came of it, from the journal itself. */
export function orderStory(entry: OrderEntry, books: JournalBooks, market: MarketView, decisions: DecisionLog): OrderDetail {
  const owner = books.position(entry.positionId)
  const siblings = (owner?.orders ?? [entry.id]).flatMap((id) => books.orders.get(id) ?? [])
  const offsets = new Set([...entry.offsets, ...siblings.flatMap((one) => one.offsets), ...(owner?.offsets ?? [])])
  const records = recordsAt(books.path, [...offsets].toSorted((a, b) => a - b)).slice(0, CHAIN_MAX)
  const intent = intentOf(records, entry.id)
  // What an exit rests on is what its position was entered for, unless a decision asked for it.
  const entryIntent = intent?.basis === undefined ? (siblings.flatMap((one) => (one.purpose === 'entry' ? (intentOf(records, one.id) ?? []) : []))[0] ?? intent) : intent
  const symbol = books.state.symbols.get(entry.symbol)
  const held = symbol?.position?.id === entry.positionId ? positionRow(symbol, books, market) : null
  const trade = held === null ? books.trades.findLast((one) => one.entry.id === entry.positionId) : undefined
  const refusal = closeRefusal(entry, held !== null)
  return {
    order: orderRow(entry, books),
    position: held,
    trade: trade === undefined ? null : tradeRow(trade),
    siblings: siblings.map((one) => orderRow(one, books)),
    fills: records.flatMap(({ record }) => (record.kind === 'fill-booked' && record.clientId === entry.id ? [fillRow(record, entry)] : [])),
    decision: entryIntent === null ? null : traceOf(entryIntent, entry.symbol, decisions),
    risk: riskOf(entryIntent),
    chain: chainOf(records, books),
    canClose: refusal === '',
    closeRefusal: refusal,
  }
}

/** Why an order cannot be closed; '' when it can. */
export function closeRefusal(entry: OrderEntry, held: boolean): string {
  if (held) return ''
  if (!isFinal(entry.state)) return entry.purpose === 'entry' ? '' : 'it is an exit that is on its way'
  return 'its position is closed'
}

const intentOf = (records: readonly PlacedRecord[], id: string): OrderIntended | null => {
  for (const { record } of records) if (record.kind === 'order-intended' && record.clientId === id) return record
  return null
}

function fillRow(record: FillBooked, { tick, lot }: OrderEntry): FillRow {
  return {
    id: record.executionId,
    atMs: record.timeMs,
    side: record.side === 0 ? 'buy' : 'sell',
    price: record.priceText ?? inSteps(tick, record.priceTicks),
    size: inSteps(lot, record.lots),
    fee: record.fee,
    feeCoin: record.feeCoin,
    realised: record.realised,
    maker: record.maker,
    kind: record.type,
    note: record.note,
  }
}

function traceOf(intent: OrderIntended, symbol: string, decisions: DecisionLog): DecisionTrace | null {
  const { basis, decisionSequence } = intent
  if (basis === undefined) return null
  const heard = decisions.trace(parseClientId(intent.clientId)?.epoch ?? 0, symbol, decisionSequence)
  const trace = heard?.decision.trace ?? null
  return {
    sequence: decisionSequence,
    traceId: intent.trace,
    reason: basis.reason,
    vectorSequence: basis.vectorSequence,
    votes: STRATEGY_NAMES.map((strategy) => ({ strategy, vote: basis.leftOut.includes(strategy) ? null : (basis.votes[strategy] ?? 0) })),
    model: basis.model,
    configHash: basis.config,
    features: trace === null ? null : Object.fromEntries(trace.features.flatMap((value, i) => (decisions.featureNames[i] === undefined || !Number.isFinite(value) ? [] : [[decisions.featureNames[i], value]]))),
    prices:
      heard === null || trace === null
        ? null
        : {
            bid: heard.signal.bid,
            ask: heard.signal.ask,
            last: trace.lastTicks < 0 ? null : heard.live.tick.format(trace.lastTicks),
            source: trace.source,
            venueTimeMs: heard.decision.venueTimeMs,
            receivedAgoUs: trace.receivedAgoUs,
            tickToDecisionUs: heard.decision.tickToDecisionUs,
            integrity: trace.integrity,
            entries: trace.entries,
          },
    block: heard?.decision.block ?? null,
  }
}

function riskOf(intent: OrderIntended | null): OrderDetail['risk'] {
  if (intent === null || intent.terms === null || intent.terms === undefined) return null
  const { regime, offsetPercent, offsetSource, confidence, sizedBy, equity, leverage } = intent.terms
  return { regime, offsetPercent, offsetSource, confidence, sizedBy, equity, leverage, exitSource: intent.plan?.source ?? null }
}

function chainOf(records: readonly PlacedRecord[], books: JournalBooks): ChainLink[] {
  const grids = new BookGrids(books.state)
  return records.map(({ sequence, record }) => ({ sequence, atMs: record.atMs, kind: record.kind, words: describeRecord(record, grids).replace(/^\S+\s+/, '') }))
}
