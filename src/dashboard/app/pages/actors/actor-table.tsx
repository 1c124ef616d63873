import { type ReactNode, useState } from 'react'
import type { ActorState } from '../../../../api/contract/index.ts'
import { compact, duration, plain } from '../../format/index.ts'
import { Button, byNumber, byText, type Column, DataTable, Empty, Tag, type Tone } from '../../ui/index.ts'

const TONES: Readonly<Record<string, Tone>> = { running: 'up', ready: 'up', starting: 'info', restarting: 'info', degraded: 'warn', stopping: 'warn', stopped: 'warn', suspended: 'down', failed: 'down' }

/** State of an actor or a process: what is well is green, what is on its way blue, the rest in colours that call. */
export const toneOfState = (state: string): Tone => TONES[state] ?? ''

export function ActorTable({ label, rows, onRestart }: { readonly label: string; readonly rows: readonly ActorState[]; readonly onRestart: (actor: ActorState) => void }): ReactNode {
  const [columns] = useState(() => columnsFor(onRestart))
  return <DataTable label={label} columns={columns} rows={rows} keyOf={(row) => row.id} empty={<Empty title="No actors" />} />
}

const columnsFor = (onRestart: (actor: ActorState) => void): readonly Column<ActorState>[] => [
  { id: 'id', header: 'Actor', width: 200, grow: true, cell: (row) => <span className="strong">{row.id}</span>, compare: byText((row) => row.id) },
  { id: 'state', header: 'State', width: 108, cell: (row) => <Tag tone={toneOfState(row.state)}>{row.state}</Tag>, compare: byText((row) => row.state) },
  { id: 'beat', header: 'Heartbeat', width: 92, end: true, cell: (row) => <span className={(row.heartbeatAgeMs ?? 0) > 1000 ? 'warn' : 'quiet'}>{duration(row.heartbeatAgeMs)}</span>, compare: byNumber((row) => row.heartbeatAgeMs) },
  { id: 'restarts', header: 'Restarts', width: 84, end: true, cell: (row) => <span className={row.restarts > 0 ? 'warn' : 'quiet'}>{plain(row.restarts)}</span>, compare: byNumber((row) => row.restarts) },
  { id: 'depth', header: 'Ring', width: 78, end: true, cell: (row) => plain(row.ringDepth), compare: byNumber((row) => row.ringDepth) },
  { id: 'lag', header: 'Oldest', width: 84, end: true, cell: (row) => <span className="quiet">{duration(row.ringLagMs)}</span>, compare: byNumber((row) => row.ringLagMs) },
  { id: 'handled', header: 'Handled', width: 92, end: true, cell: (row) => compact(row.handled), compare: byNumber((row) => row.handled) },
  { id: 'note', header: 'Says', width: 260, grow: true, cell: (row) => (row.lastError === null ? <span className="quiet small" title={row.note}>{row.note}</span> : <span className="down small" title={row.lastError}>{row.lastError}</span>) },
  {
    id: 'restart',
    header: '',
    width: 92,
    end: true,
    cell: (row) => (
      <Button small label={`Restart ${row.id}`} onPress={() => onRestart(row)}>
        Restart
      </Button>
    ),
  },
]
