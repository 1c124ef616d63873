/** Writes docs/features.md from the feature table. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FEATURES_DOC, featuresDoc } from './features-doc.ts'

writeFileSync(join(import.meta.dirname, '../..', FEATURES_DOC), featuresDoc())
