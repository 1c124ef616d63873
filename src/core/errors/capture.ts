import { defineErrors } from './define.ts'

export const captureErrors = defineErrors({
  RM_CAPTURE_READ: { action: 'reject', message: 'capture {file} cannot be read after line {line}' },
  RM_CAPTURE_FORMAT: { action: 'reject', message: 'capture {file} is in no known format: {problem}' },
  RM_CAPTURE_LINE: { action: 'reject', message: 'capture {file} line {line}: {problem}' },
  RM_CAPTURE_GRID: { action: 'reject', message: 'capture {file} line {line}: {what} "{text}" is not a multiple of {step}' },
  RM_CAPTURE_GAP: { action: 'reject', message: 'capture {file} line {line}: update chain of {symbol} broken, expected {expected} and got {actual}' },
  RM_CAPTURE_SNAPSHOT: { action: 'reject', message: 'capture {file} holds no snapshot to build a book from ({events} events)' },
  RM_CAPTURE_SYMBOL: { action: 'reject', message: 'capture {file} has no book of {symbol}; it has {present}' },
  RM_CAPTURE_UNIT: { action: 'reject', message: 'sizes of {symbol} in {file} are contracts of unknown value: give the recorded instruments of the venue beside it' },
  RM_CAPTURE_TORN: { action: 'reject', message: 'recording {file} ends inside line {line} ({bytes} bytes): the recorder was cut off there, everything before is whole' },
  RM_CAPTURE_WRITE: { action: 'halt', message: 'recording {file} cannot be written: {problem}' },
})
