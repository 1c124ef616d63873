/**
 * Deterministic accidents: every shared step of the code under test goes through `Atomics`, so a hook before each
 * call stands for another thread that runs there, or for the death of this one.
 */
const OPERATIONS = ['load', 'store', 'add', 'exchange', 'compareExchange', 'notify', 'waitAsync'] as const

export class Death extends Error {}

/** Runs `body`; before its n-th atomic step (from 0) `before` is called. Steps of `before` itself are not seen. */
export function interleaved(before: (step: number) => void, body: () => void): number {
  const originals = OPERATIONS.map((name) => Atomics[name])
  let step = 0
  let inside = false
  OPERATIONS.forEach((name, i) => {
    const original = originals[i] as (...args: unknown[]) => unknown
    Object.assign(Atomics, {
      [name]: (...args: unknown[]) => {
        if (!inside) {
          inside = true
          try {
            before(step++)
          } finally {
            inside = false
          }
        }
        return original(...args)
      },
    })
  })
  try {
    body()
  } finally {
    OPERATIONS.forEach((name, i) => Object.assign(Atomics, { [name]: originals[i] }))
  }
  return step
}

/** Runs `body` and kills it before its n-th atomic step. @returns false when it ended before that. */
export function killedAt(n: number, body: () => void): boolean {
  try {
    interleaved((step) => {
      if (step === n) throw new Death()
    }, body)
    return false
  } catch (error) {
    if (error instanceof Death) return true
    throw error
  }
}
