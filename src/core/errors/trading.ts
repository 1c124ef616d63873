import { defineErrors } from './define.ts'

export const tradingErrors = defineErrors({
  RM_TRADING_SETTINGS: { action: 'halt', message: 'trading settings: {field} is {value}, {problem}' },
  RM_MACHINE_TABLE: { action: 'halt', message: 'transition table of {machine}: {problem}' },
  RM_CLIENT_ID: { action: 'halt', message: 'client order id cannot carry {part} = {value}: {problem}' },
  RM_REGISTRY_DUPLICATE: { action: 'halt', message: 'a machine with id {id} is registered already, in state {state}' },
  RM_EPOCH_FENCED: { action: 'halt', message: 'the journal is in epoch {journal} where this session is epoch {session}: another engine has taken over' },
  RM_ACCOUNT_MISMATCH: { action: 'halt', message: 'the journal belongs to account "{journal}", the settings name "{settings}"' },
  RM_INSTRUMENT_CHANGED: { action: 'halt', message: '{symbol} went from tick {tickBefore} lot {lotBefore} to tick {tickNow} lot {lotNow} with {lots} lots and {orders} live orders in the books' },
  RM_JOURNAL_OPEN: { action: 'halt', message: 'journal {path} cannot be opened: {reason}' },
  RM_JOURNAL_HEADER: { action: 'halt', message: 'journal {path}: {problem}' },
  RM_JOURNAL_CORRUPT: { action: 'halt', message: 'journal {path}: record {sequence} at byte {offset} is corrupt ({problem}) and whole records follow it; nothing was changed' },
  RM_JOURNAL_WRITE: { action: 'halt', message: 'journal {path}: record {sequence} was not written at byte {offset}: {reason}' },
  RM_JOURNAL_FENCED: { action: 'halt', message: 'journal {path} is {actual} bytes long where this writer left it at {expected}: another writer is at work' },
  RM_JOURNAL_CLOSED: { action: 'halt', message: 'journal {path} is closed' },
  RM_JOURNAL_FRAME: { action: 'reject', message: 'a record of {bytes} bytes does not fit in a frame of {limit}' },
  RM_JOURNAL_BACKLOG: { action: 'halt', message: '{waiting} records wait for a journal that cannot be written ({reason}); no more can be held' },
  RM_LEVERAGE_UNKNOWN: {
    action: 'halt',
    message: '{symbol} is not traded: its leverage is not known. Configured: {configured}; lever of the position at the venue: {lever}; leverage of it: {leverage}. The position as the venue sent it: {raw}. Set risk.leverage, or the leverage at the venue',
  },
  RM_LEVERAGE_NOT_TAKEN: { action: 'halt', message: '{symbol} is not traded: leverage {wanted} was to be set, the venue has {found} ({reason})' },
  RM_POSITION_MODE: { action: 'halt', message: '{symbol} is not traded: the account is in {found} mode where {wanted} is wanted ({reason}); switch it at the venue, or set order_executor.set_position_mode' },
  RM_ORDER_INSANE: { action: 'halt', message: 'order {clientId} of {symbol} was not sent: {problem}' },
  RM_LIMIT_VALUE: { action: 'reject', message: 'the limit is not changed: {problem}' },
  RM_RECONCILE_FAILED: { action: 'retry', message: 'reconciliation ({reason}) gave up after {tries} tries: {problem}' },
})
