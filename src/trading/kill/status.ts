import type { KillCode, KillWay } from './records.ts'

/** The kill switch as others see it: plain, crosses threads and processes. */
export interface KillStatus {
  readonly engaged: {
    readonly id: string
    readonly by: KillWay
    readonly code: KillCode
    readonly reason: string
    readonly flatten: boolean
    readonly values: Readonly<Record<string, string>>
    readonly sinceMs: number
  } | null
  /** Loss of the day, quote currency, and percent below the peak; null while they cannot be told. */
  readonly dayLoss: number | null
  readonly drawdownPercent: number | null
  /** The last request to release it, and why it was refused; '' when it was not. */
  readonly answer: { readonly request: string; readonly problem: string } | null
}
