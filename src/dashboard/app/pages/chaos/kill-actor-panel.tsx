import { type SyntheticEvent, type ReactNode, useState } from 'react'
import { api, useLive } from '../../live/index.ts'
import { attempt, Button, Choice, Panel, Shown } from '../../ui/index.ts'

const FAULTS = [
  ['throw', 'throw: the actor dies'],
  ['loop', 'loop: its thread stands still'],
  ['abort', 'abort: the engine process dies'],
] as const
type Fault = (typeof FAULTS)[number][0]

/** Breaks an actor, its thread or the engine process, and leaves it to the supervisors. */
export function KillActorPanel(): ReactNode {
  const tree = useLive('actors')
  const [chosen, setChosen] = useState('')
  const [fault, setFault] = useState<Fault>('throw')
  const [busy, setBusy] = useState(false)
  return (
    <Panel title="Kill an actor">
      <Shown of={{ data: tree, error: null, refetch: () => {} }} what="the actors" lines={3}>
        {({ threads }) => {
          const ids = threads.flatMap((thread) => thread.actors.map((actor) => actor.id))
          const id = ids.includes(chosen) ? chosen : (ids[0] ?? '')
          const submit = async (event: SyntheticEvent): Promise<void> => {
            event.preventDefault()
            setBusy(true)
            await attempt(() => api.call('killActor', { params: { id }, body: { fault, why: 'rehearsal on the chaos page' } }), `${id}: ${fault}. Watch it come back on the page of the actors.`)
            setBusy(false)
          }
          return (
            <form className="row wrap" onSubmit={(event) => void submit(event)}>
              <Choice label="Actor" value={id} onChange={setChosen} options={ids.map((one) => [one, one])} />
              <Choice label="Fault" value={fault} onChange={(value) => setFault(value as Fault)} options={FAULTS} />
              <Button type="submit" look="danger" icon="chaos" busy={busy} disabled={id === ''}>
                Break it
              </Button>
            </form>
          )
        }}
      </Shown>
    </Panel>
  )
}
