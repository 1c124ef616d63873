import { EPOCHS_MIN } from './schedule.ts'

/** Cross-entropy on validation windows after each epoch, as far as stopping is concerned. */
export interface Progressed {
  readonly validationLoss: number
}

/** Index of the epoch with the least validation loss, −1 before the first. */
export function bestEpoch(history: readonly Progressed[]): number {
  return history.reduce((best, { validationLoss }, i) => (best < 0 || validationLoss < history[best]!.validationLoss ? i : best), -1)
}

/** Whether `patience` epochs in a row brought nothing better; never before the fourth. */
export const stopsEarly = (history: readonly Progressed[], patience: number): boolean => history.length >= EPOCHS_MIN && history.length - 1 - bestEpoch(history) >= patience
