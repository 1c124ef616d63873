-- The questions that are asked of the tables, each one index away. Superseded journals are left out; the audit keeps them.
create view active_orders as
  select orders.*, journals.venue from orders join journals using (journal_id)
  where ended_at is null and superseded_at is null;

create view open_positions as
  select positions.*, journals.venue from positions join journals using (journal_id)
  where closed_at is null and superseded_at is null;

-- With `where entity_type = … and entity_id = … order by number`.
create view entity_history as
  select entity_type, entity_id, number, at, actor, action, why, old_value, new_value, success, error, trace_id, correlation_id, journal_id, sequence from audit_logs;

-- With `where trace_id = … order by number`.
create view trace_events as
  select trace_id, number, at, actor, action, entity_type, entity_id, symbol, why, parameters, success, error, journal_id, sequence from audit_logs where trace_id is not null;

-- With `order by net_pnl desc limit …`, or asc for the worst.
create view closed_positions as
  select positions.*, journals.venue, extract(epoch from closed_at - opened_at)::double precision as held_s
  from positions join journals using (journal_id) where status = 'closed' and superseded_at is null;

create view exit_reasons as
  select exit_reason, sum(positions)::bigint as positions, sum(wins)::bigint as wins, sum(net_pnl) as net_pnl, sum(net_pnl) / nullif(sum(positions), 0) as average_pnl
  from position_stats join journals using (journal_id) where superseded_at is null
  group by exit_reason having sum(positions) > 0;

create view signal_effectiveness as
  select signal_type, sum(positions)::bigint as positions, sum(wins)::bigint as wins, sum(wins) / nullif(sum(positions), 0) as win_rate, sum(net_pnl) as net_pnl, sum(net_pnl) / nullif(sum(positions), 0) as average_pnl
  from position_stats join journals using (journal_id) where superseded_at is null
  group by signal_type having sum(positions) > 0;

create view failed_operations as
  select at, number, actor, action, entity_type, entity_id, symbol, why, error, trace_id from audit_logs
  where not success and at > now() - interval '24 hours';

create view hanging_orders as
  select at, number, action, entity_id as client_id, symbol, why, parameters, trace_id from audit_logs
  where action in ('order-hanging', 'hanging-resolved') and at > now() - interval '24 hours';

-- With `order by at desc limit …`.
create view recovery_runs as
  select at, number, journal_id, why as reason, parameters from audit_logs where action = 'reconciled';
