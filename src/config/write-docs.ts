import { writeFileSync } from 'node:fs'
import { renderConfigPage } from './docs.ts'

writeFileSync(new URL('../../docs/configuration.md', import.meta.url), renderConfigPage())
