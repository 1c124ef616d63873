-- Made for thousands of rows at a time, where a check or an addition for each single row costs more than the row.

-- Closed positions are added up once a statement.
drop trigger positions_counted on positions;
drop function count_closed_position();
drop function add_position_stats(positions, integer);

create function count_closed_positions() returns trigger language plpgsql as $$
begin
  insert into position_stats as stats (journal_id, month, symbol, signal_type, exit_reason, positions, wins, net_pnl)
  select journal_id, date_trunc('month', closed_at at time zone 'UTC')::date, symbol, signal_type, exit_reason, count(*), count(*) filter (where net_pnl > 0), sum(net_pnl)
  from rows_after where status = 'closed' group by 1, 2, 3, 4, 5
  on conflict (journal_id, month, symbol, signal_type, exit_reason) do update
    set positions = stats.positions + excluded.positions, wins = stats.wins + excluded.wins, net_pnl = stats.net_pnl + excluded.net_pnl;
  if tg_op = 'UPDATE' then
    insert into position_stats as stats (journal_id, month, symbol, signal_type, exit_reason, positions, wins, net_pnl)
    select journal_id, date_trunc('month', closed_at at time zone 'UTC')::date, symbol, signal_type, exit_reason, -count(*), -count(*) filter (where net_pnl > 0), -sum(net_pnl)
    from rows_before where status = 'closed' group by 1, 2, 3, 4, 5
    on conflict (journal_id, month, symbol, signal_type, exit_reason) do update
      set positions = stats.positions + excluded.positions, wins = stats.wins + excluded.wins, net_pnl = stats.net_pnl + excluded.net_pnl;
  end if;
  return null;
end
$$;
create trigger positions_added after insert on positions referencing new table as rows_after for each statement execute function count_closed_positions();
create trigger positions_changed after update on positions referencing old table as rows_before new table as rows_after for each statement execute function count_closed_positions();

-- The row of the journal is locked by whoever writes for it, in the same transaction, and no journal is ever deleted: a look at it for
-- every single row adds nothing. Positions and payments keep theirs, by which orders and executions hang on a journal.
alter table orders drop constraint orders_journal_id_fkey;
alter table trades drop constraint trades_journal_id_fkey;
alter table audit_logs drop constraint audit_logs_journal_id_fkey;
create function refuse_journal_removal() returns trigger language plpgsql as $$
begin
  raise exception 'journals are never removed: % is refused', tg_op using errcode = 'insufficient_privilege';
end
$$;
create trigger journals_kept before delete or truncate on journals for each statement execute function refuse_journal_removal();
