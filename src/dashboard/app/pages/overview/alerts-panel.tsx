import type { ReactNode } from 'react'
import { clock, moment } from '../../format/index.ts'
import { useLive } from '../../live/index.ts'
import { Empty, Panel, Shown, Tag } from '../../ui/index.ts'

const SHOWN = 60

/** Warnings and errors of all processes, newest first. */
export function AlertsPanel(): ReactNode {
  const alerts = useLive('alerts')
  return (
    <Panel title="Alerts" flush>
      <Shown of={{ data: alerts, error: null, refetch: () => {} }} what="the alerts" lines={6}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No alerts">Warnings and errors of every process stand here.</Empty>
          ) : (
            <div className="alerts" role="region" aria-label="Alerts, newest first" tabIndex={0}>
              <ul>
                {rows
                  .toSorted((a, b) => b.atMs - a.atMs)
                  .slice(0, SHOWN)
                  .map((alert) => (
                    <li key={alert.id}>
                      <p className="row small">
                        <Tag tone={alert.level === 'error' ? 'down' : 'warn'}>{alert.level}</Tag>
                        <span className="clip quiet">{alert.source}</span>
                        <time className="muted num grow right" title={moment(alert.atMs)}>
                          {clock(alert.atMs)}
                        </time>
                      </p>
                      <p className="alert-words">{alert.message}</p>
                      {alert.code === null ? null : <p className="mono muted">{alert.code}</p>}
                    </li>
                  ))}
              </ul>
            </div>
          )
        }
      </Shown>
    </Panel>
  )
}
