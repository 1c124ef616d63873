import { defineErrors } from './define.ts'

export const exchangeErrors = defineErrors({
  RM_EXCHANGE_PRICE_RANGE: { action: 'reject', message: 'a book holds prices from 0 to {limit} ticks, not {ticks}' },
  RM_EXCHANGE_LOTS: { action: 'reject', message: 'a level shows whole lots from 0 on, not {lots} (at {ticks} ticks)' },
  RM_EXCHANGE_CONTRACT: { action: 'halt', message: 'contract {symbol}: {problem}' },
  RM_EXCHANGE_SYMBOL: { action: 'reject', message: 'the exchange does not list {symbol}' },
  RM_EXCHANGE_SETUP: { action: 'halt', message: 'exchange set-up: {what}' },
  RM_EXCHANGE_LEDGER_WRITE: { action: 'halt', message: 'ledger {path} cannot be written ({bytes} bytes): nothing is accepted any more' },
  RM_EXCHANGE_LEDGER_CORRUPT: { action: 'halt', message: 'ledger {path} is damaged at byte {offset} (line {line}), and not by a torn last batch: {problem}' },
  RM_EXCHANGE_LEDGER_FACT: { action: 'halt', message: 'ledger fact {fact} does not fit what came before it: {problem}' },
  RM_CONTROL_ORIGIN: { action: 'reject', message: 'the control page is not for browsers' },
  RM_CONTROL_ACTION: { action: 'reject', message: 'there is no control action {action}: GET /control lists them' },
  RM_CONTROL_BODY: { action: 'reject', message: 'the body of a control request is {problem}' },
  RM_CONTROL_FIELD: { action: 'reject', message: 'control field {name} must be {needed}' },
  RM_FAULT_RATE: { action: 'halt', message: 'rate of faults "{text}" is no kind=number with one of the kinds {kinds}' },
  RM_FAULT_PLAN: { action: 'reject', message: 'plan of faults, step {step}: {problem}' },
})
