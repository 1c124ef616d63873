import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What the watchdog did, one JSON object a line, never rewritten. */
export interface GuardLine {
  readonly at: string
  readonly run: string
  readonly pid: number
  readonly event: 'started' | 'silent' | 'cancelled' | 'closing' | 'bare' | 'failed' | 'done' | 'engine-back' | 'superseded' | 'gave-up' | 'ended' | 'reported'
  readonly text: string
}

export class GuardJournal {
  readonly #path: string
  readonly #run: string

  constructor(path: string, run: string) {
    this.#path = path
    this.#run = run
    mkdirSync(dirname(path), { recursive: true })
  }

  /** A line that cannot be written is no reason to leave an order alive. */
  write(event: GuardLine['event'], text: string): void {
    const line: GuardLine = { at: new Date().toISOString(), run: this.#run, pid: process.pid, event, text }
    try {
      appendFileSync(this.#path, `${JSON.stringify(line)}\n`)
    } catch {
      // Nobody is left to be told.
    }
  }
}

/** Events that a person should hear of at the next start. */
const TOLD: ReadonlySet<string> = new Set(['silent', 'cancelled', 'closing', 'bare', 'failed', 'done', 'gave-up'])

/** What was done since it was last reported, oldest first. A line that is no whole one, as after a crash, is left out. */
export function unreportedLines(path: string): readonly GuardLine[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  let found: GuardLine[] = []
  for (const line of text.split('\n')) {
    try {
      const one = JSON.parse(line) as GuardLine
      if (one.event === 'reported') found = []
      else if (TOLD.has(one.event)) found.push(one)
    } catch {
      continue
    }
  }
  return found
}
