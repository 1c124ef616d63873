import { defineErrors } from './define.ts'

export const datasetErrors = defineErrors({
  RM_DATASET_NPY: { action: 'reject', message: '{file} cannot be read as a table of numbers: {problem}' },
  RM_DATASET_FILE: { action: 'reject', message: '{file} of the data set cannot be used: {problem}' },
  RM_DATASET_SAMPLE: { action: 'reject', message: 'sample of {symbol} at {timestampMs} is not collected: {problem}' },
  RM_DATASET_LABELS: { action: 'reject', message: 'samples cannot be labelled: {what} is {actual}, needed: {needed}' },
  RM_DATASET_LOCKED: { action: 'reject', message: '{folder} is written by process {pid} already: wait for it, stop it, or give another folder (collect.dir)' },
  RM_DATASET_EMPTY: { action: 'reject', message: '{folder} holds no data set: {problem}' },
})
