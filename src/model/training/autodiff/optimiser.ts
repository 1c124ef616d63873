import type { Emitter, Value } from './emitter.ts'

export interface OptimiserOptions {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Share of a parameter that is taken off it at each step, times the learning rate. */
  readonly weightDecay: number
  /** Longest gradient, by the norm over all parameters; longer ones are scaled down to it. */
  readonly clipNorm: number
}

export const optimiserDefaults: OptimiserOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-2, clipNorm: 1 }

/** What the optimiser keeps from step to step, each one flat vector over all parameters. */
export interface OptimiserState {
  readonly theta: Value
  readonly momentum: Value
  readonly variance: Value
}

/** Length of the vector that `optimiserRates` makes. */
export const RATES = 3

/** What changes with the steps. @param rate learning rate @param step 1 for the first */
export const optimiserRates = (rate: number, step: number, { beta1, beta2 }: OptimiserOptions): readonly number[] => [rate, 1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)]

/**
 * One step of AdamW (Loshchilov and Hutter 2019) with clipping by the global norm.
 * @param rates [RATES], see `optimiserRates` @returns the next state, and the norm of the gradient before it was clipped
 */
export function adamW(emit: Emitter, { theta, momentum, variance }: OptimiserState, gradient: Value, rates: Value, options: OptimiserOptions): OptimiserState & { readonly norm: Value } {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = options
  const [rate, momentumScale, varianceScale] = emit.split(rates, [1, 1, 1], 0) as readonly [Value, Value, Value]
  const norm = emit.emit('ReduceL2', [gradient], [1], { keepdims: 1 })
  const shorter = emit.emit('Min', [emit.divide(emit.scalar(clipNorm), emit.add(norm, emit.scalar(1e-6))), emit.scalar(1)], [1])
  const clipped = emit.multiply(gradient, shorter)
  const blend = (old: Value, fresh: Value, beta: number): Value => emit.add(emit.multiply(old, emit.scalar(beta)), emit.multiply(fresh, emit.scalar(1 - beta)))
  const nextMomentum = blend(momentum, clipped, beta1)
  const nextVariance = blend(variance, emit.multiply(clipped, clipped), beta2)
  const spread = emit.add(emit.each('Sqrt', emit.multiply(nextVariance, varianceScale)), emit.scalar(epsilon))
  const direction = emit.add(emit.divide(emit.multiply(nextMomentum, momentumScale), spread), emit.multiply(theta, emit.scalar(weightDecay)))
  return { theta: emit.subtract(theta, emit.multiply(rate, direction)), momentum: nextMomentum, variance: nextVariance, norm }
}
