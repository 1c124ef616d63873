import type { ReactNode } from 'react'
import { compareDecimals, money, moment } from '../../format/index.ts'
import { useCall } from '../../live/index.ts'
import { Empty, Panel, Shown, Spark } from '../../ui/index.ts'

const EVERY_MS = 10_000
/** A line of more points than pixels tells nothing more. */
const MOST_POINTS = 400

/** Equity over time as execution wrote it down. */
export function EquityPanel(): ReactNode {
  const equity = useCall('equity', {}, EVERY_MS)
  return (
    <Panel title="Equity">
      <Shown of={equity} what="the equity" lines={5}>
        {({ items }) => {
          if (items.length < 2) return <Empty title="No history of the equity yet">It is written down while the engine trades.</Empty>
          const step = Math.ceil(items.length / MOST_POINTS)
          const points = items.filter((_, i) => i % step === 0 || i === items.length - 1)
          const sorted = items.map((item) => item.equity).toSorted(compareDecimals)
          const rises = compareDecimals(items[0]!.equity, items.at(-1)!.equity) <= 0
          return (
            <figure className="equity">
              <div className="equity-line">
                <Spark values={points.map((point) => Number(point.equity))} tone={rises ? 'up' : 'down'} label={`Equity from ${moment(items[0]!.atMs)} to ${moment(items.at(-1)!.atMs)}`} />
                <span className="equity-mark top num">{money(sorted.at(-1))}</span>
                <span className="equity-mark foot num">{money(sorted[0])}</span>
              </div>
              <figcaption className="row spread muted small num">
                <span>{moment(items[0]!.atMs)}</span>
                <span>{moment(items.at(-1)!.atMs)}</span>
              </figcaption>
            </figure>
          )
        }}
      </Shown>
    </Panel>
  )
}
