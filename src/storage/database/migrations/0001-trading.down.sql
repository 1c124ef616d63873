drop table position_stats, funding_payments, trades, orders cascade;
drop trigger positions_counted on positions;
drop function count_closed_position();
drop function add_position_stats(positions, integer);
drop table positions, journals;
drop type fill_kind, position_status, position_side, order_status, time_in_force, order_purpose, order_type, order_side, venue_name;
