import { type TrainingTable, UNKNOWN } from './training-table.ts'

/** Classes by index, as the logits stand: sell, hold, buy. */
export const classOf = (direction: number): number => direction + 1

/** Whether a window of `steps` rows that ends with this row lies in one stretch and has a known future. */
export const isWindow = (table: TrainingTable, row: number, steps: number): boolean => row - steps + 1 >= table.stretchStart[row]! && table.direction[row] !== UNKNOWN

/** Venue time of the first row of a window, ms: nothing older goes into it. */
export const windowFromMs = (table: TrainingTable, row: number, steps: number): number => table.timeMs[row - steps + 1]!

/** Latest time whose price the label of a window may depend on, ms. */
export const windowToMs = (table: TrainingTable, row: number): number => table.timeMs[row]! + table.horizonMs + table.toleranceMs

/** Every window of a table, by its last row, in the order of the table. */
export function allWindows(table: TrainingTable, steps: number): Int32Array {
  const rows: number[] = []
  for (let row = 0; row < table.rows; row++) if (isWindow(table, row, steps)) rows.push(row)
  return Int32Array.from(rows)
}

/** Every so manieth window. Neighbours share all rows but one and nearly all of their future: they say little new. */
export const thinned = (windows: Int32Array, stride: number): Int32Array => windows.filter((_, i) => i % stride === 0)

/** The rows that windows are made of, each once. */
export function rowsOf(windows: Int32Array, steps: number): Int32Array {
  const rows: number[] = []
  let next = 0
  for (const row of windows) {
    for (let one = Math.max(next, row - steps + 1); one <= row; one++) rows.push(one)
    next = row + 1
  }
  return Int32Array.from(rows)
}

/** Copies windows one after the other into `into`: [windows, steps, features]. */
export function gather(table: TrainingTable, windows: ArrayLike<number>, steps: number, into: Float32Array): void {
  const { features, values } = table
  const size = steps * features
  for (let i = 0; i < windows.length; i++) {
    const end = (windows[i]! + 1) * features
    into.set(values.subarray(end - size, end), i * size)
  }
}
