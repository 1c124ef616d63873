drop table idempotency_cache;
drop type idempotency_state;
