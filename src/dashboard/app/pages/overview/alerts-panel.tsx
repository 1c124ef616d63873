import type { ReactNode } from 'react'
import type { Alert } from '../../../../api/contract/index.ts'
import { clock, moment } from '../../format/index.ts'
import { useLive } from '../../live/index.ts'
import { Empty, Panel, Shown, Tag, type Tone } from '../../ui/index.ts'

const SHOWN = 60

const TONES: Readonly<Record<Alert['severity'], Tone>> = { info: 'info', warning: 'warn', critical: 'down' }

/** What a person should hear of, newest first. */
export function AlertsPanel(): ReactNode {
  const alerts = useLive('alerts')
  return (
    <Panel title="Alerts" flush>
      <Shown of={{ data: alerts, error: null, refetch: () => {} }} what="the alerts" lines={6}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No alerts">What a person should hear of stands here, as it goes to the log, the webhook and Telegram.</Empty>
          ) : (
            <div className="alerts" role="region" aria-label="Alerts, newest first" tabIndex={0}>
              <ul>
                {rows
                  .toSorted((a, b) => b.atMs - a.atMs)
                  .slice(0, SHOWN)
                  .map((alert) => (
                    <li key={alert.id}>
                      <p className="row small">
                        <Tag tone={alert.resolved ? 'up' : TONES[alert.severity]}>{alert.resolved ? 'over' : alert.severity}</Tag>
                        <span className="clip quiet">{alert.source}</span>
                        <time className="muted num grow right" title={moment(alert.atMs)}>
                          {clock(alert.atMs)}
                        </time>
                      </p>
                      <p className="alert-words">{alert.title}</p>
                      {alert.text === '' ? null : <p className="alert-words muted small">{alert.text}</p>}
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
