import { defineErrors } from './define.ts'

export const coreErrors = defineErrors({
  RM_ASSERT: { action: 'halt', message: 'invariant broken: {what}' },
  RM_DECIMAL_SYNTAX: { action: 'reject', message: '{what} "{text}" is not a plain decimal number' },
  RM_DECIMAL_STEP: { action: 'reject', message: '{what} "{text}" is not a multiple of {step}' },
  RM_DECIMAL_RANGE: { action: 'reject', message: '{what} "{text}" does not fit in {limit} steps of {step}' },
  RM_VIRTUAL_TIME_PAST: { action: 'halt', message: 'virtual time cannot go from {nowNs} back to {thenNs}' },
})
