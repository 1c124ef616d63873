import type { ReactNode } from 'react'
import type { RouteAnswer } from '../../../../api/contract/index.ts'
import { moment } from '../../format/index.ts'
import { useCall } from '../../live/index.ts'
import { byNumber, byText, type Column, DataTable, Empty, Panel, Shown } from '../../ui/index.ts'

const EVERY_MS = 10_000
const ROWS = 200
type AuditRow = RouteAnswer<'audit'>['items'][number]

/** Who changed what, and why. */
export function AuditPanel(): ReactNode {
  const audit = useCall('audit', { query: { limit: ROWS } }, EVERY_MS)
  return (
    <Panel title="Audit trail" side={<span className="muted small num">{audit.data === undefined ? '' : `newest ${audit.data.items.length} of ${audit.data.total}`}</span>} flush>
      <Shown of={audit} what="the audit trail">
        {({ items }) => (
          <div className="signals">
            <DataTable label="Audit trail" columns={columns} rows={items} keyOf={(row) => row.id} sorted={{ id: 'time', descending: true }} filled empty={<Empty title="Nothing was changed yet">Every call that changes something stands here, with its reason.</Empty>} />
          </div>
        )}
      </Shown>
    </Panel>
  )
}

const columns: readonly Column<AuditRow>[] = [
  { id: 'time', header: 'Time', width: 170, cell: (row) => <span className="quiet">{moment(row.atMs)}</span>, compare: byNumber((row) => row.atMs) },
  { id: 'action', header: 'Action', width: 140, cell: (row) => <span className="strong">{row.action}</span>, compare: byText((row) => row.action) },
  { id: 'target', header: 'Of', width: 150, cell: (row) => row.target, compare: byText((row) => row.target) },
  { id: 'why', header: 'Why', width: 160, grow: true, cell: (row) => <span title={row.why}>{row.why}</span> },
  { id: 'answer', header: 'Answer', width: 110, cell: (row) => <span className="quiet">{row.answer}</span>, compare: byText((row) => row.answer) },
  { id: 'ip', header: 'From', width: 110, cell: (row) => <span className="quiet">{row.ip}</span>, compare: byText((row) => row.ip) },
]
