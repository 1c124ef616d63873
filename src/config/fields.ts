import { z } from 'zod'
import { normaliseSymbol, REGIMES } from './symbols.ts'

export interface SettingNotes {
  /** Name from the original system; without it the name is RINGMASTER_ and the path. */
  readonly env?: string
  /** May change while the engine runs. */
  /** Never printed. */
  readonly secret?: boolean
  /** What is allowed, where the type alone does not say it. */
  readonly allowed?: string
}

/** Puts the meaning of a setting next to its type; the reference page and every error text come from here. */
export function setting<T extends z.ZodType>(type: T, meaning: string, notes: SettingNotes = {}): T {
  return type.meta({ description: meaning, ...notes })
}

export const whole = (min: number, max: number): z.ZodNumber => z.number().int().min(min).max(max)
export const between = (min: number, max: number): z.ZodNumber => z.number().min(min).max(max)
/** Above zero, up to `max`. */
export const positive = (max: number): z.ZodNumber => z.number().positive().max(max)
export const text = (): z.ZodString => z.string().min(1)
export const port = (): z.ZodNumber => whole(0, 65_535)

const PLAIN_DECIMAL = /^\d+(?:\.\d+)?$/

/** An exact amount: a number or a decimal text, kept as text and never rounded. */
export const amount = (options: { readonly zero: boolean }) =>
  z.union([z.string(), z.number()]).transform((value, context): string => {
    const written = String(value).trim()
    if (!PLAIN_DECIMAL.test(written) || (!options.zero && Number(written) === 0)) {
      context.addIssue({ code: 'custom', message: options.zero ? 'not a decimal amount' : 'not a decimal amount above zero' })
      return z.NEVER
    }
    return written
  })

export const pair = () =>
  z.string().transform((value, context): string => {
    const symbol = normaliseSymbol(value)
    if (symbol === null) {
      context.addIssue({ code: 'custom', message: 'not a USDT pair' })
      return z.NEVER
    }
    return symbol
  })

/** A table with a row for each symbol; its keys are brought to the engine's spelling before this looks at them. */
export const bySymbol = <T extends z.ZodType>(row: T) => z.record(z.string().regex(/^[A-Z0-9]{1,20}USDT$/), row)
export const byRegime = <T extends z.ZodType>(row: T) => z.partialRecord(z.enum(REGIMES), row)
