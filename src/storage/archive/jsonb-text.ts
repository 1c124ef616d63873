import { money } from '../../core/index.ts'

/**
 * A value as PostgreSQL writes it back from a `jsonb` column: keys by length, then by bytes; numbers without an exponent. What
 * is hashed here is the text that stands in the database. NaN and infinities become null, as in JSON; fields that are undefined are left out.
 */
export function jsonbText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return stringText(value)
    case 'number':
      return numberText(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? `[${value.map((one) => jsonbText(one)).join(', ')}]` : objectText(value as Fields, shapeOf(value as Fields, whole))
    default:
      return 'null'
  }
}

/** An object without some of its fields, which are the same at every call with the same `without`. */
export const jsonbTextWithout = (value: object, without: Shapes): string => objectText(value as Fields, shapeOf(value as Fields, without))

/** Text that a database takes: without halves of surrogate pairs, and without the character 0. */
export function cleanText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\ufffd') : whole
}

/** Letters that stand in a JSON string as they are: most texts have no others. */
const PLAIN = /^[ !#-[\]-~]*$/

const stringText = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(cleanText(text)))

function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  if (!Number.isFinite(value)) return 'null'
  const text = String(value)
  return text.includes('e') ? money(text).toFixed() : text
}

type Fields = Readonly<Record<string, unknown>>

/** The order in which the fields of an object stand, and what stands before each. */
interface Shape {
  readonly names: readonly string[]
  readonly labels: readonly string[]
}

/** Where the names of an object lead, one after the other: a few dozen ways, at whose ends the sorted names are kept. */
interface Way {
  readonly name: string
  readonly next: Map<string, Way>
  /** The one that was taken last. */
  last: Way | null
  shape: Shape | null
}

/** Shapes of objects that leave out the same fields. Records come in a few dozen; sorting their keys each time costs more than everything else about them. */
export class Shapes {
  readonly without: ReadonlySet<string>
  start = way('')
  count = 0

  constructor(without: readonly string[] = []) {
    this.without = new Set(without)
  }
}

/** Of objects whose names are data, there may be any number. */
const WAYS_MAX = 20_000
const whole = new Shapes()

function way(name: string): Way {
  return { name, next: new Map(), last: null, shape: null }
}

function objectText(value: Fields, { names, labels }: Shape): string {
  let text = '{'
  for (let index = 0; index < names.length; index++) {
    const field = value[names[index]!]
    if (field === undefined) continue
    text += (text.length === 1 ? '' : ', ') + labels[index]! + jsonbText(field)
  }
  return `${text}}`
}

function shapeOf(value: Fields, shapes: Shapes): Shape {
  const names = Object.keys(value)
  let at = shapes.start
  for (const name of names) {
    let step = at.last
    if (step === null || step.name !== name) {
      step = at.next.get(name) ?? newStep(shapes, at, name)
      at.last = step
    }
    at = step
  }
  return (at.shape ??= sortedShape(names.filter((name) => !shapes.without.has(name))))
}

function newStep(shapes: Shapes, at: Way, name: string): Way {
  // What is being walked stays whole; the next object begins anew.
  if (++shapes.count > WAYS_MAX) {
    shapes.start = way('')
    shapes.count = 0
  }
  const step = way(name)
  at.next.set(name, step)
  return step
}

function sortedShape(names: readonly string[]): Shape {
  const fields = names.map((name) => ({ name, clean: cleanText(name) })).sort((a, b) => compareKeys(a.clean, b.clean))
  // Of a key that stands twice, as two may after cleaning, the last one counts.
  const kept = fields.filter(({ clean }, index) => fields[index + 1]?.clean !== clean)
  return { names: kept.map(({ name }) => name), labels: kept.map(({ clean }) => `${JSON.stringify(clean)}: `) }
}

function compareKeys(a: string, b: string): number {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length - right.length || left.compare(right)
}
