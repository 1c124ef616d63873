-- One row for every record of a journal, in the order in which they were archived. Each carries the hash of its own text
-- and of the hash before it, so that a row that was altered, left out or slipped in shows.
create table audit_logs (
  number bigint primary key check (number > 0),
  journal_id integer not null references journals,
  sequence bigint not null,
  at timestamptz not null,
  actor text not null,
  action text not null,
  entity_type text not null,
  entity_id text not null,
  symbol text,
  trace_id text,
  correlation_id text,
  why text not null,
  old_value jsonb,
  new_value jsonb,
  parameters jsonb not null,
  signal jsonb,
  indicators jsonb,
  market jsonb,
  success boolean not null,
  error text,
  previous_hash bytea not null,
  hash bytea not null check (octet_length(hash) = 32),
  unique (sequence, journal_id)
);
create index audit_logs_entity on audit_logs (entity_type, entity_id, number);
create index audit_logs_trace on audit_logs (trace_id, number) where trace_id is not null;
create index audit_logs_failed on audit_logs (at) where not success;
create index audit_logs_hanging on audit_logs (at) where action in ('order-hanging', 'hanging-resolved');
create index audit_logs_recovery on audit_logs (at) where action = 'reconciled';

-- The end of the chain. Whoever appends locks it first: rows that were cut off at the end are missed here.
create table audit_chain (
  only_row boolean primary key default true check (only_row),
  last_number bigint not null,
  last_hash bytea not null,
  version bigint not null
);
insert into audit_chain (last_number, last_hash, version) values (0, decode(repeat('00', 32), 'hex'), 1);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit_logs is append-only: % is refused', tg_op using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_logs_append_only before update or delete or truncate on audit_logs for each statement execute function refuse_audit_change();
-- The owner's own rights, too: the trigger alone could be met by a cascade.
do $$ begin execute format('revoke update, delete, truncate on audit_logs from public, %I', current_user); end $$;
