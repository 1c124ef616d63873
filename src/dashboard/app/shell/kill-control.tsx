import { type ReactNode, useId, useState } from 'react'
import type { BotStatus } from '../../../api/contract/index.ts'
import { moment } from '../format/index.ts'
import { api } from '../live/index.ts'
import { Button, Confirm, Facts, say } from '../ui/index.ts'

/** The kill switch: engages it, or releases it, each after it was asked for once more. */
export function KillControl({ status }: { readonly status: BotStatus | undefined }): ReactNode {
  const [asking, setAsking] = useState<'kill' | 'release' | null>(null)
  const isEngaged = status?.kill.engaged === true
  return (
    <>
      {isEngaged ? (
        <Button look="primary" icon="play" onPress={() => setAsking('release')}>
          Release
        </Button>
      ) : (
        <Button look="danger" icon="stop" onPress={() => setAsking('kill')}>
          Kill switch
        </Button>
      )}
      {asking === 'kill' ? <Engage onClose={() => setAsking(null)} /> : null}
      {asking === 'release' && status !== undefined ? <Release status={status} onClose={() => setAsking(null)} /> : null}
    </>
  )
}

/** Asks before the kill switch is engaged. */
export function Engage({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [flatten, setFlatten] = useState(false)
  return (
    <Confirm
      title="Engage the kill switch?"
      action={flatten ? 'Stop and close everything' : 'Stop trading'}
      reason="Why (kept in the audit trail)"
      onClose={onClose}
      onConfirm={async (why) => {
        const { kept, told } = await api.call('kill', { body: { why, flatten } })
        say('info', told ? 'The engine was told to stop.' : kept ? 'The engine does not answer; the order to stop is on the disk and holds from its next start.' : 'The order to stop was taken.')
      }}
    >
      <p>Nothing that increases exposure leaves any more, also after a restart, until it is released. Positions are watched and their stops stay at the venue.</p>
      <Check label="Close all positions at the market as well" on={flatten} onChange={setFlatten} />
    </Confirm>
  )
}

/** Asks before trading goes on. */
export function Release({ status, onClose }: { readonly status: BotStatus; readonly onClose: () => void }): ReactNode {
  const [force, setForce] = useState(false)
  const { kill } = status
  return (
    <Confirm
      title="Release the kill switch?"
      action="Trade again"
      look="primary"
      reason="Why (kept in the audit trail)"
      onClose={onClose}
      onConfirm={async (why) => {
        await api.call('killRelease', { body: { why, force } })
        say('up', 'The kill switch is released.')
      }}
    >
      <Facts
        of={[
          ['Engaged by', kill.by],
          ['Since', moment(kill.sinceMs)],
          ['Reason', kill.reason === '' ? kill.code : kill.reason],
          ...Object.entries(kill.values).map(([name, value]) => [name, value] as const),
        ]}
      />
      <Check label="Release even if the cause still stands" on={force} onChange={setForce} />
    </Confirm>
  )
}

function Check({ label, on, onChange }: { readonly label: string; readonly on: boolean; readonly onChange: (on: boolean) => void }): ReactNode {
  const id = useId()
  return (
    <div className="row">
      <input id={id} type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
      <label htmlFor={id}>{label}</label>
    </div>
  )
}
