import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { TopicName } from '../../../api/contract/index.ts'
import type { TopicValue } from '../../client/index.ts'
import { socket } from './gateway.ts'

/** What is held of a topic, drawn anew when it changes; undefined before its first snapshot. */
export function useLive<Name extends TopicName>(topic: Name, symbol: string | null = null): TopicValue<Name> | undefined {
  const subscribe = useCallback((listener: () => void) => socket.subscribe(topic, symbol, listener), [topic, symbol])
  return useSyncExternalStore(subscribe, () => socket.value(topic, symbol))
}

/** One row of a topic of rows, so that a component is drawn anew for its own row only. */
export function useLiveRow<Name extends TopicName, Row extends TopicValue<Name> extends readonly (infer R)[] ? R : never>(topic: Name, isWanted: (row: Row) => boolean): Row | undefined {
  const subscribe = useCallback((listener: () => void) => socket.subscribe(topic, null, listener), [topic])
  const find = useMemo(() => () => (socket.value(topic) as readonly Row[] | undefined)?.find(isWanted), [topic, isWanted])
  return useSyncExternalStore(subscribe, find)
}
