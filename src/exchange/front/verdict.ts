/** A business answer of the venue. */
export interface Verdict {
  readonly code: number
  readonly text: string
}
