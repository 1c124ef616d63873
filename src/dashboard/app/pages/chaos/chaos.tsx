import type { ReactNode } from 'react'
import { ApiError } from '../../../client/index.ts'
import { useCall } from '../../live/index.ts'
import { Empty, Panel, Shown } from '../../ui/index.ts'
import { FaultsPanel } from './faults-panel.tsx'
import { InvariantsPanel } from './invariants-panel.tsx'
import { KillActorPanel } from './kill-actor-panel.tsx'

const EVERY_MS = 2000

/** Faults at the push of a button, and what must hold all the same. In paper mode only. */
export function Chaos(): ReactNode {
  const faults = useCall('faults', {}, EVERY_MS)
  const isReal = faults.error instanceof ApiError && faults.error.code === 'RM_API_PAPER_ONLY'
  return (
    <div className="page">
      <div className="page-head">
        <h1>Chaos</h1>
        <span className="muted small">paper mode only: the money is play money, the engine is the real one</span>
      </div>
      {isReal ? (
        <section className="panel grow-down">
          <Empty icon="chaos" title="This engine trades real money">
            Faults are for paper mode: there the built-in exchange takes the blows.
          </Empty>
        </section>
      ) : (
        <>
          <div className="overview-top">
            <Panel title="Faults of the exchange">
              <Shown of={faults} what="the faults" lines={8}>
                {(known) => <FaultsPanel faults={known} />}
              </Shown>
            </Panel>
            <div className="stack" style={{ alignContent: 'start' }}>
              <InvariantsPanel />
              <KillActorPanel />
            </div>
          </div>
        </>
      )}
    </div>
  )
}
