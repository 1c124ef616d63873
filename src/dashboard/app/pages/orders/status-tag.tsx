import type { ReactNode } from 'react'
import type { OrderRow } from '../../../../api/contract/index.ts'

const TEXTS: Readonly<Record<OrderRow['status'], string>> = {
  pending: 'pending',
  placed: 'placed',
  partially_filled: 'partly filled',
  filled: 'filled',
  cancelled: 'cancelled',
  rejected: 'rejected',
  failed: 'failed',
}

export const statusText = (status: OrderRow['status']): string => TEXTS[status]

/** Pending yellow, placed blue, partly filled light blue, filled green, cancelled grey, rejected and failed red. */
export function StatusTag({ order }: { readonly order: OrderRow }): ReactNode {
  return (
    <span className={`tag status-${order.status}`} title={order.reason}>
      {TEXTS[order.status]}
      {order.unknown ? ' ?' : ''}
    </span>
  )
}

export const isActive = ({ status }: OrderRow): boolean => status === 'pending' || status === 'placed' || status === 'partially_filled'
