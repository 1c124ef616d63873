import type { CommandOutcome } from '../trading-port.ts'
import { isObject } from '../common/json.ts'
import { readItem, type RestAnswer } from './rest.ts'

/** Without what only the adapter is told. */
const plain = (answer: Exclude<RestAnswer, { kind: 'ok' }>): CommandOutcome => (answer.kind === 'unsent' ? { kind: 'unsent', reason: answer.reason } : answer)

/** The outcome of a command with one order. */
export function outcomeOf(answer: RestAnswer): CommandOutcome {
  if (answer.kind !== 'ok') return plain(answer)
  const item = answer.data[0]
  const id = isObject(item) ? item['ordId'] || item['algoId'] : undefined
  return { kind: 'accepted', venueId: typeof id === 'string' ? id : '' }
}

/**
 * One outcome for each order of a batch. Items answer in the order of the request; one that names its id answers for
 * that id. An order that no item speaks of may have been taken.
 */
export function outcomesOf(answer: RestAnswer, ids: readonly string[], idField: 'clOrdId' | 'ordId' | 'algoId'): CommandOutcome[] {
  if (answer.kind !== 'ok') return ids.map(() => plain(answer))
  const named = new Map<unknown, unknown>()
  for (const item of answer.data) if (isObject(item) && item[idField] !== '') named.set(item[idField], item)
  return ids.map((id, i) => {
    const inPlace = answer.data[i]
    const item = named.get(id) ?? (isObject(inPlace) && (inPlace[idField] ?? '') === '' && answer.data.length === ids.length ? inPlace : undefined)
    return item === undefined ? { kind: 'unknown', reason: `${answer.data.length} items for ${ids.length} orders, none of them for ${id}` } : outcomeOf(readItem(item))
  })
}

const SEVERITY = { accepted: 0, refused: 1, unsent: 2, unknown: 3 } as const

/** The one of two that promises less. */
export const worse = (a: CommandOutcome, b: CommandOutcome): CommandOutcome => (SEVERITY[b.kind] > SEVERITY[a.kind] ? b : a)
/** An order that is gone already is as good as cancelled. */
export const asGone = (outcome: CommandOutcome): CommandOutcome => (outcome.kind === 'refused' && outcome.errorClass === 'not-found' ? { kind: 'accepted', venueId: '' } : outcome)
