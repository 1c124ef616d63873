import { z } from 'zod'
import { databaseSections } from './schema-database.ts'
import { detectionSections } from './schema-detection.ts'
import { gatewaySections } from './schema-gateway.ts'
import { marketSections } from './schema-market.ts'
import { resilienceSections } from './schema-resilience.ts'
import { strategySections } from './schema-strategies.ts'
import { systemSections } from './schema-system.ts'
import { tradingSections } from './schema-trading.ts'

/** The one schema of the configuration; unknown keys are errors on every level. */
export const configSchema = z.strictObject({ ...marketSections, ...tradingSections, ...strategySections, ...resilienceSections, ...detectionSections, ...systemSections, ...databaseSections, ...gatewaySections })

type DeepReadonly<T> = T extends readonly (infer E)[] ? readonly DeepReadonly<E>[] : T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

/**
 * The whole configuration, frozen. Keys are those of the YAML files, so that one name finds a setting everywhere.
 * Amounts of money are decimal text; units stand in the names.
 */
export type Config = DeepReadonly<z.output<typeof configSchema>>
export type ExitParameters = NonNullable<Config['exit']['by_regime']['choppy']>
