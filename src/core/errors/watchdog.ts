import { defineErrors } from './define.ts'

export const watchdogErrors = defineErrors({
  RM_WATCHDOG_SETTINGS: { action: 'halt', message: 'the watchdog cannot start: {problem}' },
  RM_WATCHDOG_REQUEST: { action: 'retry', message: 'watchdog: {method} {path} got no answer: {reason}' },
  RM_WATCHDOG_REFUSED: { action: 'retry', message: 'watchdog: {method} {path} was refused: {code} {text}' },
  RM_WATCHDOG_ANSWER: { action: 'retry', message: 'watchdog: {method} {path} answered without {what}' },
})
