import type { ReactNode } from 'react'
import type { OrderRow } from '../../../../api/contract/index.ts'
import { exact, gain, moment, toneOf } from '../../format/index.ts'
import { Button, byDecimal, byNumber, byText, type Column, Tag } from '../../ui/index.ts'
import { isActive, StatusTag, statusText } from './status-tag.tsx'

export interface OrderActions {
  readonly open: (id: string) => void
  readonly close: (order: OrderRow) => void
  /** Positions that are open now, by their ids. */
  readonly isOpen: (positionId: string) => boolean
}

/** Columns of the table of orders; every one sorts. */
export function columnsFor({ open, close, isOpen }: OrderActions): readonly Column<OrderRow>[] {
  return [
    {
      id: 'time',
      header: 'Time',
      width: 174,
      cell: (row) => (
        <button type="button" className="link-button" aria-label={`Open the order of ${moment(row.createdMs)} in ${row.symbol}`} onClick={(event) => (event.stopPropagation(), open(row.id))}>
          {moment(row.createdMs)}
        </button>
      ),
      compare: byNumber((row) => row.createdMs),
    },
    { id: 'symbol', header: 'Pair', width: 94, grow: true, cell: (row) => <span className="strong">{row.symbol}</span>, compare: byText((row) => row.symbol) },
    { id: 'side', header: 'Side', width: 66, cell: (row) => <span className={row.side === 'buy' ? 'up' : 'down'}>{row.side}</span>, compare: byText((row) => row.side) },
    { id: 'purpose', header: 'For', width: 62, cell: (row) => <span className="quiet">{row.purpose}</span>, compare: byText((row) => row.purpose) },
    { id: 'size', header: 'Quantity', width: 82, end: true, cell: (row) => exact(row.size), compare: byDecimal((row) => row.size) },
    { id: 'filled', header: 'Filled', width: 72, end: true, cell: (row) => <span className="quiet">{exact(row.filled)}</span>, compare: byDecimal((row) => row.filled) },
    { id: 'price', header: 'Entry price', width: 94, end: true, cell: Price, compare: byDecimal((row) => row.averagePrice ?? row.price) },
    { id: 'tp', header: 'Take profit', width: 94, end: true, cell: (row) => exact(row.takeProfit), compare: byDecimal((row) => row.takeProfit) },
    { id: 'sl', header: 'Stop loss', width: 92, end: true, cell: (row) => exact(row.stopLoss), compare: byDecimal((row) => row.stopLoss) },
    { id: 'realised', header: 'PnL', width: 78, end: true, cell: (row) => <span className={toneOf(row.realised)}>{gain(row.realised)}</span>, compare: byDecimal((row) => row.realised) },
    { id: 'status', header: 'Status', width: 98, cell: (row) => <StatusTag order={row} />, compare: byText((row) => statusText(row.status)) },
    { id: 'strategies', header: 'Strategies', width: 110, cell: (row) => <span className="quiet small">{row.strategies.join(', ').replaceAll('_', ' ')}</span>, compare: byText((row) => row.strategies.join()) },
    {
      id: 'actions',
      header: 'Actions',
      width: 82,
      end: true,
      cell: (row) => <Action row={row} close={close} isOpen={isOpen} />,
      compare: byNumber((row) => Number(isActive(row))),
    },
  ]
}

function Action({ row, close, isOpen }: Pick<OrderActions, 'close' | 'isOpen'> & { readonly row: OrderRow }): ReactNode {
  if (isActive(row)) {
    return (
      <Button small label={`Cancel the order in ${row.symbol}`} onPress={() => close(row)}>
        Cancel
      </Button>
    )
  }
  if (row.purpose === 'entry' && isOpen(row.positionId)) {
    return (
      <Button small label={`Close the position in ${row.symbol}`} onPress={() => close(row)}>
        Close
      </Button>
    )
  }
  return null
}

function Price({ averagePrice, price }: OrderRow): ReactNode {
  if (averagePrice !== null) return exact(averagePrice)
  return price === null ? <Tag>market</Tag> : exact(price)
}
