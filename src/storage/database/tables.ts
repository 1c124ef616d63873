import { VersionedTable } from './versioned-table.ts'

/** Rows that change. Types are those of the migrations; generated columns and `version` are the table's own. */
export const ordersTable = new VersionedTable('orders', ['journal_id', 'client_id'], {
  journal_id: 'integer', client_id: 'text', venue_order_id: 'text', symbol: 'text', purpose: 'order_purpose', side: 'order_side', type: 'order_type', status: 'order_status',
  price: 'numeric', size: 'numeric', filled: 'numeric', reduce_only: 'boolean', time_in_force: 'time_in_force', ttl_ms: 'bigint', position_id: 'bigint', decision_sequence: 'bigint',
  why: 'text', exit_reason: 'text', unknown_why: 'text', hanging: 'boolean', terms: 'jsonb', trace_id: 'text', intended_at: 'timestamptz', ended_at: 'timestamptz', changed_sequence: 'bigint',
})

export const positionsTable = new VersionedTable('positions', ['journal_id', 'position_id'], {
  journal_id: 'integer', position_id: 'bigint', symbol: 'text', status: 'position_status', side: 'position_side', size: 'numeric', entry_size: 'numeric', entry_price: 'numeric', exit_price: 'numeric',
  take_profit: 'numeric', stop_loss: 'numeric', opened_at: 'timestamptz', first_fill_at: 'timestamptz', closed_at: 'timestamptz', realised: 'numeric', fees: 'numeric', funding: 'numeric', other_fees: 'jsonb',
  closes: 'integer', exit_reason: 'text', signal_type: 'text', confidence: 'double precision', regime: 'text', plan: 'jsonb', trace_id: 'text', changed_sequence: 'bigint',
})

export const idempotencyTable = new VersionedTable('idempotency_cache', ['scope', 'key'], {
  scope: 'text', key: 'text', state: 'idempotency_state', result: 'jsonb', claimed_at: 'timestamptz', expires_at: 'timestamptz',
})

/** Columns and types of the tables whose rows never change. */
export const factTables = {
  trades: {
    journal_id: 'integer', execution_id: 'text', sequence: 'bigint', client_id: 'text', position_id: 'bigint', venue_order_id: 'text', symbol: 'text', side: 'order_side', price: 'numeric', size: 'numeric',
    fee: 'numeric', fee_coin: 'text', realised: 'numeric', maker: 'boolean', kind: 'fill_kind', note: 'text', source: 'text', position_before: 'numeric', position_after: 'numeric', trace_id: 'text', executed_at: 'timestamptz', booked_at: 'timestamptz',
  },
  funding_payments: {
    journal_id: 'integer', execution_id: 'text', sequence: 'bigint', position_id: 'bigint', symbol: 'text', fee: 'numeric', rate: 'numeric', size: 'numeric', price: 'numeric', paid_at: 'timestamptz', booked_at: 'timestamptz',
  },
  audit_logs: {
    number: 'bigint', journal_id: 'integer', sequence: 'bigint', at: 'timestamptz', actor: 'text', action: 'text', entity_type: 'text', entity_id: 'text', symbol: 'text', trace_id: 'text', correlation_id: 'text', why: 'text',
    old_value: 'jsonb', new_value: 'jsonb', parameters: 'jsonb', signal: 'jsonb', indicators: 'jsonb', market: 'jsonb', success: 'boolean', error: 'text', previous_hash: 'bytea', hash: 'bytea',
  },
  market_data_snapshots: {
    at: 'timestamptz', venue: 'venue_name', symbol: 'text', last_price: 'double precision', mark_price: 'double precision', index_price: 'double precision', funding_rate: 'double precision', open_interest: 'double precision',
    volume_24h: 'double precision', price_age_ms: 'double precision', price_source: 'text', book_valid: 'boolean', book_integrity: 'double precision', regime: 'text',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>

export type FactTable = keyof typeof factTables

const inserts = Object.fromEntries(
  Object.entries(factTables).map(([table, columns]) => {
    const names = Object.keys(columns)
    const values = Object.entries(columns).map(([name, type]) => (type === 'text' ? `u.${name}` : `u.${name}::${type}`))
    return [table, `insert into ${table} (${names.join(', ')}) select ${values.join(', ')} from unnest(${names.map((_, index) => `$${index + 1}::text[]`).join(', ')}) as u(${names.join(', ')})`]
  }),
) as Readonly<Record<FactTable, string>>

/** Columns of a table of facts, in the order in which rows are copied into it. */
export const factColumns = Object.fromEntries(Object.entries(factTables).map(([table, columns]) => [table, Object.keys(columns)])) as unknown as Readonly<Record<FactTable, readonly string[]>>

/** The statement that copies rows into a table of facts. */
export const copyFacts = (table: FactTable): string => `copy ${table} (${factColumns[table].join(', ')}) from stdin`

/** The statement that adds rows given as one array of texts for each column. */
export const insertFacts = (table: FactTable): string => inserts[table]
