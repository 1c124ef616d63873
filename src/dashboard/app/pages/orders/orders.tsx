import { type ReactNode, useMemo, useState } from 'react'
import { useLocation, useRoute } from 'wouter'
import type { OrderRow, StrategyState } from '../../../../api/contract/index.ts'
import { clock, plain } from '../../format/index.ts'
import { useLive } from '../../live/index.ts'
import { Button, Choice, DataTable, Empty, Figure, Grid, Shown } from '../../ui/index.ts'
import { CancelOrder } from './cancel-order.tsx'
import { ClosePosition } from './close-position.tsx'
import { columnsFor } from './columns.tsx'
import { OrderDialog } from './order-dialog.tsx'
import { isActive, statusText } from './status-tag.tsx'
import { MOST_ORDERS, type Orders as AllOrders, useOrders } from './use-orders.ts'

/** All orders; `/orders/<id>` opens one over them. */
export function Orders(): ReactNode {
  const [isLive, setLive] = useState(true)
  const orders = useOrders(isLive)
  const [, go] = useLocation()
  const [, params] = useRoute('/orders/:id')
  return (
    <div className="page filled orders">
      <div className="page-head">
        <h1>Orders</h1>
        {orders.caughtUp ? null : <span className="warn small">The gateway still reads the journal.</span>}
        <span className="muted small num">{orders.fetchedMs === 0 ? '' : isLive ? 'live' : `as of ${clock(orders.fetchedMs)}`}</span>
        <Button pressed={isLive} onPress={() => setLive(!isLive)}>
          Automatic
        </Button>
        <Button icon="refresh" busy={orders.isFetching} onPress={orders.refetch}>
          Refresh
        </Button>
      </div>
      <Shown of={{ data: orders.rows, error: orders.error, refetch: orders.refetch }} what="the orders" lines={14}>
        {(rows) => <Listed rows={rows} orders={orders} />}
      </Shown>
      {params === null || params.id === undefined ? null : <OrderDialog key={params.id} id={params.id} onClose={() => go('/orders')} />}
    </div>
  )
}

const STATUSES: readonly OrderRow['status'][] = ['pending', 'placed', 'partially_filled', 'filled', 'cancelled', 'rejected', 'failed']
const STRATEGIES: readonly StrategyState['name'][] = ['imbalance', 'momentum', 'sar_wave', 'super_trend', 'volume_profile']
const NO_FILTER = { symbol: '', side: '', status: '', strategy: '' }

function Listed({ rows, orders }: { readonly rows: readonly OrderRow[]; readonly orders: AllOrders }): ReactNode {
  const [, go] = useLocation()
  const [filter, setFilter] = useState(NO_FILTER)
  const [closing, setClosing] = useState<OrderRow | null>(null)
  const positions = useLive('positions')
  // As text: positions come anew with every price, and rows are drawn again for their buttons only when one opens or closes.
  const opened = (positions ?? []).map((row) => row.id).join()
  const columns = useMemo(() => {
    const open = new Set(opened.split(','))
    return columnsFor({ open: (id) => go(`/orders/${id}`), close: setClosing, isOpen: (id) => open.has(id) })
  }, [go, opened])
  const symbols = useMemo(() => [...new Set(rows.map((row) => row.symbol))].sort(), [rows])
  const shown = useMemo(() => {
    const { symbol, side, status, strategy } = filter
    return rows.filter(
      (row) =>
        (symbol === '' || row.symbol === symbol) &&
        (side === '' || row.side === side) &&
        (status === '' || (status === 'active' ? isActive(row) : row.status === status)) &&
        (strategy === '' || (row.strategies as readonly string[]).includes(strategy)),
    )
  }, [rows, filter])
  const set = (change: Partial<typeof NO_FILTER>): void => setFilter({ ...filter, ...change })
  const isNarrow = Object.values(filter).some((value) => value !== '')
  return (
    <>
      <Cards rows={rows} total={orders.total} />
      <div className="row wrap" role="group" aria-label="Filters">
        <Choice label="Pair" value={filter.symbol} onChange={(symbol) => set({ symbol })} options={[['', 'All pairs'], ...symbols.map((name) => [name, name] as const)]} />
        <Choice label="Side" value={filter.side} onChange={(side) => set({ side })} options={[['', 'Both sides'], ['buy', 'Buy'], ['sell', 'Sell']]} />
        <Choice label="Status" value={filter.status} onChange={(status) => set({ status })} options={[['', 'Every status'], ['active', 'active'], ...STATUSES.map((name) => [name, statusText(name)] as const)]} />
        <Choice label="Strategy" value={filter.strategy} onChange={(strategy) => set({ strategy })} options={[['', 'All strategies'], ...STRATEGIES.map((name) => [name, name.replaceAll('_', ' ')] as const)]} />
        {isNarrow ? (
          <Button look="plain" onPress={() => setFilter(NO_FILTER)}>
            Clear
          </Button>
        ) : null}
        <span className="muted small num" role="status">
          {plain(shown.length)} shown{orders.total > MOST_ORDERS ? `, the newest ${plain(MOST_ORDERS)} of ${plain(orders.total)} are held` : ''}
        </span>
      </div>
      <section className="panel grow-down" aria-label="Orders">
        <DataTable
          label="Orders"
          columns={columns}
          rows={shown}
          keyOf={(row) => row.id}
          sorted={{ id: 'time', descending: true }}
          onOpen={(row) => go(`/orders/${row.id}`)}
          filled
          empty={
            isNarrow ? (
              <Empty icon="search" title="No order fits these filters" action={<Button onPress={() => setFilter(NO_FILTER)}>Show all orders</Button>} />
            ) : (
              <Empty icon="orders" title="No orders yet">The first one stands here as soon as the engine has sent it.</Empty>
            )
          }
        />
      </section>
      {closing === null ? null : isActive(closing) ? <CancelOrder order={closing} onClose={() => setClosing(null)} /> : <ClosePosition positionId={closing.positionId} onClose={() => setClosing(null)} />}
    </>
  )
}

function Cards({ rows, total }: { readonly rows: readonly OrderRow[]; readonly total: number }): ReactNode {
  const counts = useMemo(() => {
    const found = { active: 0, filled: 0, cancelled: 0, rejected: 0 }
    for (const row of rows) {
      if (isActive(row)) found.active++
      else if (row.status === 'filled') found.filled++
      else if (row.status === 'cancelled') found.cancelled++
      else found.rejected++
    }
    return found
  }, [rows])
  const part = (count: number): string => (rows.length === 0 ? '' : `${plain((count / rows.length) * 100, 1)} %`)
  return (
    <Grid columns={4} pairs>
      <Figure label="Total" value={plain(total)} hint={counts.rejected === 0 ? 'none refused' : `${plain(counts.rejected)} refused or failed`} />
      <Figure label="Active" value={plain(counts.active)} hint={part(counts.active)} />
      <Figure label="Filled" value={plain(counts.filled)} hint={part(counts.filled)} />
      <Figure label="Cancelled" value={plain(counts.cancelled)} hint={part(counts.cancelled)} />
    </Grid>
  )
}
