import { fail } from '../../core/index.ts'
import { field, type Fields } from './json.ts'

/** A field of a control request: what it may be, and what it is when left out. */
export type FieldRule =
  | { readonly is: 'whole'; readonly min: number; readonly max: number; readonly otherwise: number | null }
  | { readonly is: 'one of'; readonly words: readonly string[]; readonly otherwise: string }
  | { readonly is: 'text'; readonly otherwise: string | null }
  | { readonly is: 'yes or no'; readonly otherwise: boolean }

const MS_MAX = 3_600_000
const TEXT_MAX = 200

/** Fields that are left out take `otherwise`; null there means that the field must be given (numbers: or stays open). */
export const whole = (min: number, max: number, otherwise: number | null): FieldRule => ({ is: 'whole', min, max, otherwise })
export const count: FieldRule = whole(0, MS_MAX, 1)
export const durationMs: FieldRule = whole(0, MS_MAX, null)
export const oneOf = (words: readonly string[], otherwise: string): FieldRule => ({ is: 'one of', words, otherwise })
export const text = (otherwise: string | null): FieldRule => ({ is: 'text', otherwise })
export const flag: FieldRule = { is: 'yes or no', otherwise: false }

export type Values = Readonly<Record<string, string | number | boolean | null>>

/**
 * Reads the fields that an action has.
 * @throws RM_CONTROL_FIELD for a field of the wrong kind, a needed one that is missing, or one that the action does not have.
 */
export function readFields(rules: Readonly<Record<string, FieldRule>>, fields: Fields, needed: ReadonlySet<string>): Values {
  for (const name of Object.keys(fields)) if (!Object.hasOwn(rules, name)) fail('RM_CONTROL_FIELD', { name: name.slice(0, 50), needed: `one of the fields of this action (${Object.keys(rules).join(', ') || 'none'})` })
  const values: Record<string, string | number | boolean | null> = {}
  for (const [name, rule] of Object.entries(rules)) {
    const given = field(fields, name)
    if (given === undefined) {
      if (needed.has(name)) fail('RM_CONTROL_FIELD', { name, needed: meaning(rule) })
      values[name] = rule.otherwise
    } else if (fits(rule, given)) values[name] = given
    else fail('RM_CONTROL_FIELD', { name, needed: meaning(rule) })
  }
  return values
}

/** What a field may be, in words. */
export function meaning(rule: FieldRule): string {
  if (rule.is === 'whole') return `a whole number from ${rule.min} to ${rule.max}`
  if (rule.is === 'one of') return `one of ${rule.words.join(', ')}`
  return rule.is === 'text' ? `text of at most ${TEXT_MAX} characters` : 'true or false'
}

function fits(rule: FieldRule, given: unknown): given is string | number | boolean {
  if (rule.is === 'whole') return typeof given === 'number' && Number.isSafeInteger(given) && given >= rule.min && given <= rule.max
  if (rule.is === 'one of') return typeof given === 'string' && rule.words.includes(given)
  if (rule.is === 'text') return typeof given === 'string' && given.length <= TEXT_MAX && !(rule.otherwise === null && given === '')
  return typeof given === 'boolean'
}
