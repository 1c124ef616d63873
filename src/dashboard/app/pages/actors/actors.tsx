import { type ReactNode, useState } from 'react'
import type { ActorState, ActorTree } from '../../../../api/contract/index.ts'
import { useLive } from '../../live/index.ts'
import { Empty, Grid, Panel, Shown } from '../../ui/index.ts'
import { ActorTable } from './actor-table.tsx'
import { BreakersPanel } from './breakers-panel.tsx'
import { HopsPanel } from './hops-panel.tsx'
import { PricesPanel } from './prices-panel.tsx'
import { ProcessTable } from './process-table.tsx'
import { RecoveryPanel } from './recovery-panel.tsx'
import { RestartActor } from './restart-actor.tsx'

/** The supervision tree: processes, threads, actors, and what lies between them. */
export function Actors(): ReactNode {
  const tree = useLive('actors')
  return (
    <div className="page">
      <div className="page-head">
        <h1>Actors</h1>
        <span className="muted small num">{tree === undefined ? '' : countsOf(tree)}</span>
      </div>
      <Shown of={{ data: tree, error: null, refetch: () => {} }} what="the actors" lines={12}>
        {(known) => <Tree tree={known} />}
      </Shown>
    </div>
  )
}

function countsOf({ processes, threads }: ActorTree): string {
  const actors = threads.flatMap((thread) => thread.actors)
  const restarts = actors.reduce((sum, actor) => sum + actor.restarts, 0)
  return `${processes.length} processes, ${threads.length} threads, ${actors.length} actors, ${restarts} restarts`
}

function Tree({ tree }: { readonly tree: ActorTree }): ReactNode {
  const [restarting, setRestarting] = useState<ActorState | null>(null)
  return (
    <>
      <Panel title="Processes" flush>
        <ProcessTable rows={tree.processes} />
      </Panel>
      {tree.threads.length === 0 ? (
        <Panel title="Threads of the engine">
          <Empty title="No threads">The engine process is not up.</Empty>
        </Panel>
      ) : (
        tree.threads.map((thread) => (
          <Panel key={thread.name} title={`Thread ${thread.name}`} side={<span className="muted small num">{thread.actors.length} actors</span>} flush>
            <ActorTable label={`Actors of thread ${thread.name}`} rows={thread.actors} onRestart={setRestarting} />
          </Panel>
        ))
      )}
      <Grid columns={2}>
        <HopsPanel latencyNs={tree.latencyNs} />
        <PricesPanel />
        <BreakersPanel />
        <RecoveryPanel />
      </Grid>
      {restarting === null ? null : <RestartActor actor={restarting} onClose={() => setRestarting(null)} />}
    </>
  )
}
