drop function market_data_upkeep(timestamptz, integer, integer);
drop function market_data_form();
drop table market_data_snapshots;
