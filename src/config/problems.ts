import { RingmasterError, type ErrorCode } from '../core/index.ts'

/** One thing that is wrong with the configuration, as a person needs it. */
export interface ConfigProblem {
  readonly code: ErrorCode
  readonly path: string
  /** What was found, printed; secrets masked. */
  readonly value: string
  readonly allowed: string
  /** File and line, environment name, or command-line option. */
  readonly from: string
}

/** Every problem of a configuration at once. Its code is that of the problems when they all have the same one. */
export class ConfigError extends RingmasterError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const codes = new Set(problems.map((problem) => problem.code))
    const list = problems.map((problem) => `\n  ${problemLine(problem)}`).join('')
    super(codes.size === 1 ? problems[0]!.code : 'RM_CONFIG_INVALID', { count: problems.length, list })
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** One line: path, value, what is allowed, where it came from. */
export function problemLine(problem: ConfigProblem): string {
  return `${problem.path}: ${problem.value}; allowed: ${problem.allowed} (${problem.from})`
}

const SHOWN_CHARS = 80

/** A value as it is shown in an error. */
export function shown(value: unknown, secret: boolean): string {
  if (value === undefined) return 'is missing'
  if (secret) return 'found ***'
  // Nothing but JSON values comes out of YAML and the environment, apart from numbers that JSON lacks.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return `found ${text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text}`
}

/** The nearest of the names, when it is near enough to be what was meant. */
export function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null
  let bestDistance = Math.max(2, Math.floor(name.length / 4)) + 1
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}
