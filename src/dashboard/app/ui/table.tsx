import { createSortedRowModel, rowSortingFeature, tableFeatures, useTable } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, type ReactNode, useMemo, useRef } from 'react'

/** A column: how wide it is, what stands in it and by what it is sorted. */
export interface Column<T> {
  readonly id: string
  readonly header: string
  /** px; with `grow` at least that. */
  readonly width: number
  readonly grow?: boolean
  /** Numbers stand at the right. */
  readonly end?: boolean
  readonly cell: (row: T) => ReactNode
  /** Ascending order of two rows; a column without it cannot be sorted by. */
  readonly compare?: (a: T, b: T) => number
}

export interface DataTableProps<T> {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
  /** A click anywhere in a row. For the keyboard a cell holds a button that does the same. */
  readonly onOpen?: (row: T) => void
  readonly sorted?: { readonly id: string; readonly descending: boolean }
  /** Takes the height that is left and scrolls inside. */
  readonly filled?: boolean
  readonly empty: ReactNode
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })
const ROW_PX = 33
/** Shorter tables stand in the document whole: nothing is gained by leaving rows out. */
const LONG = 80
const OVERSCAN = 12

/** A table that sorts by its headings and holds only the rows that are seen, however long it is. Columns must be stable. */
export function DataTable<T extends object>({ label, columns, rows, keyOf, onOpen, sorted, filled = false, empty }: DataTableProps<T>): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.header,
        accessorFn: (row: T): T => row,
        enableSorting: column.compare !== undefined,
        sortDescFirst: column.end === true,
        sortFn: (a: { readonly original: T }, b: { readonly original: T }): number => column.compare?.(a.original, b.original) ?? 0,
      })),
    [columns],
  )
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: keyOf,
    enableSortingRemoval: false,
    initialState: { sorting: sorted === undefined ? [] : [{ id: sorted.id, desc: sorted.descending }] },
  })
  const order = table.getRowModel().rows
  const isLong = order.length > LONG
  const virtualizer = useVirtualizer({ count: isLong ? order.length : 0, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: OVERSCAN })
  const seen = virtualizer.getVirtualItems()
  const from = isLong ? (seen[0]?.index ?? 0) : 0
  const to = isLong ? (seen.at(-1)?.index ?? -1) + 1 : order.length
  const width = columns.reduce((sum, column) => sum + column.width, 0)
  const sort = table.state.sorting[0]
  if (rows.length === 0) return <div className={filled ? 'table-box filled' : 'table-box'}>{empty}</div>
  return (
    <div ref={box} className={filled ? 'table-box filled' : 'table-box'} role="region" aria-label={label} tabIndex={0}>
      <table className="table num" aria-label={label} aria-rowcount={order.length + 1} style={{ tableLayout: 'fixed', minWidth: width }}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.id} style={column.grow === true ? undefined : { width: column.width }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Heading key={column.id} column={column} direction={sort?.id === column.id ? (sort.desc ? 'descending' : 'ascending') : null} onSort={() => table.getColumn(column.id)?.toggleSorting()} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Filler rows={from} />
          {order.slice(from, to).map((row, i) => (
            <Line key={row.id} row={row.original} index={from + i + 2} columns={columns as readonly Column<never>[]} onOpen={onOpen as ((row: never) => void) | undefined} />
          ))}
          <Filler rows={order.length - to} />
        </tbody>
      </table>
    </div>
  )
}

function Heading<T>({ column, direction, onSort }: { readonly column: Column<T>; readonly direction: 'ascending' | 'descending' | null; readonly onSort: () => void }): ReactNode {
  const className = column.end === true ? 'end' : undefined
  if (column.compare === undefined) {
    return (
      <th scope="col" className={className}>
        {column.header === '' ? <span className="hidden-visually">Actions</span> : column.header}
      </th>
    )
  }
  // At the side where nothing is aligned, so that figures stand under the last letter.
  const mark = (
    <span className="sort-mark" aria-hidden="true">
      {direction === 'ascending' ? '▲' : direction === 'descending' ? '▼' : ''}
    </span>
  )
  return (
    <th scope="col" className={className} aria-sort={direction ?? 'none'}>
      <button type="button" onClick={onSort}>
        {column.end === true ? mark : null}
        {column.header}
        {column.end === true ? null : mark}
      </button>
    </th>
  )
}

/** Stands for the rows that are out of sight. */
function Filler({ rows }: { readonly rows: number }): ReactNode {
  return rows === 0 ? null : <tr className="filler" aria-hidden="true" style={{ height: rows * ROW_PX }} />
}

interface LineProps {
  readonly row: object
  readonly index: number
  readonly columns: readonly Column<never>[]
  readonly onOpen: ((row: never) => void) | undefined
}

/** Drawn again only when its row is another object: scrolling and the change of one row leave the others alone. */
const Line = memo(function Line({ row, index, columns, onOpen }: LineProps): ReactNode {
  return (
    <tr aria-rowindex={index} className={onOpen === undefined ? undefined : 'open'} onClick={onOpen === undefined ? undefined : () => onOpen(row as never)}>
      {columns.map((column) => (
        <td key={column.id} className={column.end === true ? 'end clip' : 'clip'}>
          {column.cell(row as never)}
        </td>
      ))}
    </tr>
  )
})
