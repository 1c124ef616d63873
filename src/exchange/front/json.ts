/** Result of reading foreign text. */
export type Parsed = { readonly ok: true; readonly value: Readonly<Record<string, unknown>> } | { readonly ok: false; readonly reason: string }

export type Fields = Readonly<Record<string, unknown>>

/** Nesting that an honest request never reaches (a batch needs four). */
const DEPTH_MAX = 32

/** Parses a JSON object of limited nesting; never throws. */
export function parseObject(text: string): Parsed {
  if (nesting(text) > DEPTH_MAX) return { ok: false, reason: `nested deeper than ${DEPTH_MAX}` }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'not JSON' }
  }
  return isFields(value) ? { ok: true, value } : { ok: false, reason: 'not a JSON object' }
}

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The field itself, never something inherited. */
export const field = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined)

// Counted before JSON.parse sees the text: its recursion is the machine's stack, not ours.
function nesting(text: string): number {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (quoted) {
      if (c === 92) i++
      else if (c === 34) quoted = false
    } else if (c === 34) quoted = true
    else if (c === 123 || c === 91) {
      if (++depth > deepest) deepest = depth
    } else if (c === 125 || c === 93) depth--
  }
  return deepest
}
