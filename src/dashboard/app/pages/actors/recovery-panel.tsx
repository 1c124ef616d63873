import { type ReactNode, useState } from 'react'
import type { RecoveryStatus } from '../../../../api/contract/index.ts'
import { api, outdated, useCall } from '../../live/index.ts'
import { Button, Confirm, Empty, Facts, Panel, say, Shown, Tag } from '../../ui/index.ts'

const EVERY_MS = 3000

/** The last time that books and venue were held against each other, and a button to do it now. */
export function RecoveryPanel(): ReactNode {
  const recovery = useCall('recoveryStatus', {}, EVERY_MS)
  const [isAsking, setAsking] = useState(false)
  return (
    <Panel
      title="Recovery"
      side={
        <Button small disabled={recovery.data?.running === true} onPress={() => setAsking(true)}>
          Reconcile now
        </Button>
      }
    >
      <Shown of={recovery} what="the last recovery">
        {(known) => <Last status={known} />}
      </Shown>
      {isAsking ? (
        <Confirm
          title="Reconcile with the venue now?"
          action="Reconcile"
          look="primary"
          reason="Why (kept in the audit trail)"
          onClose={() => setAsking(false)}
          onConfirm={async (why) => {
            const { request } = await api.call('recoveryTrigger', { body: { why } })
            outdated('recoveryStatus')
            say('info', `Reconciliation ${request} has begun.`)
          }}
        >
          <p>Orders, positions and balance of the venue are read and held against the books. Entries wait until it is done.</p>
        </Confirm>
      ) : null}
    </Panel>
  )
}

function Last({ status: { running, ready, last } }: { readonly status: RecoveryStatus }): ReactNode {
  return (
    <div className="stack">
      <p className="row">
        <Tag tone={ready ? 'up' : 'warn'}>{ready ? 'ready' : 'not ready'}</Tag>
        {running ? <Tag tone="info">running</Tag> : null}
      </p>
      {last === null ? (
        <Empty title="No recovery yet" />
      ) : (
        <Facts
          of={[
            ['Why', last.reason.replaceAll('_', ' ')],
            ['Outcome', last.outcome.replaceAll('_', ' ')],
            ['Epoch', String(last.epoch)],
            ['Not clear yet', last.hanging.length === 0 ? 'nothing' : String(last.hanging.length)],
            ['Frozen pairs', last.frozen.length === 0 ? 'none' : last.frozen.map((one) => JSON.stringify(one['symbol'] ?? one)).join(', ').replaceAll('"', '')],
          ]}
        />
      )}
    </div>
  )
}
