import { money } from '../../core/index.ts'

/**
 * A value as PostgreSQL writes it back from a `jsonb` column: keys by length, then by bytes; numbers without an exponent. What
 * is hashed here is the text that stands in the database. NaN and infinities become null, as in JSON; fields that are undefined are left out.
 */
export function jsonbText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(cleanText(value))
    case 'number':
      return numberText(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? `[${value.map((one) => jsonbText(one)).join(', ')}]` : objectText(value as Readonly<Record<string, unknown>>)
    default:
      return 'null'
  }
}

/** Text that a database takes: without halves of surrogate pairs, and without the character 0. */
export function cleanText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\ufffd') : whole
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return 'null'
  if (value === 0) return '0'
  const text = String(value)
  return text.includes('e') ? money(text).toFixed() : text
}

/** The order in which the fields of an object stand, and what stands before each. */
interface Shape {
  /** Of the object, those that fell away included. */
  readonly keys: number
  readonly names: readonly string[]
  readonly labels: readonly string[]
}

/** Records come in a few dozen shapes; sorting their keys each time costs more than everything else about them. */
const SHAPES_MAX = 2048
const shapes = new Map<string, Shape>()

function objectText(value: Readonly<Record<string, unknown>>): string {
  const { names, labels } = shapeOf(Object.keys(value))
  let text = '{'
  for (let index = 0; index < names.length; index++) {
    const field = value[names[index]!]
    if (field === undefined) continue
    text += (text.length === 1 ? '' : ', ') + labels[index]! + jsonbText(field)
  }
  return `${text}}`
}

function shapeOf(names: readonly string[]): Shape {
  const key = names.join('\n')
  let shape = shapes.get(key)
  // One key with a line break in it looks like two.
  if (shape === undefined || shape.keys !== names.length) {
    const fields = names.map((name) => ({ name, clean: cleanText(name) })).sort((a, b) => compareKeys(a.clean, b.clean))
    // Of a key that stands twice, as two may after cleaning, the last one counts.
    const kept = fields.filter(({ clean }, index) => fields[index + 1]?.clean !== clean)
    shape = { keys: names.length, names: kept.map(({ name }) => name), labels: kept.map(({ clean }) => `${JSON.stringify(clean)}: `) }
    if (names.every((name) => !name.includes('\n'))) {
      if (shapes.size === SHAPES_MAX) shapes.clear()
      shapes.set(key, shape)
    }
  }
  return shape
}

function compareKeys(a: string, b: string): number {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length - right.length || left.compare(right)
}
