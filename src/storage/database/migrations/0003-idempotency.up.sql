-- What was asked for under a key, and what came of it: the same key again gets the same answer instead of a second deed.
create type idempotency_state as enum ('claimed', 'done');
create table idempotency_cache (
  scope text not null,
  key text not null,
  state idempotency_state not null,
  result jsonb,
  claimed_at timestamptz not null,
  expires_at timestamptz not null,
  version bigint not null check (version > 0),
  primary key (scope, key)
);
create index idempotency_cache_expiry on idempotency_cache (expires_at);
