drop table audit_chain, audit_logs;
drop function refuse_audit_change();
