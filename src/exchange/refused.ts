import type { Refusal } from './port.ts'

/** A command that changed nothing. */
export interface Refused {
  readonly ok: false
  readonly refusal: Refusal
  readonly text: string
}

export const refused = (refusal: Refusal, text: string): Refused => ({ ok: false, refusal, text })
