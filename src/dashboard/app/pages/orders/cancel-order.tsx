import type { ReactNode } from 'react'
import type { OrderRow } from '../../../../api/contract/index.ts'
import { exact } from '../../format/index.ts'
import { api, outdated } from '../../live/index.ts'
import { Confirm, Facts, say } from '../../ui/index.ts'

/** Asks before an order that rests is called back. */
export function CancelOrder({ order, onClose }: { readonly order: OrderRow; readonly onClose: () => void }): ReactNode {
  return (
    <Confirm
      title={`Cancel the order in ${order.symbol}?`}
      action="Cancel the order"
      reason="Why (kept in the audit trail)"
      onClose={onClose}
      onConfirm={async (why) => {
        const { action } = await api.call('closeOrder', { params: { id: order.id }, body: { why } })
        outdated('order')
        say('info', action === 'cancel-order' ? 'The engine calls it back.' : 'It had filled: the engine closes its position.')
      }}
    >
      <p>What has filled by then stays a position, with its stop at the venue.</p>
      <Facts
        of={[
          ['Order', `${order.side} ${exact(order.size)}`],
          ['Filled so far', exact(order.filled)],
          ['Price', order.price === null ? 'market' : exact(order.price)],
        ]}
      />
    </Confirm>
  )
}
