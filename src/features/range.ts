import { fail } from '../core/index.ts'

/** Bounds of a feature as its table states them. */
export interface FeatureRange {
  readonly least: number
  readonly most: number
  /** Whether `least` itself is outside. */
  readonly above: boolean
}

const NUMBER = '(−?\\d+)'
const BETWEEN = new RegExp(`^${NUMBER} … ${NUMBER}$`)
const FROM = new RegExp(`^(>|≥) ${NUMBER}$`)
const numberOf = (text: string): number => Number(text.replace('−', '-'))

/** What the words of the range column say: `unbounded`, `> a`, `≥ a` or `a … b`. @throws RM_ASSERT for other words. */
export function rangeOf(words: string): FeatureRange {
  if (words === 'unbounded') return { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY, above: false }
  const between = BETWEEN.exec(words)
  if (between !== null) return { least: numberOf(between[1]!), most: numberOf(between[2]!), above: false }
  const from = FROM.exec(words)
  if (from !== null) return { least: numberOf(from[2]!), most: Number.POSITIVE_INFINITY, above: from[1] === '>' }
  return fail('RM_ASSERT', { what: 'a range that can be read', words })
}

/** Whether a value keeps its range; sums of shares may pass a bound of theirs by what they were rounded. */
export function inRange({ least, most, above }: FeatureRange, value: number): boolean {
  const slack = 1e-9
  return Number.isFinite(value) && (above ? value > least : value >= least - slack) && value <= most + slack
}
