import type { Sql } from '../../src/storage/index.ts'

/**
 * Fills the tables with made rows, by the server itself: for every five lines of the audit two orders, two executions and one position. A few orders
 * live, a few positions are open, one line in 200 is a failure, and the times reach back a year. The hashes are not those of a chain.
 */
export async function seedTables(sql: Sql, auditRows: number): Promise<void> {
  const orders = Math.floor(auditRows * 0.4)
  const positions = Math.floor(auditRows * 0.2)
  const at = (n: string, of: number): string => `now() - interval '365 days' * (1 - ${n}::double precision / ${of})`
  await sql.query(`insert into journals (journal_id, venue, fingerprint, generation, next_sequence, began_at) values (1, 'bybit', 'seed', 1, ${auditRows}, now() - interval '365 days')`)
  await sql.query(`
    insert into positions (journal_id, position_id, symbol, status, side, size, entry_size, entry_price, exit_price, opened_at, first_fill_at, closed_at, realised, fees, funding, other_fees, closes, exit_reason, signal_type, confidence, regime, plan, trace_id, changed_sequence, version)
    select 1, n, (array['BTCUSDT','ETHUSDT','XRPUSDT'])[1 + n % 3], case when n > ${positions - 5} then 'open' else 'closed' end::position_status, 'long', 0, 0.1, 60000, 60010, ${at('n', positions)}, ${at('n', positions)},
      case when n > ${positions - 5} then null else ${at('n', positions)} end, ((n * 7919) % 2000 - 900) / 100.0, 0.06, 0, '{}', 1, (array['take-profit','stop-loss','trailing-stop','time-limit','venue-stop'])[1 + n % 5], (array['model','fallback'])[1 + n % 2], 0.8, 'choppy', '{"source": "exit.by_regime.choppy"}', 'BTCUSDT/' || n || '/' || n, n * 5, 1
    from generate_series(1, ${positions}) n`)
  await sql.query(`
    insert into orders (journal_id, client_id, venue_order_id, symbol, purpose, side, type, status, price, size, filled, reduce_only, time_in_force, ttl_ms, position_id, decision_sequence, why, unknown_why, hanging, terms, trace_id, intended_at, ended_at, changed_sequence, version)
    select 1, 'c' || n, 'v' || n, 'BTCUSDT', (array['entry','exit'])[1 + n % 2]::order_purpose, 'buy', 'limit', case when n > ${orders - 8} then 'placed' else 'filled' end::order_status, 60000, 0.1, 0.1, false, 'GTC', 10000, 1 + (n - 1) / 2, n, 'model Buy at 0.9000', '', false, '{"regime": "choppy"}', 'BTCUSDT/' || (1 + (n - 1) / 2) || '/' || (1 + (n - 1) / 2), ${at('n', orders)}, case when n > ${orders - 8} then null else ${at('n', orders)} end, n, 1
    from generate_series(1, ${orders}) n`)
  await sql.query(`
    insert into trades (journal_id, execution_id, sequence, client_id, position_id, venue_order_id, symbol, side, price, size, fee, maker, kind, note, source, position_before, position_after, trace_id, executed_at, booked_at)
    select 1, 'x' || n, n, 'c' || n, 1 + (n - 1) / 2, 'v' || n, 'BTCUSDT', 'buy', 60000, 0.1, 0.03, true, 'trade', '', 'stream', 0, 0.1, 'BTCUSDT/' || n || '/' || n, ${at('n', orders)}, ${at('n', orders)} from generate_series(1, ${orders}) n`)
  await sql.query(`insert into idempotency_cache (scope, key, state, result, claimed_at, expires_at, version) select 'order', 'c' || n, 'done', '{"status": "filled"}', now(), now() + interval '1 day', 1 from generate_series(1, ${orders}) n`)
  await sql.query(`
    insert into audit_logs (number, journal_id, sequence, at, actor, action, entity_type, entity_id, symbol, trace_id, correlation_id, why, old_value, new_value, parameters, success, error, previous_hash, hash)
    select n, 1, n - 1, ${at('n', auditRows)}, 'engine', case when n % 1000 = 0 then 'reconciled' when n % 777 = 0 then 'order-hanging' when n % 200 = 0 then 'order-refused' else (array['order-intended','order-accepted','fill-booked','order-seen'])[1 + n % 4] end,
      'order', 'c' || (1 + n * 2 / 5), 'BTCUSDT', 'BTCUSDT/' || (1 + n / 5) || '/' || (1 + n / 5), 'position/' || (1 + n / 5), 'model Buy at 0.9000, offset 0.05 % from by_regime.choppy', '{"status": "Placed"}', '{"status": "Filled"}', '{"clientId": "c", "lots": 100, "priceTicks": 600000}', n % 200 <> 0, case when n % 200 = 0 then '110007 not enough margin' end, sha256(n::text::bytea), sha256(n::text::bytea)
    from generate_series(1, ${auditRows}) n`)
  await sql.query('analyze')
}
