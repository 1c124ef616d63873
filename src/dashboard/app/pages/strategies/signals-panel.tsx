import type { ReactNode } from 'react'
import type { Signal } from '../../../../api/contract/index.ts'
import { clock, exact, plain } from '../../format/index.ts'
import { useLive } from '../../live/index.ts'
import { byNumber, byText, type Column, DataTable, Empty, Panel, Shown, Tag } from '../../ui/index.ts'

/** Decisions as they come off the ring, whether or not an order followed. */
export function SignalsPanel(): ReactNode {
  const signals = useLive('signals')
  return (
    <Panel title="Decisions" side={<span className="muted small num">{signals === undefined ? '' : `${signals.length} held`}</span>} flush>
      <Shown of={{ data: signals, error: null, refetch: () => {} }} what="the decisions">
        {(rows) => (
          <div className="signals">
            <DataTable label="Decisions" columns={columns} rows={rows} keyOf={(row) => row.id} sorted={{ id: 'time', descending: true }} filled empty={<Empty title="No decisions yet">They stand here whether or not an order follows.</Empty>} />
          </div>
        )}
      </Shown>
    </Panel>
  )
}

const columns: readonly Column<Signal>[] = [
  { id: 'time', header: 'Time', width: 84, cell: (row) => <span className="quiet">{clock(row.atMs)}</span>, compare: byNumber((row) => row.atMs) },
  { id: 'symbol', header: 'Pair', width: 100, cell: (row) => <span className="strong">{row.symbol}</span>, compare: byText((row) => row.symbol) },
  { id: 'kind', header: 'Kind', width: 64, cell: (row) => row.kind, compare: byText((row) => row.kind) },
  { id: 'side', header: 'Side', width: 62, cell: (row) => (row.kind === 'none' ? <span className="muted">–</span> : <Tag tone={row.side === 'buy' ? 'up' : 'down'}>{row.side}</Tag>), compare: byText((row) => row.side) },
  { id: 'by', header: 'By', width: 90, cell: (row) => row.by, compare: byText((row) => row.by) },
  { id: 'confidence', header: 'Confidence', width: 92, end: true, cell: (row) => plain(row.confidence, 2), compare: byNumber((row) => row.confidence) },
  { id: 'bid', header: 'Bid', width: 96, end: true, cell: (row) => exact(row.bid) },
  { id: 'ask', header: 'Ask', width: 96, end: true, cell: (row) => exact(row.ask) },
  { id: 'block', header: 'Block', width: 120, cell: (row) => (row.block === null ? <span className="muted">none</span> : <Tag tone="warn">{row.block.kind}</Tag>), compare: byText((row) => row.block?.kind ?? '') },
  {
    id: 'votes',
    header: 'Votes and reason',
    width: 320,
    grow: true,
    cell: (row) => (
      <span className="quiet small" title={row.reason}>
        {Object.entries(row.votes)
          .filter(([, vote]) => vote !== null && vote !== 0)
          .map(([name, vote]) => `${name.replaceAll('_', ' ')} ${plain(vote, 2, true)}`)
          .join(', ')}{' '}
        <span className="muted">{row.reason.replaceAll('_', ' ')}</span>
      </span>
    ),
  },
]
