import { fail, limits } from '../../../core/index.ts'
import { isObject, type Json, show } from '../../common/json.ts'

/*
 * Fields of the venue's public frames and rows. All of them throw RM_VENUE_FRAME_FIELD for a value of another form.
 */

const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/
const PONG = 0x70

/** Whether a frame is the venue's answer to a ping, which is no JSON. */
export const isPong = (bytes: Uint8Array): boolean => bytes.length === 4 && bytes[0] === PONG

/** @throws RM_VENUE_FRAME_SIZE, RM_VENUE_FRAME_JSON. */
export function parseFrame(bytes: Uint8Array): Json {
  if (bytes.length > limits.frameBytesMax) fail('RM_VENUE_FRAME_SIZE', { bytes: bytes.length, limit: limits.frameBytesMax })
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
  } catch (error) {
    fail('RM_VENUE_FRAME_JSON', { bytes: bytes.length, problem: error instanceof Error ? error.message : String(error) }, error)
  }
  if (!isObject(parsed)) fail('RM_VENUE_FRAME_JSON', { bytes: bytes.length, problem: `it is ${show(parsed)}` })
  return parsed
}

export const optional = (value: unknown): string => (typeof value === 'string' ? value : '')

/** `data` as a list of objects. */
export function rowsOf(frame: Json, channel: string): readonly Json[] {
  const data = frame['data']
  if (!Array.isArray(data) || !data.every(isObject)) fail('RM_VENUE_FRAME_FIELD', { topic: channel, field: 'data', actual: show(data), expected: 'a list of objects' })
  return data as Json[]
}

/** @throws RM_VENUE_FRAME_COUNT when there is not exactly one row. */
export function only(data: readonly Json[], channel: string): Json {
  if (data.length !== 1) fail('RM_VENUE_FRAME_COUNT', { topic: channel, count: data.length, what: 'rows', limit: 1 })
  return data[0]!
}

export function text(value: unknown, field: string, topic: string): string {
  if (typeof value !== 'string' || value === '') fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'text' })
  return value
}

/** Decimal text to the nearest binary number; '' is NaN. */
export function decimal(value: unknown, field: string, topic: string): number {
  if (value === '') return Number.NaN
  if (typeof value !== 'string' || !DECIMAL.test(value)) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'decimal text' })
  return Number(value)
}

export function millis(value: unknown, field: string, topic: string): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(number)) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'milliseconds' })
  return number
}

export function whole(value: unknown, field: string, least: number, topic: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: `a whole number of at least ${least}` })
  return value
}
