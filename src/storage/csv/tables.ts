/** Columns of the three tables, after the id. Amounts are exact decimal text in the quote currency; times are UTC. */
export const csvTables = {
  orders: [
    'time', 'venue', 'event', 'symbol', 'order_id', 'client_id', 'purpose', 'side', 'type', 'time_in_force', 'reduce_only', 'price', 'size', 'filled', 'state', 'state_before', 'execution_id', 'fill_time', 'fill_price', 'fill_size',
    'fee', 'fee_coin', 'realised', 'maker', 'fill_kind', 'position_before', 'position_after', 'note', 'reason', 'trace_id', 'correlation_id',
  ],
  trades: [
    'time', 'venue', 'event', 'position_id', 'symbol', 'side', 'opened', 'held_s', 'entry_size', 'entry_price', 'exit_price', 'size_before', 'size_after', 'close_size', 'close_price', 'close_kind', 'close_realised', 'close_fee', 'execution_id', 'client_id',
    'gross_pnl', 'fees', 'funding', 'net_pnl', 'other_fees', 'closes', 'exit_reason', 'plan', 'trace_id', 'correlation_id',
  ],
  positions_open: [
    'time', 'venue', 'event', 'position_id', 'symbol', 'side', 'state', 'size_before', 'size', 'entry_price', 'take_profit', 'stop_loss', 'gross_pnl', 'fees', 'funding', 'net_pnl', 'opened', 'reason', 'trace_id', 'correlation_id',
  ],
} as const

export type CsvTable = keyof typeof csvTables
export type Cells<T extends CsvTable> = Readonly<Partial<Record<(typeof csvTables)[T][number], string>>>

/** Values of a row in the order of its columns; what is not given is empty. Line breaks become spaces: a row is one line. */
export const cellsOf = <T extends CsvTable>(table: T, cells: Cells<T>): string[] =>
  csvTables[table].map((column) => ((cells as Readonly<Record<string, string | undefined>>)[column] ?? '').replace(/[\r\n]+/g, ' '))
