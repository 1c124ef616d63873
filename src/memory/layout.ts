import { fail } from '../core/index.ts'

export type FieldType = 'f64' | 'f32' | 'i32' | 'u32'

export interface Field {
  readonly type: FieldType
  readonly count: number
  readonly unit: string
  /** A run of numbers, even if of one: its accessor answers an index. */
  readonly run?: true
}

/** One number of a record. */
export const field = (type: FieldType, unit: string): Field & { readonly count: 1 } => ({ type, unit, count: 1 })
/** A fixed run of numbers of a record. */
export const fields = (type: FieldType, count: number, unit: string): Field => ({ type, unit, count, run: true })

type Fields = Readonly<Record<string, Field>>

/**
 * A window on one record in a buffer. `at` moves it; scalar fields are properties that read and write the
 * record in place; a field of several numbers answers the index of its first element in `f64`, `f32`, `i32` or `u32`.
 * A view is a moving window, not a value: copy what must outlive the next `at`.
 */
export type View<F extends Fields> = {
  -readonly [K in keyof F]: number
} & ViewBase

export interface ViewBase {
  readonly f64: Float64Array
  readonly f32: Float32Array
  readonly i32: Int32Array
  readonly u32: Uint32Array
  /** Moves the window to the record that starts at this byte; returns itself. @throws RM_LAYOUT_PLACE off the grid of 8 bytes or past the end. */
  at(byteOffset: number): this
}

export interface Layout<F extends Fields = Fields> {
  readonly name: string
  readonly fields: F
  /** Bytes of one record, a multiple of 64 so that no two records share a cache line. */
  readonly byteLength: number
  /** Byte of each field from the start of the record. */
  readonly offsets: { readonly [K in keyof F]: number }
  /** A new window on `buffer`, at byte 0. @throws RM_LAYOUT_PLACE when no record fits. */
  view(buffer: ArrayBufferLike): View<F>
}

const BYTES: Record<FieldType, number> = { f64: 8, f32: 4, i32: 4, u32: 4 }
/** The window's own members; its private ones start with an underscore, which no field may. */
const RESERVED = new Set(['at', 'f64', 'f32', 'i32', 'u32', 'constructor'])

/**
 * Lays a table of fields out in memory: eight-byte fields first, then four-byte ones, in the order of the table.
 * The accessor class is generated as source text, so that every offset is a literal the compiler can fold.
 * @throws RM_LAYOUT_FIELD for a name that is no identifier or is taken, an unknown type, a count that is not positive,
 * or a table without fields.
 */
export function defineLayout<const F extends Fields>(name: string, table: F): Layout<F> {
  if (Object.keys(table).length === 0) fail('RM_LAYOUT_FIELD', { layout: name, field: '', problem: 'is missing: the table is empty' })
  for (const [key, spec] of Object.entries(table)) {
    if (!/^[a-z]\w*$/i.test(key) || RESERVED.has(key)) fail('RM_LAYOUT_FIELD', { layout: name, field: key, problem: 'is not a usable name' })
    if (!Object.hasOwn(BYTES, spec.type)) fail('RM_LAYOUT_FIELD', { layout: name, field: key, problem: `has unknown type ${spec.type}` })
    if (!(spec.count > 0) || !Number.isSafeInteger(spec.count)) fail('RM_LAYOUT_FIELD', { layout: name, field: key, problem: `has count ${spec.count}` })
  }
  const offsets: Record<string, number> = {}
  let byteLength = 0
  for (const size of [8, 4]) {
    for (const [key, spec] of Object.entries(table)) {
      if (BYTES[spec.type] !== size) continue
      offsets[key] = byteLength
      byteLength += size * spec.count
    }
  }
  byteLength = Math.ceil(byteLength / 64) * 64
  const refuse = (byteOffset: number, length: number): never => fail('RM_LAYOUT_PLACE', { layout: name, bytes: byteLength, byteOffset, length })
  const ViewClass = generate(table, offsets, byteLength)
  return {
    name,
    fields: table,
    byteLength,
    offsets: offsets as { [K in keyof F]: number },
    view: (buffer) => new ViewClass(buffer, refuse).at(0) as unknown as View<F>,
  }
}

type ViewClass = new (buffer: ArrayBufferLike, refuse: (byteOffset: number, length: number) => never) => ViewBase

function generate(table: Fields, offsets: Readonly<Record<string, number>>, byteLength: number): ViewClass {
  const members = Object.entries(table).map(([key, { type, run }]) => {
    const index = `(this._byte >>> ${type === 'f64' ? 3 : 2}) + ${offsets[key]! / BYTES[type]}`
    return run === true
      ? `get ${key}() { return ${index} }`
      : `get ${key}() { return this.${type}[${index}] }\n set ${key}(value) { this.${type}[${index}] = value }`
  })
  // Field names are checked above; nothing from outside the program reaches this text.
  return new Function(`return class View {
    constructor(buffer, refuse) {
      const whole = Math.floor(Math.min(buffer.byteLength, 2 ** 32) / 8) * 8
      this.f64 = new Float64Array(buffer, 0, whole / 8)
      this.f32 = new Float32Array(buffer, 0, whole / 4)
      this.i32 = new Int32Array(buffer, 0, whole / 4)
      this.u32 = new Uint32Array(buffer, 0, whole / 4)
      this._last = whole - ${byteLength}
      this._refuse = refuse
      this._byte = 0
    }
    at(byteOffset) {
      if (byteOffset % 8 !== 0 || !(byteOffset >= 0 && byteOffset <= this._last)) this._refuse(byteOffset, this._last + ${byteLength})
      this._byte = byteOffset
      return this
    }
    ${members.join('\n')}
  }`)() as ViewClass
}
