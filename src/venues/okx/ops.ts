import type { LimitGroup } from './limits.ts'
import type { AnswerForm } from './rest.ts'

interface OpTerms {
  readonly path: string
  readonly group: LimitGroup
  readonly form: AnswerForm
  /** Enters or changes an order: the venue must not do that when it sees it late. */
  readonly entry: boolean
}

/** Order operations, by their names on the socket. */
export const OPS = {
  order: { path: '/api/v5/trade/order', group: 'place', form: 'order', entry: true },
  'batch-orders': { path: '/api/v5/trade/batch-orders', group: 'place-batch', form: 'batch', entry: true },
  'amend-order': { path: '/api/v5/trade/amend-order', group: 'amend', form: 'order', entry: true },
  'cancel-order': { path: '/api/v5/trade/cancel-order', group: 'cancel', form: 'order', entry: false },
  'batch-cancel-orders': { path: '/api/v5/trade/cancel-batch-orders', group: 'cancel-batch', form: 'batch', entry: false },
} as const satisfies Readonly<Record<string, OpTerms>>
export type TradeOp = keyof typeof OPS
