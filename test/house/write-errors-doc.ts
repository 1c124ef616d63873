/** Writes docs/errors.md from the catalogue. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERRORS_DOC, errorsDoc } from './errors-doc.ts'

writeFileSync(join(import.meta.dirname, '../..', ERRORS_DOC), await errorsDoc())
