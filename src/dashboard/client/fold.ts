import type { BookData, TopicDelta, TopicName, TopicSnapshot } from '../../api/contract/index.ts'

type RowTopic = { [Name in TopicName]: TopicSnapshot<Name> extends { rows: unknown[] } ? Name : never }[TopicName]

/** What a client holds of a topic: the rows of those that consist of rows, the whole answer of the others. */
export type TopicValue<Name extends TopicName> = Name extends RowTopic ? TopicSnapshot<Name> extends { rows: (infer Item)[] } ? readonly Item[] : never : TopicSnapshot<Name>

/** Rows of a topic that only ever grows: the oldest are let go. */
const MOST_ROWS = 2000

/** A snapshot as it is held. */
export function take<Name extends TopicName>(snapshot: TopicSnapshot<Name>): TopicValue<Name> {
  return (hasRows(snapshot) ? snapshot.rows : snapshot) as TopicValue<Name>
}

/** What is held after a delta; what was held before is left as it is. */
export function fold<Name extends TopicName>(topic: Name, held: TopicValue<Name>, delta: TopicDelta<Name>): TopicValue<Name> {
  if (topic === 'book') return foldBook(held as BookData, delta as BookData) as TopicValue<Name>
  if (!hasRows(delta)) return delta as unknown as TopicValue<Name>
  return foldRows(held as readonly Row[], delta) as TopicValue<Name>
}

interface Row {
  readonly id?: string
  readonly symbol?: string
}

const keyOf = (row: Row): string => row.id ?? row.symbol!

/** Changed rows keep their place, new ones come behind. */
function foldRows(held: readonly Row[], { rows, gone = [] }: { readonly rows: readonly Row[]; readonly gone?: readonly string[] }): readonly Row[] {
  const changed = new Map(rows.map((row) => [keyOf(row), row]))
  const left = new Set(gone)
  const kept = held
    .filter((row) => !left.has(keyOf(row)))
    .map((row) => {
      const key = keyOf(row)
      const next = changed.get(key)
      changed.delete(key)
      return next ?? row
    })
  return [...kept, ...changed.values()].slice(-MOST_ROWS)
}

type Level = BookData['bids'][number]

function foldBook(held: BookData, delta: BookData): BookData {
  return { ...delta, bids: foldSide(held.bids, delta.bids, -1), asks: foldSide(held.asks, delta.asks, 1) }
}

/** Size 0 takes a level away. Prices are compared as numbers: levels of one book have one number of digits. */
function foldSide(held: readonly Level[], changes: readonly Level[], order: 1 | -1): Level[] {
  const levels = new Map(held.map((level) => [level[0], level]))
  for (const level of changes) {
    if (Number(level[1]) === 0) levels.delete(level[0])
    else levels.set(level[0], level)
  }
  return [...levels.values()].sort((a, b) => order * (Number(a[0]) - Number(b[0])))
}

const hasRows = (data: unknown): data is { readonly rows: readonly Row[]; readonly gone?: readonly string[] } => typeof data === 'object' && data !== null && Array.isArray((data as { rows?: unknown }).rows)
