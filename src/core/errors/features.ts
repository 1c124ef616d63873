import { defineErrors } from './define.ts'

export const featureErrors = defineErrors({
  RM_INDICATOR_PERIOD: { action: 'halt', message: '{indicator}: a period of {period} bars is no whole number of at least {least}' },
})
