import type { ReactNode } from 'react'
import type { ActorState } from '../../../../api/contract/index.ts'
import { api, socket } from '../../live/index.ts'
import { Confirm, Facts, say } from '../../ui/index.ts'

const PATIENCE_MS = 15_000
const ALIVE = new Set(['ready', 'degraded'])

/** Restarts an actor and waits until a new life of it runs. */
export function RestartActor({ actor, onClose }: { readonly actor: ActorState; readonly onClose: () => void }): ReactNode {
  return (
    <Confirm
      title={`Restart ${actor.id}?`}
      action="Restart"
      look="primary"
      reason="Why (kept in the audit trail)"
      onClose={onClose}
      onConfirm={async (why) => {
        await api.call('restartActor', { params: { id: actor.id }, body: { why } })
        await newLife(actor)
        say('up', `${actor.id} runs in a new life.`)
      }}
    >
      <p>It ends in good order and goes on at the same place of its ring; actors that depend on it are started with it.</p>
      <Facts
        of={[
          ['State', actor.state],
          ['Thread', actor.thread],
          ['Restarts so far', String(actor.restarts)],
        ]}
      />
    </Confirm>
  )
}

function newLife(actor: ActorState): Promise<void> {
  return new Promise((resolve, reject) => {
    const find = (): ActorState | undefined =>
      socket
        .value('actors')
        ?.threads.flatMap((thread) => thread.actors)
        .find((one) => one.id === actor.id)
    const end = (then: () => void): void => {
      clearTimeout(timer)
      stop()
      then()
    }
    const timer = setTimeout(() => end(() => reject(new Error(`${actor.id} has not come back after ${PATIENCE_MS / 1000} s: it is ${find()?.state ?? 'gone'}.`))), PATIENCE_MS)
    const look = (): void => {
      const now = find()
      if (now !== undefined && now.lives !== actor.lives && ALIVE.has(now.state)) end(resolve)
    }
    const stop = socket.subscribe('actors', null, look)
  })
}
