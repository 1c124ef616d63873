import type { Capture } from './capture.ts'
import { type CaptureSurvey, surveyCaptures } from './survey.ts'

/** Lines in which a file that begins a book has shown its snapshot. */
const HEAD_LINES = 2000

interface Member {
  readonly capture: Capture
  readonly survey: CaptureSurvey
}

/**
 * Files that belong together, neighbours in the order given: answers of REST requests go with the stream of the same venue and
 * instruments beside them, parts of our own recordings follow each other, and a file whose books have no snapshot of their own continues the file before it.
 * @throws RM_CAPTURE_READ, RM_CAPTURE_LINE
 */
export async function groupCaptures(captures: readonly Capture[]): Promise<readonly (readonly Capture[])[]> {
  const groups: Member[][] = []
  for (const capture of captures) {
    const member = { capture, survey: await surveyCaptures([capture], HEAD_LINES) }
    const group = groups.at(-1)
    if (group !== undefined && belongs(member, group.at(-1)!)) group.push(member)
    else groups.push([member])
  }
  return groups.map((group) => [...group.filter(({ capture }) => capture.sniffed.answersOnly), ...group.filter(({ capture }) => !capture.sniffed.answersOnly)].map(({ capture }) => capture))
}

function belongs(member: Member, before: Member): boolean {
  const { venue, answersOnly } = member.capture.sniffed
  const last = before.capture.sniffed
  if (venue === null || venue !== last.venue) return false
  const { part } = member.capture.sniffed
  if (part > 0) return part === last.part + 1
  const streams = answersOnly ? before.survey : member.survey
  const books = [...streams.symbols.values()].filter((one) => one.bookMessages > 0)
  if (books.length === 0) return false
  if (answersOnly !== last.answersOnly) return books.some((one) => (answersOnly ? member.survey : before.survey).symbols.has(one.symbol))
  return !answersOnly && books.every((one) => one.snapshots === 0 && (before.survey.symbols.get(one.symbol)?.bookMessages ?? 0) > 0)
}
