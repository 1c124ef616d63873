import { type ReactNode, useState } from 'react'
import { useLocation } from 'wouter'
import type { PositionRow } from '../../../../api/contract/index.ts'
import { duration, exact, gain, money, percent, toneOf } from '../../format/index.ts'
import { Button, byDecimal, byNumber, byText, type Column, DataTable, Empty, Tag } from '../../ui/index.ts'
import { ClosePosition } from '../orders/close-position.tsx'

/** Open positions, the largest gain first; a row opens the order that it came from. */
export function PositionsTable({ rows }: { readonly rows: readonly PositionRow[] }): ReactNode {
  const [, go] = useLocation()
  const [closing, setClosing] = useState<string | null>(null)
  const [columns] = useState(() => columnsFor(setClosing))
  return (
    <>
      <DataTable
        label="Open positions"
        columns={columns}
        rows={rows}
        keyOf={(row) => row.id}
        sorted={{ id: 'pnl', descending: true }}
        onOpen={(row) => {
          if (row.entryOrderId !== null) go(`/orders/${row.entryOrderId}`)
        }}
        empty={<Empty title="No open positions">Entries are made when strategies or the model agree and the limits allow it.</Empty>}
      />
      {closing === null ? null : <ClosePosition positionId={closing} onClose={() => setClosing(null)} />}
    </>
  )
}

function columnsFor(close: (id: string) => void): readonly Column<PositionRow>[] {
  return [
    { id: 'symbol', header: 'Pair', width: 110, grow: true, cell: (row) => <span className="strong">{row.symbol}</span>, compare: byText((row) => row.symbol) },
    { id: 'side', header: 'Side', width: 76, cell: (row) => <Tag tone={row.side === 'long' ? 'up' : 'down'}>{row.side}</Tag>, compare: byText((row) => row.side) },
    { id: 'size', header: 'Size', width: 96, end: true, cell: (row) => exact(row.size), compare: byDecimal((row) => row.size) },
    { id: 'entry', header: 'Entry', width: 108, end: true, cell: (row) => exact(row.entryPrice), compare: byDecimal((row) => row.entryPrice) },
    { id: 'price', header: 'Price', width: 108, end: true, cell: (row) => <span title={`${row.priceSource}, ${duration(row.priceAgeMs)} old`}>{exact(row.price)}</span>, compare: byDecimal((row) => row.price) },
    { id: 'pnl', header: 'PnL', width: 96, end: true, cell: (row) => <span className={`strong ${toneOf(row.unrealised)}`}>{gain(row.unrealised)}</span>, compare: byDecimal((row) => row.unrealised) },
    { id: 'percent', header: '%', width: 84, end: true, cell: (row) => <span className={toneOf(row.unrealised)}>{percent(row.unrealisedPercent, 2, true)}</span>, compare: byNumber((row) => row.unrealisedPercent) },
    { id: 'tp', header: 'Take profit', width: 108, end: true, cell: (row) => exact(row.takeProfit), compare: byDecimal((row) => row.takeProfit) },
    { id: 'stop', header: 'Stop at venue', width: 132, end: true, cell: Stop, compare: byDecimal((row) => row.stopAtVenue.price) },
    { id: 'fees', header: 'Fees', width: 80, end: true, cell: (row) => money(row.fees), compare: byDecimal((row) => row.fees) },
    { id: 'held', header: 'Held', width: 84, end: true, cell: (row) => duration(Date.now() - row.openedMs), compare: byNumber((row) => -row.openedMs) },
    {
      id: 'actions',
      header: '',
      width: 84,
      end: true,
      cell: (row) => (
        <Button small label={`Close ${row.symbol}`} onPress={() => close(row.id)}>
          Close
        </Button>
      ),
    },
  ]
}

function Stop(row: PositionRow): ReactNode {
  const { price, state, alarm } = row.stopAtVenue
  return alarm ? <Tag tone="down">{state}</Tag> : <span title={state}>{price === null ? <span className="warn">{state}</span> : exact(price)}</span>
}
