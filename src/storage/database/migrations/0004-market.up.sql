-- What the market looked like, symbol by symbol, every few seconds. A hypertable where TimescaleDB is installed in this
-- database, else a table partitioned by day; `market_data_upkeep` makes and drops parts of either.
do $$
declare
  columns constant text := '
    at timestamptz not null,
    venue venue_name not null,
    symbol text not null,
    last_price double precision,
    mark_price double precision,
    index_price double precision,
    funding_rate double precision,
    open_interest double precision,
    volume_24h double precision,
    price_age_ms double precision,
    price_source text not null,
    book_valid boolean not null,
    book_integrity double precision,
    regime text,
    primary key (venue, symbol, at)';
begin
  if exists (select from pg_extension where extname = 'timescaledb') then
    execute 'create table market_data_snapshots (' || columns || ')';
    perform create_hypertable('market_data_snapshots', 'at', chunk_time_interval => interval '1 day');
  else
    execute 'create table market_data_snapshots (' || columns || ') partition by range (at)';
    create index market_data_snapshots_at on market_data_snapshots using brin (at);
  end if;
end
$$;

create function market_data_form() returns text language sql stable as $$
  select case relkind when 'p' then 'native partitions' else 'timescaledb' end from pg_class where oid = 'market_data_snapshots'::regclass
$$;

-- Makes the parts of today and the days ahead, and drops those that are older than the days kept. Says how many of each.
create function market_data_upkeep(now timestamptz, keep_days integer, ahead_days integer, out made integer, out dropped integer) language plpgsql as $$
declare
  today constant date := (now at time zone 'UTC')::date;
  part text;
  day date;
begin
  made := 0;
  dropped := 0;
  -- One keeps house at a time.
  perform pg_advisory_xact_lock(7466202);
  if market_data_form() = 'timescaledb' then
    execute 'select count(*) from drop_chunks(''market_data_snapshots'', older_than => $1)' into dropped using (today - keep_days)::timestamp at time zone 'UTC';
    return;
  end if;
  for offset_days in 0 .. ahead_days loop
    day := today + offset_days;
    part := 'market_data_snapshots_' || to_char(day, 'YYYYMMDD');
    if to_regclass(part) is null then
      execute format('create table %I partition of market_data_snapshots for values from (%L) to (%L)', part, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
      made := made + 1;
    end if;
  end loop;
  for part in
    select child.relname from pg_inherits join pg_class child on child.oid = inhrelid
    where inhparent = 'market_data_snapshots'::regclass and child.relname < 'market_data_snapshots_' || to_char(today - keep_days, 'YYYYMMDD')
  loop
    execute format('drop table %I', part);
    dropped := dropped + 1;
  end loop;
end
$$;
