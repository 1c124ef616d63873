drop view recovery_runs, hanging_orders, failed_operations, signal_effectiveness, exit_reasons, closed_positions, trace_events, entity_history, open_positions, active_orders;
