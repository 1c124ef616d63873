import { FEATURE_TABLE } from './table.ts'

/** Index of the first value that is not finite, or -1. */
export function firstNonFinite(values: Float64Array, at: number, count: number): number {
  for (let i = 0; i < count; i++) if (!Number.isFinite(values[at + i]!)) return i
  return -1
}

/** Names of the features that are not finite, in order, for the log. Allocates: only for vectors that are refused. */
export function offenders(values: Float64Array, at: number, count: number): readonly string[] {
  const names: string[] = []
  for (let i = 0; i < count; i++) if (!Number.isFinite(values[at + i]!)) names.push(FEATURE_TABLE[i]!.name)
  return names
}
