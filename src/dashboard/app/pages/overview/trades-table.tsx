import type { ReactNode } from 'react'
import { clock, duration, gain, toneOf } from '../../format/index.ts'
import { useLive } from '../../live/index.ts'
import { Empty, Panel, Shown, Tag } from '../../ui/index.ts'

const SHOWN = 12

/** Positions that closed last. */
export function TradesTable(): ReactNode {
  const trades = useLive('trades')
  return (
    <Panel title="Closed last" flush>
      <Shown of={{ data: trades, error: null, refetch: () => {} }} what="the trades" lines={6}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="Nothing closed yet">Trades stand here as soon as a position has closed.</Empty>
          ) : (
            <div className="table-box short" role="region" aria-label="Trades closed last" tabIndex={0}>
              <table className="table num">
                <thead>
                  <tr>
                    <th scope="col">Time</th>
                    <th scope="col">Pair</th>
                    <th scope="col" className="end">
                      Net
                    </th>
                    <th scope="col" className="end">
                      Held
                    </th>
                    <th scope="col">Exit</th>
                  </tr>
                </thead>
                <tbody>
                  {rows
                    .toSorted((a, b) => b.closedMs - a.closedMs)
                    .slice(0, SHOWN)
                    .map((trade) => (
                      <tr key={trade.id}>
                        <td className="quiet">{clock(trade.closedMs)}</td>
                        <td>
                          {trade.symbol} {trade.side === null ? null : <Tag tone={trade.side === 'long' ? 'up' : 'down'}>{trade.side}</Tag>}
                        </td>
                        <td className={`end strong ${toneOf(trade.net)}`}>{gain(trade.net)}</td>
                        <td className="end quiet">{duration(trade.heldMs)}</td>
                        <td className="quiet">{(trade.exitReason ?? '–').replaceAll('_', ' ')}</td>
                      </tr>
                    ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Shown>
    </Panel>
  )
}
