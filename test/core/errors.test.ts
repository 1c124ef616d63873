import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'
import { type ErrorCode, type ErrorEntry, errorCatalogue, errorLabel, errorLine, fail, RingmasterError } from '../../src/core/index.ts'

const ROOT = join(import.meta.dirname, '../..')
const FOLDER = join(ROOT, 'src/core/errors')
const catalogue: Readonly<Record<string, ErrorEntry>> = errorCatalogue

/** Every exported table of the folder, whether or not the catalogue knows it. */
const tables: [file: string, table: Record<string, ErrorEntry>][] = []
for (const file of readdirSync(FOLDER)) {
  if (file === 'index.ts' || file === 'define.ts') continue
  const module = (await import(join(FOLDER, file))) as Record<string, Record<string, ErrorEntry>>
  for (const table of Object.values(module)) tables.push([file, table])
}

const places = (message: string): string[] => [...message.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)

interface Node {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

function* nodes(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* nodes(child)
}

interface Throw {
  readonly where: string
  readonly code: string
  readonly given: ReadonlySet<string>
}

/** Calls of `fail('RM_…', { … })` and `new RingmasterError(…)` whose details are written out, so that they can be checked. */
function throwsOf(file: string): Throw[] {
  const source = readFileSync(join(ROOT, file), 'utf8')
  if (!source.includes('RM_')) return []
  const found: Throw[] = []
  for (const node of nodes(parseSync(file, source).program as unknown as Node)) {
    const callee = node.callee as Node | undefined
    if (!(node.type === 'CallExpression' && callee?.name === 'fail') && !(node.type === 'NewExpression' && callee?.name === 'RingmasterError')) continue
    const [code, details] = node.arguments as Node[]
    if (code?.type !== 'Literal' || (details !== undefined && details.type !== 'ObjectExpression')) continue
    const properties = (details?.properties ?? []) as Node[]
    if (properties.some((property) => property.type !== 'Property' || property.computed === true)) continue
    const given = new Set(properties.map((property) => String((property.key as Node).name ?? (property.key as Node).value)))
    found.push({ where: `${file}:${source.slice(0, node.start).split('\n').length}`, code: String(code.value), given })
  }
  return found
}

describe('error catalogue', () => {
  test('holds every table of every room, no code twice', () => {
    const codes = tables.flatMap(([, table]) => Object.keys(table))
    expect(tables.length).toBeGreaterThanOrEqual(10)
    expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([])
    expect(new Set(Object.keys(catalogue))).toEqual(new Set(codes))
  })

  test.each(Object.keys(catalogue))('%s has a name, an action and a message that a person can use', (code) => {
    const { action, message } = catalogue[code]!
    expect(code).toMatch(/^RM_[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/)
    expect(['retry', 'resync', 'reject', 'resolve', 'halt']).toContain(action)
    expect(message.trim()).toBe(message)
    expect(message.length).toBeGreaterThan(5)
    expect(message).not.toMatch(/\.$|\n|undefined|TODO/)
    // Nothing in braces that filling would leave standing.
    expect(message.replaceAll(/\{[a-z][A-Za-z0-9]*\}/g, '')).not.toMatch(/[{}]/)
  })

  test('is given every detail that its messages name, wherever the source throws', () => {
    const thrown = globSync('{src,actors,workers}/**/*.{ts,tsx}', { cwd: ROOT }).flatMap(throwsOf)
    expect(thrown.length).toBeGreaterThan(20)
    const missing = thrown.flatMap(({ where, code, given }) => {
      const entry = catalogue[code]
      return entry === undefined ? [] : places(entry.message).filter((place) => !given.has(place)).map((place) => `${where} ${code} {${place}}`)
    })
    expect(missing).toEqual([])
  })

  test('fills its places, keeps code, action, details and cause, and says so in one line', () => {
    const cause = new Error('below')
    let caught: unknown
    try {
      fail('RM_RING_BATCH', { count: 9, slots: 8 }, cause)
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(RingmasterError)
    const error = caught as RingmasterError
    expect([error.code, error.action, error.details, error.cause]).toEqual(['RM_RING_BATCH', 'halt', { count: 9, slots: 8 }, cause])
    expect(error.message).toBe('RM_RING_BATCH: batch of 9 records does not fit in a ring of 8 slots')
    expect([errorLabel(error), errorLine(error)]).toEqual(['RM_RING_BATCH', error.message])
    expect([errorLabel(cause), errorLine(cause), errorLabel('text'), errorLine('text')]).toEqual(['Error', 'Error: below', 'string', 'text'])
  })

  test('shows an empty place as written instead of hiding it', () => {
    expect(new RingmasterError('RM_RING_BATCH' satisfies ErrorCode, { count: 9 }).message).toContain('{slots}')
  })
})
