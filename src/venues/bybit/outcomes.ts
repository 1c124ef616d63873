import { isObject } from '../common/json.ts'
import type { CommandOutcome } from '../trading-port.ts'
import { type RestAnswer, verdictOf } from './rest.ts'

/** Without what only the adapter is told. */
const plain = (answer: Exclude<RestAnswer, { kind: 'ok' }>): CommandOutcome => (answer.kind === 'unsent' ? { kind: 'unsent', reason: answer.reason } : answer)

/** The answer to one command in the port's words. */
export function outcomeOf(answer: RestAnswer): CommandOutcome {
  if (answer.kind !== 'ok') return plain(answer)
  const venueId = answer.result['orderId']
  return { kind: 'accepted', venueId: typeof venueId === 'string' ? venueId : '' }
}

/**
 * The answer to a batch, one outcome per request: `result.list` and `retExtInfo.list` go by the order of the
 * requests. The envelope says 0 even when every order failed, so an item without a verdict of its own is unknown.
 */
export function batchOutcomes(answer: RestAnswer, clientIds: readonly string[]): readonly CommandOutcome[] {
  if (answer.kind !== 'ok') return clientIds.map(() => plain(answer))
  const list = answer.result['list']
  const rows: readonly unknown[] = Array.isArray(list) ? (list as unknown[]) : []
  return clientIds.map((clientId, i) => {
    const verdict = answer.items[i]
    const row = rows[i]
    const code = isObject(verdict) ? verdict['code'] : undefined
    if (rows.length !== clientIds.length || answer.items.length !== clientIds.length || !isObject(row) || !isObject(verdict) || typeof code !== 'number') {
      return { kind: 'unknown', reason: `batch of ${clientIds.length} answered with ${rows.length} rows and ${answer.items.length} verdicts, none to be trusted for ${clientId}` }
    }
    const named = row['orderLinkId']
    // A row that names another order would book its verdict on the wrong one.
    if (typeof named === 'string' && named !== '' && named !== clientId) return { kind: 'unknown', reason: `row ${i} of the batch names ${named}, ${clientId} was asked` }
    if (code !== 0) return verdictOf(code, typeof verdict['msg'] === 'string' ? verdict['msg'] : '')
    const venueId = row['orderId']
    return { kind: 'accepted', venueId: typeof venueId === 'string' ? venueId : '' }
  })
}
