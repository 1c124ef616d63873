import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hunt } from './hunt.ts'
import { mutants } from './mutants.ts'

const ROOT = join(import.meta.dirname, '../..')
const TIMEOUT_MS = 300_000
/** Found by the first seeds: the way from a planted bug to a violation is looked at in every run of the tests. */
const QUICK = ['exits are not reduce-only', 'wrong sign at reconciliation', 'the epoch is forgotten in client ids', 'entries while it stops', 'the dead-man switch is armed once and not again']

describe('planted bugs', () => {
  it.each(mutants.flatMap(({ name, edits }) => edits.map((edit) => [name, edit] as const)))('can still be planted: %s', (_name, { file, find, put }) => {
    expect(readFileSync(join(ROOT, file), 'utf8').split(find)).toHaveLength(2)
    expect(put).not.toBe(find)
  })

  it('have names of their own', () => {
    expect(new Set(mutants.map((one) => one.name)).size).toBe(mutants.length)
  })

  it.each(QUICK)('are found by the simulation: %s (all of them: node test/simulation/hunt-mutants.ts)', { timeout: TIMEOUT_MS }, async (name) => {
    const found = await hunt(mutants.find((one) => one.name === name)!, 20, 2)
    expect(found.seed, found.how).not.toBeNull()
  })
})
