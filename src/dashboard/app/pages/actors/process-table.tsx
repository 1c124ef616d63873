import type { ReactNode } from 'react'
import type { ActorTree } from '../../../../api/contract/index.ts'
import { bytes, duration, plain } from '../../format/index.ts'
import { byNumber, byText, type Column, DataTable, Empty, Tag } from '../../ui/index.ts'
import { toneOfState } from './actor-table.tsx'

type Process = ActorTree['processes'][number]

export function ProcessTable({ rows }: { readonly rows: readonly Process[] }): ReactNode {
  return <DataTable label="Processes" columns={columns} rows={rows} keyOf={(row) => row.name} empty={<Empty title="The supervisor has not told anything yet" />} />
}

const columns: readonly Column<Process>[] = [
  { id: 'name', header: 'Process', width: 150, grow: true, cell: (row) => <span className="strong">{row.name}</span>, compare: byText((row) => row.name) },
  { id: 'state', header: 'State', width: 108, cell: (row) => <Tag tone={toneOfState(row.state)}>{row.state}</Tag>, compare: byText((row) => row.state) },
  { id: 'pid', header: 'Pid', width: 84, end: true, cell: (row) => <span className="quiet">{row.pid ?? '–'}</span>, compare: byNumber((row) => row.pid) },
  { id: 'beat', header: 'Heartbeat', width: 92, end: true, cell: (row) => <span className="quiet">{duration(row.heartbeatAgeMs)}</span>, compare: byNumber((row) => row.heartbeatAgeMs) },
  { id: 'restarts', header: 'Restarts', width: 84, end: true, cell: (row) => <span className={row.restarts > 0 ? 'warn' : 'quiet'}>{plain(row.restarts)}</span>, compare: byNumber((row) => row.restarts) },
  { id: 'memory', header: 'Memory', width: 92, end: true, cell: (row) => bytes(row.rssBytes), compare: byNumber((row) => row.rssBytes) },
  { id: 'cpu', header: 'Processor', width: 96, end: true, cell: (row) => duration(row.cpuSeconds === null ? null : row.cpuSeconds * 1000), compare: byNumber((row) => row.cpuSeconds) },
  { id: 'error', header: 'Last error', width: 240, grow: true, cell: (row) => <span className="down small" title={row.lastError ?? ''}>{row.lastError}</span> },
]
