import { defineErrors } from './define.ts'

export const featureErrors = defineErrors({
  RM_INDICATOR_PERIOD: { action: 'halt', message: '{indicator}: a period of {period} bars is no whole number of at least {least}' },
  RM_INDICATOR_FACTOR: { action: 'halt', message: '{indicator}: {what} is {value}, allowed is {allowed}' },
  RM_INDICATOR_RANGE: { action: 'halt', message: '{indicator}: bars {from} to {to} are no range of whole places within columns of {bars} bars' },
  RM_FEATURE_WINDOW: { action: 'halt', message: 'window of {windowMs} ms in buckets of {bucketMs} ms for {fields} sums: a whole number of buckets and at least one sum are needed' },
  RM_SCALER: { action: 'halt', message: 'scaler cannot be used: {what} is {actual}, needed: {needed}' },
})
