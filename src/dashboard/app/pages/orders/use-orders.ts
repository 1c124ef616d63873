import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef, useSyncExternalStore } from 'react'
import type { OrderRow } from '../../../../api/contract/index.ts'
import { api, socket } from '../../live/index.ts'

const PAGE = 500
/** Rows that a browser holds; what is older is found by the filters of the API. */
export const MOST_ORDERS = 20_000
/** Least time between two drawings of changes, ms. */
const PACE_MS = 400

export interface Orders {
  readonly rows: readonly OrderRow[] | undefined
  /** Of the gateway, more than `rows` where there are very many. */
  readonly total: number
  /** The gateway has read the journal to its end. */
  readonly caughtUp: boolean
  readonly error: unknown
  readonly isFetching: boolean
  readonly fetchedMs: number
  readonly refetch: () => void
}

/** All orders, newest first: fetched page by page, then kept up by the live socket while `isLive`. */
export function useOrders(isLive: boolean): Orders {
  const query = useQuery({ queryKey: ['orders', 'all'], queryFn: ({ signal }) => fetchAll(signal), staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false })
  const live = useLiveOrders(isLive)
  const rows = useMemo(() => (query.data === undefined ? undefined : merge(query.data.rows, live ?? [])), [query.data, live])
  return {
    rows,
    total: Math.max(query.data?.total ?? 0, rows?.length ?? 0),
    caughtUp: query.data?.caughtUp ?? true,
    error: query.error,
    isFetching: query.isFetching,
    fetchedMs: query.dataUpdatedAt,
    refetch: () => void query.refetch(),
  }
}

async function fetchAll(signal: AbortSignal): Promise<{ readonly rows: readonly OrderRow[]; readonly total: number; readonly caughtUp: boolean }> {
  const rows: OrderRow[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await api.call('orders', { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }, signal })
    rows.push(...page.items)
    cursor = page.next ?? undefined
    if (cursor === undefined || rows.length >= MOST_ORDERS) return { rows, total: page.total, caughtUp: page.caughtUp }
  }
}

/** Changed rows in their place, new ones in front; the later state of a row wins. */
export function merge(fetched: readonly OrderRow[], live: readonly OrderRow[]): readonly OrderRow[] {
  if (live.length === 0) return fetched
  const heard = new Map(live.map((row) => [row.id, row]))
  const rows = fetched.map((row) => {
    const newer = heard.get(row.id)
    heard.delete(row.id)
    return newer !== undefined && newer.updatedMs >= row.updatedMs ? newer : row
  })
  return [...[...heard.values()].reverse(), ...rows]
}

/** Changes of orders, drawn a few times a second at most; as they stood when it stops to be live. */
function useLiveOrders(isLive: boolean): readonly OrderRow[] | undefined {
  const shown = useRef<readonly OrderRow[] | undefined>(undefined)
  const subscribe = useMemo(
    () =>
      (changed: () => void): (() => void) => {
        if (!isLive) return () => {}
        let timer: ReturnType<typeof setTimeout> | null = null
        const show = (): void => {
          timer = null
          shown.current = socket.value('orders')
          changed()
        }
        const stop = socket.subscribe('orders', null, () => (timer ??= setTimeout(show, PACE_MS)))
        show()
        return () => {
          stop()
          if (timer !== null) clearTimeout(timer)
        }
      },
    [isLive],
  )
  return useSyncExternalStore(subscribe, () => shown.current)
}
