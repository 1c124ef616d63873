import { QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { RouteAnswer, RouteName } from '../../../api/contract/index.ts'
import { ApiError, type CallInput } from '../../client/index.ts'
import { api } from './gateway.ts'

const RETRIES = 2

/** What was fetched is kept for a while after its page is left, then let go. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1000,
      gcTime: 60_000,
      retry: (failures, error) => failures < RETRIES && error instanceof ApiError && error.isPassing,
      refetchOnWindowFocus: true,
    },
  },
})

/** Calls a route, and again every so many ms; false: only when asked to. */
export function useCall<Name extends RouteName>(name: Name, input: CallInput<Name>, everyMs: number | false, enabled = true): UseQueryResult<RouteAnswer<Name>> {
  return useQuery({
    queryKey: [name, input.params, input.query],
    queryFn: ({ signal }) => (api.call as (name: Name, input: unknown) => Promise<RouteAnswer<Name>>).call(api, name, { ...input, signal }),
    refetchInterval: everyMs,
    enabled,
  })
}

/** What was fetched of a route is not true any more: it is fetched anew where it is shown. */
export const outdated = (...names: readonly RouteName[]): void => {
  for (const name of names) void queries.invalidateQueries({ queryKey: [name] })
}
