import { type ReactNode, useCallback, useState } from 'react'
import type { OrderDetail, OrderRow, PositionRow } from '../../../../api/contract/index.ts'
import { duration, exact, gain, percent, toneOf } from '../../format/index.ts'
import { useCall, useLiveRow } from '../../live/index.ts'
import { Button, Dialog, Failed, Loading, Tag } from '../../ui/index.ts'
import { CancelOrder } from './cancel-order.tsx'
import { ClosePosition } from './close-position.tsx'
import { OrderBody } from './order-body.tsx'
import { isActive, StatusTag } from './status-tag.tsx'

const REFRESH_MS = 3000

/** One order over the whole window: live PnL, chart, parameters and the way to it. */
export function OrderDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactNode {
  const detail = useCall('order', { params: { id } }, REFRESH_MS)
  return (
    <Dialog title="Order" full ownTitle onClose={onClose}>
      {(titleId) => (
        <div className="order-page">
          {detail.data === undefined ? (
            <>
              <header className="order-head">
                <h2 id={titleId} className="grow">
                  Order <span className="mono">{id}</span>
                </h2>
                <Button icon="close" label="Back to the orders" onPress={onClose} />
              </header>
              {detail.error === null ? <Loading lines={12} what="Loading the order" /> : <Failed what={`Order ${id}`} error={detail.error} retry={() => void detail.refetch()} />}
            </>
          ) : (
            <Detail titleId={titleId} detail={detail.data} onClose={onClose} />
          )}
        </div>
      )}
    </Dialog>
  )
}

function Detail({ titleId, detail, onClose }: { readonly titleId: string; readonly detail: OrderDetail; readonly onClose: () => void }): ReactNode {
  const isOrder = useCallback((row: OrderRow) => row.id === detail.order.id, [detail.order.id])
  const isPosition = useCallback((row: PositionRow) => row.id === detail.order.positionId, [detail.order.positionId])
  const heard = useLiveRow('orders', isOrder)
  const position = useLiveRow('positions', isPosition) ?? null
  const [asking, setAsking] = useState(false)
  const order = heard !== undefined && heard.updatedMs >= detail.order.updatedMs ? heard : detail.order
  const canClose = position !== null || isActive(order)
  return (
    <>
      <header className="order-head">
        <h2 id={titleId}>
          {order.symbol} <span className={order.side === 'buy' ? 'up' : 'down'}>{order.side}</span> <span className="num">{exact(order.size)}</span>
        </h2>
        <StatusTag order={order} />
        <Tag>{order.purpose}</Tag>
        <Pnl order={order} position={position} detail={detail} />
        <span className="grow" />
        {canClose ? (
          <Button look="danger" onPress={() => setAsking(true)}>
            {position === null ? 'Cancel order' : 'Close position'}
          </Button>
        ) : (
          <span className="muted small">{detail.closeRefusal}</span>
        )}
        <Button icon="close" label="Back to the orders" onPress={onClose} />
      </header>
      <OrderBody detail={detail} order={order} position={position} />
      {asking ? position === null ? <CancelOrder order={order} onClose={() => setAsking(false)} /> : <ClosePosition positionId={position.id} onClose={() => setAsking(false)} /> : null}
    </>
  )
}

/** Of the open position at the price that would close it; of the trade when it has closed. */
function Pnl({ order, position, detail }: { readonly order: OrderRow; readonly position: PositionRow | null; readonly detail: OrderDetail }): ReactNode {
  if (position !== null) {
    return (
      <p className="row num" aria-label="Live PnL">
        <span className={`order-pnl ${toneOf(position.unrealised)}`} data-pnl>
          {gain(position.unrealised)} USDT
        </span>
        <span className={toneOf(position.unrealised)}>{percent(position.unrealisedPercent, 2, true)}</span>
        <span className="quiet small" title={`${position.priceSource}, ${duration(position.priceAgeMs)} old`}>
          at {exact(position.price)}
        </span>
      </p>
    )
  }
  const net = detail.trade?.net ?? (order.filled === '0' ? null : order.realised)
  return net === null ? null : (
    <p className="row num">
      <span className={`order-pnl ${toneOf(net)}`}>{gain(net)} USDT</span>
      <span className="quiet small">{detail.trade === null ? 'realised by this order' : 'net of the closed trade'}</span>
    </p>
  )
}
