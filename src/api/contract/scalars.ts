import { z } from 'zod'

/** Decimal text, such as "0.10" or "-12.5": money, prices and sizes keep every digit on the way. */
export const decimal = z.string().regex(/^-?\d+(?:\.\d+)?$/)
/** ms since 1970, our clock unless a name says otherwise. */
export const timeMs = z.number()
export const symbolName = z.string().regex(/^[A-Z0-9]{1,20}USDT$/)
/** A share, 0 to 1. */
export const share = z.number()
/** Reason that a person gives; it goes into the audit trail. */
export const why = z.string().trim().min(1).max(300)
export const side = z.enum(['buy', 'sell'])
export const direction = z.enum(['long', 'short'])
export const strategyName = z.enum(['imbalance', 'momentum', 'sar_wave', 'super_trend', 'volume_profile'])

/** `?cursor=` of the page before; absent: the first page. `limit` rows at most. */
export const pageQuery = { cursor: z.string().regex(/^[\w-]{1,64}$/).optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }

/** A page: `total` rows fit the filters, `next` is the cursor of the page behind this one, null at the end. */
export const page = <T extends z.ZodType>(row: T) => z.object({ items: z.array(row), total: z.number().int(), next: z.string().nullable() })

/** What became of a command: the engine has been told; what follows shows in the state. */
export const accepted = z.object({ accepted: z.literal(true) })
