import { defineErrors } from './define.ts'

export const trainingErrors = defineErrors({
  RM_TRAIN_GRAPH: { action: 'halt', message: 'the training graph is broken: {what} does not hold' },
  RM_TRAIN_SETTINGS: { action: 'reject', message: 'this cannot be trained: {what} is {actual}, needed: {needed}' },
  RM_TRAIN_DATA: { action: 'reject', message: '{folder} cannot be trained on: {problem}' },
  RM_TRAIN_LEAK: { action: 'halt', message: 'fold {fold}: {what} at {actualMs} reaches into {other}, which begins at {limitMs}' },
  RM_TRAIN_DIVERGED: { action: 'reject', message: '{run}: the loss is {loss} at step {step}: lower the learning rate (train.learning_rate)' },
  RM_TRAIN_CHECKPOINT: { action: 'reject', message: 'checkpoint {file} cannot be used: {problem}' },
  RM_TRAIN_LOCKED: { action: 'retry', message: 'process {pid} trains with the same data and settings in {folder}: wait for it, or change something' },
  RM_TRAIN_FOLD: { action: 'reject', message: 'a fold could not be trained: {problem}' },
})
