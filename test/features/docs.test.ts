import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FEATURE_TABLE } from '../../src/features/index.ts'
import { FEATURES_DOC, featuresDoc } from '../house/features-doc.ts'

it('the page of the features is what the table says (otherwise: make docs)', () => {
  const page = readFileSync(join(import.meta.dirname, '../..', FEATURES_DOC), 'utf8')
  expect(page).toBe(featuresDoc())
  for (const [place, { name }] of FEATURE_TABLE.entries()) expect(page).toContain(`| ${place} | \`${name}\` |`)
})
