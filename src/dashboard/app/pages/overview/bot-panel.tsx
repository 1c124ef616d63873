import { type ReactNode, useState } from 'react'
import type { BotStatus } from '../../../../api/contract/index.ts'
import { duration, moment } from '../../format/index.ts'
import { useLive } from '../../live/index.ts'
import { BotState } from '../../shell/bot-state.tsx'
import { Engage, Release } from '../../shell/kill-control.tsx'
import { Button, Facts, Panel, Shown } from '../../ui/index.ts'

/** What the engine does, why, and the two buttons for it. */
export function BotPanel(): ReactNode {
  const status = useLive('status')
  return (
    <Panel title="Engine" side={<BotState status={status} />}>
      <Shown of={{ data: status, error: null, refetch: () => {} }} what="the state of the engine" lines={6}>
        {(known) => <Bot status={known} />}
      </Shown>
    </Panel>
  )
}

function Bot({ status }: { readonly status: BotStatus }): ReactNode {
  const [asking, setAsking] = useState<'stop' | 'start' | null>(null)
  const { kill, watchdog } = status
  return (
    <div className="stack">
      <Facts
        of={[
          ['Mode', `${status.mode} on ${status.venue}`],
          ['Running for', duration(status.uptimeMs)],
          ['Pairs', status.symbols.length <= 3 ? status.symbols.join(', ') : `${status.symbols.slice(0, 2).join(', ')} and ${status.symbols.length - 2} more`],
          ['Ready for entries', status.ready ? 'yes' : 'no'],
          ['Watchdog', watchdog === null ? 'off' : `${watchdog.state}, pulse ${duration(watchdog.silentMs)} ago`],
          ...(kill.engaged ? ([['Stopped by', `${kill.by}, ${moment(kill.sinceMs)}`], ['Because', kill.reason === '' ? kill.code : kill.reason]] as const) : []),
        ]}
      />
      {status.reasons.length === 0 ? null : (
        <ul className="small warn">
          {status.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <div className="row wrap">
        <Button icon="play" look="primary" disabled={!kill.engaged} onPress={() => setAsking('start')}>
          Start trading
        </Button>
        <Button icon="pause" disabled={kill.engaged} onPress={() => setAsking('stop')}>
          Stop trading
        </Button>
      </div>
      {asking === 'stop' ? <Engage onClose={() => setAsking(null)} /> : null}
      {asking === 'start' ? <Release status={status} onClose={() => setAsking(null)} /> : null}
    </div>
  )
}
