drop trigger journals_kept on journals;
drop function refuse_journal_removal();
alter table orders add constraint orders_journal_id_fkey foreign key (journal_id) references journals;
alter table trades add constraint trades_journal_id_fkey foreign key (journal_id) references journals;
alter table audit_logs add constraint audit_logs_journal_id_fkey foreign key (journal_id) references journals;

drop trigger positions_added on positions;
drop trigger positions_changed on positions;
drop function count_closed_positions();

create function add_position_stats(closed positions, times integer) returns void language sql as $$
  insert into position_stats (journal_id, month, symbol, signal_type, exit_reason, positions, wins, net_pnl)
  values (closed.journal_id, date_trunc('month', closed.closed_at at time zone 'UTC')::date, closed.symbol, closed.signal_type, closed.exit_reason,
          times, case when closed.net_pnl > 0 then times else 0 end, closed.net_pnl * times)
  on conflict (journal_id, month, symbol, signal_type, exit_reason) do update
    set positions = position_stats.positions + excluded.positions,
        wins = position_stats.wins + excluded.wins,
        net_pnl = position_stats.net_pnl + excluded.net_pnl
$$;

create function count_closed_position() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    if old.status = 'closed' then perform add_position_stats(old, -1); end if;
  end if;
  if new.status = 'closed' then perform add_position_stats(new, 1); end if;
  return null;
end
$$;

create trigger positions_counted after insert or update on positions for each row execute function count_closed_position();
