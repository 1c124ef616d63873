import { ORDER_STATES, type Order, type Position, POSITION_STATES, type TradingRecord, type TradingState, traceOf } from '../../trading/index.ts'
import { auditTime, type AuditTexts } from './audit-chain.ts'
import { cleanText, jsonbText, jsonbTextWithout, Shapes } from './jsonb-text.ts'

/** Kind and time of a record stand in columns of their own. */
const parameterShapes = new Shapes(['kind', 'atMs'])

/** What an entity looked like: compared before and after. */
type Picture = Readonly<Record<string, unknown>> | null

export const orderPicture = (order: Order | undefined): Picture =>
  order === undefined ? null : { status: ORDER_STATES[order.state], lots: order.lots, filledLots: order.filledLots, venueId: order.venueId, unknown: order.unknown, hanging: order.hanging }

export const positionPicture = (position: Position | null, lots: number): Picture =>
  position === null
    ? null
    : { id: position.id, status: POSITION_STATES[position.state], lots, takeProfitTicks: position.takeProfitTicks, stopLossTicks: position.stopLossTicks, realised: position.realised.toFixed(), fees: position.fees.toFixed(), funding: position.funding.toFixed() }

/**
 * Columns of the audit from `sequence` on; the number and the journal are known when it is written.
 * @param state the books that have applied the record
 * @param before what they knew of its order, or of the position where it is about none; `after`: what they know now
 */
export function auditTexts(sequence: number, record: TradingRecord, state: TradingState, before: Picture, after: Picture): AuditTexts {
  const { trace, correlation } = traceOf(record, state)
  const [type, id] = entityOf(record, state, correlation)
  const error = errorOf(record)
  const [old, now] = valuesOf(record, before, after)
  const json = (value: unknown): string | null => (value === null ? null : jsonbText(value))
  const text = (value: string): string | null => (value === '' ? null : cleanText(value))
  return [
    String(sequence), auditTime(record.atMs), actorOf(record), record.kind, type, cleanText(id), 'symbol' in record ? cleanText(record.symbol) : text(symbolOfOrder(record, state)), text(trace), text(correlation), cleanText(whyOf(record)),
    json(old), json(now), jsonbTextWithout(record, parameterShapes), json(signalOf(record)), json(indicatorsOf(record)), json(marketOf(record)), String(error === null), error === null ? null : cleanText(error),
  ]
}

const symbolOfOrder = (record: TradingRecord, state: TradingState): string => ('clientId' in record ? (state.orders.get(record.clientId)?.symbol ?? '') : '')

/** Who did it. */
function actorOf(record: TradingRecord): string {
  switch (record.kind) {
    case 'kill-engaged':
    case 'kill-released':
      return record.by === 'trip' ? 'engine' : `operator by ${record.by}`
    case 'limits-changed':
    case 'strategy-changed':
      return 'operator'
    case 'fill-booked':
      return record.note === 'foreign' ? 'stranger' : record.note === 'watchdog' ? 'watchdog' : 'venue'
    case 'order-accepted':
    case 'order-refused':
    case 'order-seen':
    case 'order-adopted':
    case 'cancel-refused':
    case 'funding-booked':
    case 'position-adopted':
    case 'protection-set':
    case 'instrument-seen':
      return 'venue'
    default:
      return 'engine'
  }
}

function entityOf(record: TradingRecord, state: TradingState, correlation: string): readonly [type: string, id: string] {
  switch (record.kind) {
    case 'kill-engaged':
    case 'kill-released':
      return ['kill-switch', record.id]
    case 'limits-changed':
      return ['limit', record.limit]
    case 'strategy-changed':
      return ['strategy', record.strategy]
    case 'equity-seen':
      return ['account', state.account]
    case 'transition-refused':
      return [record.entity, record.entity === 'position' ? `position/${record.id}` : record.id]
    case 'epoch-started':
    case 'epoch-ended':
    case 'reconciled':
    case 'stop-requested':
      return ['engine', `epoch/${state.epoch}`]
    default:
  }
  if ('clientId' in record && record.clientId !== '' && !record.kind.startsWith('protection')) return ['order', record.clientId]
  if (correlation !== '') return ['position', correlation]
  if ('positionId' in record && record.positionId >= 0) return ['position', `position/${record.positionId}`]
  return 'symbol' in record ? ['symbol', record.symbol] : ['engine', `epoch/${state.epoch}`]
}

/** Old and new value. */
function valuesOf(record: TradingRecord, before: Picture, after: Picture): readonly [Picture, Picture] {
  switch (record.kind) {
    case 'limits-changed':
    case 'strategy-changed':
      return [{ value: record.before }, { value: record.value }]
    case 'symbol-frozen':
      return [null, { frozen: record.code }]
    case 'symbol-released':
      return [null, { frozen: null }]
    case 'symbol-suspended':
    case 'symbol-resumed':
      return [{ suspended: record.kind === 'symbol-resumed' }, { suspended: record.kind === 'symbol-suspended' }]
    case 'kill-engaged':
    case 'kill-released':
      return [{ engaged: record.kind === 'kill-released' }, { engaged: record.kind === 'kill-engaged' }]
    default:
      return [before, after]
  }
}

function whyOf(record: TradingRecord): string {
  if ('why' in record) return record.why
  if ('reason' in record) return record.reason ?? ''
  if ('text' in record) return record.text
  return record.kind === 'plan-damaged' ? record.problem : ''
}

/** What went wrong; null when nothing did. */
function errorOf(record: TradingRecord): string | null {
  switch (record.kind) {
    case 'order-refused':
    case 'cancel-refused':
      return `${record.code} ${record.text}`
    case 'protection-failed':
      return `${record.trouble} ${record.text}`
    case 'order-unsent':
    case 'order-unknown':
    case 'order-hanging':
      return record.reason
    case 'order-absent':
      return `found nowhere ${record.waitedMs} ms after sending`
    case 'transition-refused':
    case 'protection-alarm':
      return record.why
    case 'plan-damaged':
      return record.problem
    case 'epoch-ended':
      return record.drained ? null : 'not drained before the deadline'
    default:
      return null
  }
}

/** What the decision behind an order says: who had the word, every vote, what the model said, and by which settings. Without a basis, as in older journals, less of it. */
function signalOf(record: TradingRecord): Picture {
  if (record.kind !== 'order-intended') return null
  const { basis } = record
  return {
    type: signalType(record.why), purpose: record.purpose, side: record.side, confidence: record.terms?.confidence ?? null, decision: record.decisionSequence, reason: record.reason,
    decidedBy: basis?.reason, votes: basis?.votes, leftOut: basis?.leftOut, model: basis?.model, config: basis?.config, stopTicks: record.stop?.ticks,
  }
}

/** Who spoke for an order: the first word of its reason, whoever that may be. */
export const signalType = (why: string): string => /^[\p{L}\p{N}_-]+/u.exec(why)?.[0] ?? 'none'

function indicatorsOf(record: TradingRecord): Picture {
  if (record.kind !== 'order-intended') return null
  const vector = record.basis?.vectorSequence
  return record.plan === null && vector === undefined ? null : { atrTicks: record.plan?.atrTicks ?? null, vector }
}

function marketOf(record: TradingRecord): Picture {
  if (record.kind !== 'order-intended') return null
  return { regime: record.plan?.regime ?? record.terms?.regime ?? null, referenceTicks: record.referenceTicks, equity: record.terms?.equity ?? null, leverage: record.terms?.leverage ?? null }
}
