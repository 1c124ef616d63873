import type { ReactNode } from 'react'
import type { StrategiesStatus } from '../../../../api/contract/index.ts'
import { clock, plain, share } from '../../format/index.ts'
import { useCall } from '../../live/index.ts'
import { Figure, Grid, Shown } from '../../ui/index.ts'
import { SignalsPanel } from './signals-panel.tsx'
import { StrategyCard } from './strategy-card.tsx'

const EVERY_MS = 2000

/** Switches, weights and parameters of the strategies, how they voted and what came of it. */
export function Strategies(): ReactNode {
  const status = useCall('strategiesStatus', {}, EVERY_MS)
  return (
    <div className="page">
      <div className="page-head">
        <h1>Strategies</h1>
        <span className="muted small num">{status.data === undefined ? '' : `counted since ${clock(status.data.consensus.sinceMs)}`}</span>
      </div>
      <Shown of={status} what="the strategies" lines={10}>
        {(known) => (
          <>
            <Consensus of={known.consensus} />
            <Grid columns={3}>
              {known.strategies.map((strategy) => (
                <StrategyCard key={strategy.name} strategy={strategy} />
              ))}
            </Grid>
          </>
        )}
      </Shown>
      <SignalsPanel />
    </div>
  )
}

function Consensus({ of }: { readonly of: StrategiesStatus['consensus'] }): ReactNode {
  return (
    <Grid columns={6} pairs>
      <Figure label="Decisions" value={plain(of.decisions)} />
      <Figure label="Consensus rate" value={share(of.consensusRate, 1)} hint={`${plain(of.consensus)} by several`} />
      <Figure label="By one alone" value={plain(of.single)} hint="nobody was against it" />
      <Figure label="By the model" value={plain(of.model)} />
      <Figure label="Conflicts resolved" value={plain(of.conflicts)} hint="votes on both sides" />
      <Figure label="Blocked" value={plain(of.blocked)} hint="by the detectors" />
    </Grid>
  )
}
