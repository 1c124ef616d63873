import { DecimalStep } from '../../core/index.ts'
import { describeRecord, type Grid, type TradingRecord } from '../../trading/index.ts'
import type { Row, Sql } from './sql.ts'

/** One link of the chain that led to an order and followed from it. */
export interface ChainLink {
  readonly at: string
  readonly sequence: number
  readonly actor: string
  readonly action: string
  readonly entity: string
  readonly words: string
  readonly success: boolean
}

/** An order with everything that led to it and came of it. */
export interface OrderStory {
  readonly order: Row
  readonly position: Row | null
  /** All orders of the position, by time. */
  readonly orders: readonly Row[]
  readonly trades: readonly Row[]
  readonly chain: readonly ChainLink[]
}

/**
 * The story of an order: found by our id of it, the venue's, or the id of one of its executions.
 * @returns null when nobody knows the id
 */
export async function explainOrder(sql: Sql, id: string): Promise<OrderStory | null> {
  const { rows } = await sql.query(
    `select orders.*, journals.venue from orders join journals using (journal_id)
     where client_id = $1 or venue_order_id = $1 or (journal_id, client_id) in (select journal_id, client_id from trades where execution_id = $1)
     order by superseded_at nulls first, generation desc limit 1`,
    [id],
  )
  const order = rows[0]
  if (order === undefined) return null
  const { journal_id: journal, position_id: position, trace_id: trace, symbol } = order
  const positions = await sql.query('select * from positions where journal_id = $1 and position_id = $2', [journal, position])
  const orders = position === null ? rows : (await sql.query('select * from orders where journal_id = $1 and position_id = $2 order by intended_at, client_id', [journal, position])).rows
  const ids = orders.map((one) => one['client_id'])
  const trades = await sql.query('select * from trades where journal_id = $1 and (client_id = any($2) or position_id = $3) order by sequence', [journal, ids, position])
  const audit = await sql.query(
    `select at, sequence, actor, action, entity_type, entity_id, parameters, success from audit_logs
     where journal_id = $1 and (trace_id = $2 or (entity_type = 'order' and entity_id = any($3))) order by sequence`,
    [journal, trace, ids],
  )
  const grid = await gridOf(sql, journal, symbol as string, audit.rows.at(-1)?.['sequence'] ?? 0)
  const chain = audit.rows.map((row): ChainLink => {
    const at = row['at'] as Date
    const record = { ...(row['parameters'] as object), kind: row['action'], atMs: at.getTime() } as unknown as TradingRecord
    return {
      at: at.toISOString(), sequence: Number(row['sequence']), actor: String(row['actor']), action: record.kind, entity: `${String(row['entity_type'])} ${String(row['entity_id'])}`,
      words: describeRecord(record, { of: () => grid }).replace(/^\S+\s+/, '') + basisWords(record), success: row['success'] === true,
    }
  })
  return { order, position: positions.rows[0] ?? null, orders, trades: trades.rows, chain }
}

/** What the decision behind an intent rests on; '' where none stands behind it. */
function basisWords(record: TradingRecord): string {
  if (record.kind !== 'order-intended' || record.basis === undefined) return ''
  const { reason, votes, leftOut, model, config } = record.basis
  const spoken = Object.entries(votes).toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a)).map(([name, vote]) => `${name} ${vote > 0 ? 'buy' : 'sell'} ${Math.abs(vote).toFixed(3)}`)
  const words = [`decided by ${reason}`, spoken.length === 0 ? 'no votes' : `votes: ${spoken.join(', ')}`]
  if (leftOut.length > 0) words.push(`left out: ${leftOut.join(', ')}`)
  if (model !== null) words.push(`model: buy ${model.buy.toFixed(3)}, hold ${model.hold.toFixed(3)}, sell ${model.sell.toFixed(3)}`)
  return `; ${words.join('; ')}; settings ${config}`
}

/** The steps in which prices and sizes of the symbol were counted then. */
async function gridOf(sql: Sql, journal: unknown, symbol: string, until: unknown): Promise<Grid | null> {
  const { rows } = await sql.query(
    `select parameters from audit_logs where entity_type = 'symbol' and entity_id = $2 and journal_id = $1 and action = 'instrument-seen' and sequence <= $3 order by number desc limit 1`,
    [journal, symbol, until],
  )
  if (rows[0] === undefined) return null
  const { tick, lot } = rows[0]['parameters'] as { readonly tick: string; readonly lot: string }
  return { symbol, tick: new DecimalStep(tick), lot: new DecimalStep(lot) }
}

/** The story in plain words, a line a fact. */
export function tellStory({ order, position, orders, trades, chain }: OrderStory): readonly string[] {
  const text = (row: Row, column: string): string => {
    const value = row[column]
    return value instanceof Date ? value.toISOString() : typeof value === 'string' ? value : JSON.stringify(value)
  }
  const terms = order['terms'] as Readonly<Record<string, unknown>> | null
  const lines = [
    `order ${text(order, 'client_id')} (${text(order, 'venue')}: ${text(order, 'venue_order_id') || 'no id'}): ${text(order, 'purpose')} ${text(order, 'side')} ${text(order, 'size')} ${text(order, 'symbol')}, ${text(order, 'status')}, ${text(order, 'filled')} filled`,
    `why: ${text(order, 'why')}${order['exit_reason'] === null ? '' : ` (${text(order, 'exit_reason')})`}`,
  ]
  if (terms !== null) lines.push(`terms: ${Object.entries(terms).map(([name, value]) => `${name} ${String(value)}`).join(', ')}`)
  if (position !== null) {
    const end = position['closed_at'] === null ? 'not closed' : position['status'] === 'abandoned' ? 'never filled' : `closed ${text(position, 'closed_at')} by ${text(position, 'exit_reason') || 'nothing that is known'}`
    lines.push(`position ${text(position, 'position_id')}: ${position['side'] === null ? 'no side yet' : text(position, 'side')}, entered ${text(position, 'entry_size')}${position['entry_price'] === null ? '' : ` at ${text(position, 'entry_price')}`}${position['exit_price'] === null ? '' : `, left at ${text(position, 'exit_price')}`}, ${end}`)
    lines.push(`result: ${text(position, 'realised')} realised, ${text(position, 'fees')} fees, ${text(position, 'funding')} funding, ${text(position, 'net_pnl')} net`)
  }
  lines.push(`with ${orders.length} orders and ${trades.length} executions, trace ${text(order, 'trace_id')}:`)
  for (const link of chain) lines.push(`  ${link.at}  ${link.actor.padEnd(8)} ${link.action.padEnd(19)}${link.success ? ' ' : '!'}${link.words}`)
  return lines
}
