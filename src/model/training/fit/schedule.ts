const WARM_UP_STEPS = 200
const LAST_SHARE = 0.05

/** How long a training is. Fixed before its first step, so that the learning rate of every step is. */
export interface TrainingPlan {
  readonly epochs: number
  readonly stepsPerEpoch: number
}

/** Learning rate of a step: rises in a line over the first 200 steps or the first epoch, then falls along a cosine to a twentieth. @param step 1 for the first */
export function learningRate(step: number, peak: number, { epochs, stepsPerEpoch }: TrainingPlan): number {
  const warmUp = Math.min(WARM_UP_STEPS, stepsPerEpoch)
  if (step <= warmUp) return (peak * step) / warmUp
  const done = (step - warmUp) / Math.max(1, epochs * stepsPerEpoch - warmUp)
  return peak * (LAST_SHARE + (1 - LAST_SHARE) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done))))
}

/** Fewest epochs that a plan is cut to: the first ones of a network over time often show nothing. */
export const EPOCHS_MIN = 4

/**
 * The plan that fits a time: fewer epochs first, then shorter ones.
 * @param budgetSteps steps that there is time for; infinite without a limit
 */
export function fitPlan(wanted: TrainingPlan, budgetSteps: number): TrainingPlan {
  const { epochs, stepsPerEpoch } = wanted
  if (budgetSteps >= epochs * stepsPerEpoch) return wanted
  const least = Math.min(EPOCHS_MIN, epochs)
  if (budgetSteps >= least * stepsPerEpoch) return { epochs: Math.floor(budgetSteps / stepsPerEpoch), stepsPerEpoch }
  return { epochs: least, stepsPerEpoch: Math.max(1, Math.floor(budgetSteps / least)) }
}
