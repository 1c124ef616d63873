import type { ReactNode } from 'react'
import type { Health } from '../../../../api/contract/index.ts'
import { duration, share } from '../../format/index.ts'
import { useCall } from '../../live/index.ts'
import { byNumber, byText, type Column, DataTable, Empty, Panel, Shown, Tag } from '../../ui/index.ts'

const EVERY_MS = 3000
type Prices = Health['prices'][number]

/** Where prices come from: share of the stream in all reads by purpose, and what was refused. */
export function PricesPanel(): ReactNode {
  const health = useCall('health', {}, EVERY_MS)
  return (
    <Panel title="Sources of prices" side={<span className="muted small">share of the stream</span>} flush>
      <Shown of={health} what="the sources of prices">
        {({ prices }) => <DataTable label="Sources of prices" columns={columns} rows={prices} keyOf={(row) => row.symbol} empty={<Empty title="No pair has a price yet" />} />}
      </Shown>
    </Panel>
  )
}

const streamShare = ({ stream, rest }: Prices['order']): number | null => (stream + rest === 0 ? null : stream / (stream + rest))
const refused = (row: Prices): number => row.order.refused + row.exit.refused + row.signal.refused + row.other.refused

const columns: readonly Column<Prices>[] = [
  { id: 'symbol', header: 'Pair', width: 100, grow: true, cell: (row) => <span className="strong">{row.symbol}</span>, compare: byText((row) => row.symbol) },
  { id: 'source', header: 'Now', width: 78, cell: (row) => <Tag tone={row.priceSource === 'stream' ? 'up' : 'warn'}>{row.priceSource}</Tag>, compare: byText((row) => row.priceSource) },
  { id: 'age', header: 'Age', width: 70, end: true, cell: (row) => duration(row.priceAgeMs), compare: byNumber((row) => row.priceAgeMs) },
  { id: 'order', header: 'Orders', width: 74, end: true, cell: (row) => share(streamShare(row.order)), compare: byNumber((row) => streamShare(row.order)) },
  { id: 'exit', header: 'Exits', width: 68, end: true, cell: (row) => share(streamShare(row.exit)), compare: byNumber((row) => streamShare(row.exit)) },
  { id: 'signal', header: 'Signals', width: 74, end: true, cell: (row) => share(streamShare(row.signal)), compare: byNumber((row) => streamShare(row.signal)) },
  { id: 'refused', header: 'Refused', width: 76, end: true, cell: (row) => <span className={refused(row) > 0 ? 'warn' : 'quiet'}>{refused(row)}</span>, compare: byNumber(refused) },
]
