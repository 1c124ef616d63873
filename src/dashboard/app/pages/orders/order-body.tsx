import { type ReactNode, useMemo } from 'react'
import type { OrderDetail, OrderRow, PairState, PositionRow } from '../../../../api/contract/index.ts'
import { CandleChart, type PriceLevel } from '../../chart/candle-chart.tsx'
import { fillMarks } from '../../chart/marks.ts'
import type { Palette } from '../../chart/palette.ts'
import { clock, exact, gain, moment, money, toneOf } from '../../format/index.ts'
import { useLiveRow } from '../../live/index.ts'
import { Empty, Facts, Panel } from '../../ui/index.ts'
import { Chain } from './chain.tsx'
import { Decision } from './decision.tsx'
import { StatusTag } from './status-tag.tsx'

export interface OrderBodyProps {
  readonly detail: OrderDetail
  readonly order: OrderRow
  readonly position: PositionRow | null
}

export function OrderBody({ detail, order, position }: OrderBodyProps): ReactNode {
  const isPair = useMemo(() => (row: PairState) => row.symbol === order.symbol, [order.symbol])
  const pair = useLiveRow('pairs', isPair)
  const marks = useMemo(() => (palette: Palette) => fillMarks(palette, detail.fills), [detail.fills])
  const levels: PriceLevel[] = []
  const add = (price: string | null | undefined, title: string, tone: PriceLevel['tone'], dashed = false): void => {
    if (price !== null && price !== undefined) levels.push({ price, title, tone, dashed })
  }
  add(position?.entryPrice ?? order.averagePrice ?? order.price, 'entry', 'accent')
  add(position?.takeProfit ?? order.takeProfit, 'take profit', 'up', true)
  add(position?.stopAtVenue.price ?? order.stopLoss, 'stop', 'down', true)
  return (
    <div className="order-body">
      <div className="stack">
        <Panel title={`${order.symbol}, candles of 5 minutes`} flush>
          <CandleChart symbol={order.symbol} tick={pair?.tick} tall levels={levels} marks={marks} />
        </Panel>
        <Panel title="Why did it trade?">
          <Decision decision={detail.decision} risk={detail.risk} purpose={order.purpose} why={order.why} />
        </Panel>
        <Panel title="From the decision to now" side={<span className="muted small">records of the journal</span>}>
          <Chain links={detail.chain} />
        </Panel>
      </div>
      <div className="stack">
        <Panel title="Order">
          <OrderFacts order={order} />
        </Panel>
        {position === null ? null : (
          <Panel title="Position">
            <PositionFacts position={position} />
          </Panel>
        )}
        {detail.trade === null ? null : (
          <Panel title="Closed trade">
            <Facts
              of={[
                ['Net', <span className={toneOf(detail.trade.net)}>{gain(detail.trade.net)}</span>],
                ['Realised', gain(detail.trade.realised)],
                ['Fees', money(detail.trade.fees)],
                ['Funding', gain(detail.trade.funding)],
                ['Opened', moment(detail.trade.openedMs)],
                ['Closed', moment(detail.trade.closedMs)],
                ['Exit', (detail.trade.exitReason ?? '–').replaceAll('_', ' ')],
              ]}
            />
          </Panel>
        )}
        <Panel title="Fills" side={<span className="muted small num">{detail.fills.length}</span>} flush>
          <Fills detail={detail} />
        </Panel>
        <Panel title="Orders of this position" side={<span className="muted small num">{detail.siblings.length}</span>} flush>
          <Siblings rows={detail.siblings} current={order.id} />
        </Panel>
      </div>
    </div>
  )
}

function OrderFacts({ order }: { readonly order: OrderRow }): ReactNode {
  return (
    <Facts
      of={[
        ['Id', <span className="mono">{order.id}</span>],
        ['At the venue', order.venueId === '' ? '–' : <span className="mono">{order.venueId}</span>],
        ['Type', `${order.type}${order.reduceOnly ? ', reduces only' : ''}`],
        ['Price', order.price === null ? 'market' : exact(order.price)],
        ['Average of its fills', exact(order.averagePrice)],
        ['Filled', `${exact(order.filled)} of ${exact(order.size)}`],
        ['Take profit', exact(order.takeProfit)],
        ['Stop loss', exact(order.stopLoss)],
        ['Fee', money(order.fee)],
        ['Realised', <span className={toneOf(order.realised)}>{gain(order.realised)}</span>],
        ['Strategies', order.strategies.length === 0 ? '–' : order.strategies.join(', ').replaceAll('_', ' ')],
        ['Created', moment(order.createdMs)],
        ['Last change', moment(order.updatedMs)],
        ['Ended', moment(order.endedMs)],
        ...(order.reason === '' ? [] : ([['Reason', <span className="warn">{order.reason}</span>]] as const)),
        ...(order.unknown ? ([['Attention', <span className="warn">the venue has not said what became of it</span>]] as const) : []),
      ]}
    />
  )
}

function PositionFacts({ position }: { readonly position: PositionRow }): ReactNode {
  const { stopAtVenue } = position
  return (
    <Facts
      of={[
        ['Side and size', `${position.side} ${exact(position.size)}`],
        ['State', position.state],
        ['Entry', exact(position.entryPrice)],
        ['Stop at the venue', <span className={stopAtVenue.alarm ? 'down' : ''}>{`${exact(stopAtVenue.price)}, ${stopAtVenue.state}`}</span>],
        ['Exit plan', position.exitPlan === 'entry' ? 'of its entry' : 'conservative: that of its entry is missing'],
        ['Realised', gain(position.realised)],
        ['Fees', money(position.fees)],
        ['Funding', gain(position.funding)],
      ]}
    />
  )
}

function Fills({ detail: { fills } }: { readonly detail: OrderDetail }): ReactNode {
  if (fills.length === 0) return <Empty title="No fills">Nothing of it has been executed.</Empty>
  return (
    <div className="table-box short" role="region" aria-label="Fills" tabIndex={0}>
      <table className="table num">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" className="end">
              Price
            </th>
            <th scope="col" className="end">
              Size
            </th>
            <th scope="col" className="end">
              Fee
            </th>
            <th scope="col">Kind</th>
          </tr>
        </thead>
        <tbody>
          {fills.map((fill) => (
            <tr key={fill.id} title={fill.note}>
              <td>{clock(fill.atMs)}</td>
              <td className="end">{exact(fill.price)}</td>
              <td className="end">{exact(fill.size)}</td>
              <td className="end">{exact(fill.fee)}</td>
              <td className="quiet">
                {fill.maker ? 'maker' : 'taker'}
                {fill.kind === '' || fill.kind === 'trade' ? '' : `, ${fill.kind}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Siblings({ rows, current }: { readonly rows: readonly OrderRow[]; readonly current: string }): ReactNode {
  if (rows.length === 0) return <Empty title="No other orders" />
  return (
    <div className="table-box short" role="region" aria-label="Orders of this position" tabIndex={0}>
      <table className="table num">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">For</th>
            <th scope="col" className="end">
              Filled
            </th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>{row.id === current ? <span className="strong">{clock(row.createdMs)}</span> : <a href={`#/orders/${row.id}`}>{clock(row.createdMs)}</a>}</td>
              <td>
                {row.purpose} {row.side}
              </td>
              <td className="end">
                {exact(row.filled)} / {exact(row.size)}
              </td>
              <td>
                <StatusTag order={row} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
