import { entriesOf, type FeatureRow } from './feature-entry.ts'

const NEVER = 'cannot happen: prices and sizes of levels are positive'
const NONE = 'no division'
const NOW = 'the book now'
const TOUCH = 'a bid and an ask'
const FIVE = '5 levels a side'
const TEN = '10 levels a side'
const BOOK = 'definition'
const VWAP = 'volume-weighted average of resting prices, definition'
const RATED = '1 s of book'
const MOVES = '20 changes of the mid'
const S10 = '10 s, in steps of 0.1 s'
const S60 = '60 s, in steps of 1 s'
const L50 = 'best 50 levels'
const POSITIVE = '> 0'
const COUNTED = '≥ 0'
const BALANCE = '−1 … 1'

/** The order-book channel, in the order of the vector. */
const rows: readonly FeatureRow[] = [
  ['bid_ask_spread_abs', 'ask_1 − bid_1', 'quote', NOW, TOUCH, POSITIVE, NONE, BOOK],
  ['bid_ask_spread_rel', '(ask_1 − bid_1) / mid_price', 'fraction', NOW, TOUCH, '0 … 2', NEVER, BOOK],
  ['mid_price', '(bid_1 + ask_1) / 2', 'quote', NOW, TOUCH, POSITIVE, NONE, BOOK],
  ['micro_price', '(bid_1 · q_ask_1 + ask_1 · q_bid_1) / (q_bid_1 + q_ask_1)', 'quote', NOW, TOUCH, POSITIVE, NEVER, 'between bid_1 and ask_1; Gatheral and Oomen (2010); Stoikov (2018), weighted mid'],
  ['vwap_bid_5', 'Σ bid_i · q_i / Σ q_i, i = 1..5', 'quote', NOW, FIVE, POSITIVE, NEVER, VWAP],
  ['vwap_ask_5', 'Σ ask_i · q_i / Σ q_i, i = 1..5', 'quote', NOW, FIVE, POSITIVE, NEVER, VWAP],
  ['vwap_bid_10', 'Σ bid_i · q_i / Σ q_i, i = 1..10', 'quote', NOW, TEN, POSITIVE, NEVER, VWAP],
  ['vwap_ask_10', 'Σ ask_i · q_i / Σ q_i, i = 1..10', 'quote', NOW, TEN, POSITIVE, NEVER, VWAP],
  ['depth_bid_5', 'Σ q_bid_i, i = 1..5', 'base', NOW, FIVE, POSITIVE, NONE, BOOK],
  ['depth_ask_5', 'Σ q_ask_i, i = 1..5', 'base', NOW, FIVE, POSITIVE, NONE, BOOK],
  ['depth_bid_10', 'Σ q_bid_i, i = 1..10', 'base', NOW, TEN, POSITIVE, NONE, BOOK],
  ['depth_ask_10', 'Σ q_ask_i, i = 1..10', 'base', NOW, TEN, POSITIVE, NONE, BOOK],
  ['total_bid_volume', 'Σ q_bid over all levels held', 'base', NOW, TOUCH, POSITIVE, NONE, BOOK],
  ['total_ask_volume', 'Σ q_ask over all levels held', 'base', NOW, TOUCH, POSITIVE, NONE, BOOK],
  ['book_depth_ratio', 'total_bid_volume / total_ask_volume', 'ratio', NOW, TOUCH, POSITIVE, '0 when total_ask_volume is 0', BOOK],

  ['imbalance_5', '(depth_bid_5 − depth_ask_5) / (depth_bid_5 + depth_ask_5)', 'fraction', NOW, FIVE, BALANCE, NEVER, BOOK],
  ['imbalance_10', '(depth_bid_10 − depth_ask_10) / (depth_bid_10 + depth_ask_10)', 'fraction', NOW, TEN, BALANCE, NEVER, BOOK],
  ['imbalance_total', '(total_bid_volume − total_ask_volume) / (total_bid_volume + total_ask_volume)', 'fraction', NOW, TOUCH, BALANCE, NEVER, BOOK],
  ['price_pressure', 'Σ (q_bid_i / |mid − bid_i| − q_ask_i / |ask_i − mid|) over the sum of the same terms, i = 1..10', 'fraction', NOW, TEN, BALANCE, 'cannot happen: every level is at least half a tick from the mid', 'imbalance weighted by the inverse of the distance, definition'],
  ['volume_delta_5', 'depth_bid_5 − depth_ask_5, minus the same at the book record before', 'base', '2 book records', '2 book records with 5 levels a side', 'unbounded', NONE, BOOK],
  ['order_flow_imbalance', 'Σ e_n over the records of the window; e_n = q_bid_1 · [bid_1 ≥ bid_1₋₁] − q_bid_1₋₁ · [bid_1 ≤ bid_1₋₁] − q_ask_1 · [ask_1 ≤ ask_1₋₁] + q_ask_1₋₁ · [ask_1 ≥ ask_1₋₁]', 'base', S10, RATED, 'unbounded', NONE, 'Cont, Kukanov and Stoikov (2014)'],
  ['bid_intensity', 'size added to the best 10 bids per second', 'base per second', S10, RATED, COUNTED, 'divided by the time counted, at least 0.1 s', BOOK],
  ['ask_intensity', 'size added to the best 10 asks per second', 'base per second', S10, RATED, COUNTED, 'divided by the time counted, at least 0.1 s', BOOK],
  ['buy_sell_ratio', 'bought / (bought + sold), by aggressor', 'fraction', S60, 'a book record', '0 … 1', '0.5 when nothing was traded', BOOK],
  ['smart_money_index', '(bought − sold) / (bought + sold) of the large trades: at least 3 times the mean size of the 100 trades before, once there were 20', 'fraction', S60, 'a book record', BALANCE, '0 when there was no large trade', 'after the idea of the smart money index: who trades large'],

  ['largest_bid_cluster_price', 'price of the largest bid worth at least MIN_CLUSTER_VOLUME', 'quote', L50, TOUCH, POSITIVE, 'bid_1 when there is no cluster', BOOK],
  ['largest_bid_cluster_volume', 'its size', 'base', L50, TOUCH, COUNTED, '0 when there is no cluster', BOOK],
  ['largest_ask_cluster_price', 'price of the largest ask worth at least MIN_CLUSTER_VOLUME', 'quote', L50, TOUCH, POSITIVE, 'ask_1 when there is no cluster', BOOK],
  ['largest_ask_cluster_volume', 'its size', 'base', L50, TOUCH, COUNTED, '0 when there is no cluster', BOOK],
  ['num_bid_clusters', 'bids worth at least MIN_CLUSTER_VOLUME', 'count', L50, TOUCH, '0 … 50', NONE, BOOK],
  ['num_ask_clusters', 'asks worth at least MIN_CLUSTER_VOLUME', 'count', L50, TOUCH, '0 … 50', NONE, BOOK],
  ['support_level_1', 'size-weighted mean price of the 5 neighbouring bids with the largest joint size', 'quote', L50, FIVE, POSITIVE, NEVER, BOOK],
  ['resistance_level_1', 'size-weighted mean price of the 5 neighbouring asks with the largest joint size', 'quote', L50, FIVE, POSITIVE, NEVER, BOOK],
  ['distance_to_support', '(mid_price − support_level_1) / mid_price', 'fraction', L50, FIVE, '> 0', NEVER, BOOK],
  ['distance_to_resistance', '(resistance_level_1 − mid_price) / mid_price', 'fraction', L50, FIVE, '> 0', NEVER, BOOK],

  ['liquidity_bid_5', 'Σ bid_i · q_bid_i, i = 1..5', 'quote value', NOW, FIVE, POSITIVE, NONE, BOOK],
  ['liquidity_ask_5', 'Σ ask_i · q_ask_i, i = 1..5', 'quote value', NOW, FIVE, POSITIVE, NONE, BOOK],
  ['liquidity_asymmetry', '(liquidity_bid_5 − liquidity_ask_5) / (liquidity_bid_5 + liquidity_ask_5)', 'fraction', NOW, FIVE, BALANCE, NEVER, BOOK],
  ['effective_spread', 'size-weighted mean of 2 · sign · (price − mid) / mid of the trades; sign +1 for a buy', 'fraction', S60, TOUCH, 'unbounded', 'bid_ask_spread_rel when nothing was traded', 'Huang and Stoll (1996)'],
  ['kyle_lambda', 'least-squares slope of the change of the mid on net signed volume, second by second', 'quote per base', '60 whole seconds, renewed each second', '10 s of book', 'unbounded', '0 when the volume did not vary', 'Kyle (1985); estimated as in Hasbrouck (2009)'],
  ['amihud_illiquidity', 'mean of |ln(c / c₋₁)| / (typical · v) over candles with volume, times 10⁶', 'fraction per million quote', '20 closed candles', '21 closed candles', COUNTED, '0 when no candle had volume', 'Amihud (2002)'],
  ['roll_spread', '2 · √max(0, −cov(Δp_t, Δp_{t−1})) of trade prices', 'quote', '100 pairs of price changes', '10 pairs', COUNTED, NONE, 'Roll (1984)'],
  ['depth_imbalance_ratio', 'ln(depth_bid_10 / depth_ask_10)', 'log ratio', NOW, TEN, 'unbounded', NEVER, BOOK],

  ['level_ttl_avg', 'mean lifetime of levels that ended within the best 10', 'seconds', '100 ended levels', '10 ended levels', COUNTED, NONE, BOOK],
  ['level_ttl_std', 'population deviation of the same', 'seconds', '100 ended levels', '10 ended levels', COUNTED, NONE, BOOK],
  ['orderbook_volatility', 'population deviation of ln(mid / mid₋₁) between book records', 'fraction', '100 book records', MOVES, COUNTED, NONE, BOOK],
  ['update_frequency', 'book records per second', 'per second', S10, RATED, COUNTED, 'divided by the time counted, at least 0.1 s', BOOK],
  ['quote_intensity', 'changes of price or size at the best bid or ask per second', 'per second', S10, RATED, COUNTED, 'divided by the time counted, at least 0.1 s', BOOK],
  ['trade_arrival_rate', 'trades per second', 'per second', S60, 'a book record', COUNTED, 'divided by the time counted, at least 1 s', BOOK],
  ['spread_volatility', 'population deviation of bid_ask_spread_abs', 'quote', '100 book records', MOVES, COUNTED, NONE, BOOK],
]

export const ORDERBOOK_ENTRIES = entriesOf('orderbook', rows)
