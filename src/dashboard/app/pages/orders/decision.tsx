import { type ReactNode, useState } from 'react'
import type { DecisionTrace, OrderDetail } from '../../../../api/contract/index.ts'
import { duration, exact, plain, share } from '../../format/index.ts'
import { Empty, Facts, Grid } from '../../ui/index.ts'
import { Votes } from '../votes.tsx'

export interface DecisionProps {
  readonly decision: OrderDetail['decision']
  readonly risk: OrderDetail['risk']
  readonly purpose: 'entry' | 'exit'
  readonly why: string
}

/** What the decision rested on: votes, model, prices with their ages, features, and how risk made an order of it. */
export function Decision({ decision, risk, purpose, why }: DecisionProps): ReactNode {
  return (
    <div className="stack">
      {why === '' ? null : <p className="quiet">{why}</p>}
      {decision === null ? (
        <Empty icon="search" title="No decision stands behind it">
          {purpose === 'exit' ? 'Exits follow the plan of their entry, or somebody asked for them.' : 'It was found at the venue, or the gateway began to listen later.'}
        </Empty>
      ) : (
        <Traced decision={decision} />
      )}
      {risk === null ? null : (
        <section className="stack" style={{ gap: 6 }}>
          <h3 className="muted small">Verdict of risk</h3>
          <Facts
            of={[
              ['Regime', risk.regime ?? '–'],
              ['Offset of the price', `${risk.offsetPercent} % (${risk.offsetSource})`],
              ['Confidence', plain(risk.confidence, 2)],
              ['Sized by', risk.sizedBy.replaceAll('_', ' ')],
              ['Equity then', risk.equity],
              ['Leverage', risk.leverage],
              ['Exits from', risk.exitSource ?? '–'],
            ]}
          />
        </section>
      )}
    </div>
  )
}

function Traced({ decision }: { readonly decision: DecisionTrace }): ReactNode {
  const { model, prices, block, features } = decision
  return (
    <div className="stack">
      <Grid columns={2}>
        <section className="stack" style={{ gap: 6 }}>
          <h3 className="muted small">Votes</h3>
          <Votes votes={decision.votes.map(({ strategy, vote }) => [strategy, vote])} />
          {block === null ? null : (
            <p className="small warn">
              Blocked by {block.kind}, confidence {plain(block.confidence, 2)}
            </p>
          )}
        </section>
        <section className="stack" style={{ gap: 6 }}>
          <h3 className="muted small">Model</h3>
          {model === null ? (
            <p className="quiet small">No model answered: the strategies decided.</p>
          ) : (
            <Facts
              of={[
                ['Buy', share(model.buy, 1)],
                ['Hold', share(model.hold, 1)],
                ['Sell', share(model.sell, 1)],
                ['Confidence', plain(model.confidence, 3)],
              ]}
            />
          )}
        </section>
      </Grid>
      <Grid columns={2}>
        <section className="stack" style={{ gap: 6 }}>
          <h3 className="muted small">Prices it saw</h3>
          {prices === null ? (
            <p className="quiet small">Not caught: the gateway did not listen, or too late.</p>
          ) : (
            <Facts
              of={[
                ['Bid / ask', `${exact(prices.bid)} / ${exact(prices.ask)}`],
                ['Last', exact(prices.last)],
                ['Source', prices.source],
                ['Received before it', duration(prices.receivedAgoUs / 1000)],
                ['Tick to decision', duration(prices.tickToDecisionUs / 1000)],
                ['Integrity of the book', share(prices.integrity)],
                ['Entries', prices.entries],
              ]}
            />
          )}
        </section>
        <section className="stack" style={{ gap: 6 }}>
          <h3 className="muted small">Names of it</h3>
          <Facts
            of={[
              ['Reason', decision.reason],
              ['Trace', <span className="mono">{decision.traceId}</span>],
              ['Record', plain(decision.sequence)],
              ['Vector', plain(decision.vectorSequence)],
              ['Settings', <span className="mono">{decision.configHash}</span>],
            ]}
          />
        </section>
      </Grid>
      <section className="stack" style={{ gap: 6 }}>
        <h3 className="muted small">Features</h3>
        {features === null ? <p className="quiet small">Not caught: the vector had left the ring.</p> : <Features of={features} />}
      </section>
    </div>
  )
}

function Features({ of }: { readonly of: Readonly<Record<string, number>> }): ReactNode {
  const [words, setWords] = useState('')
  const all = Object.entries(of)
  const shown = all.filter(([name]) => name.includes(words.trim().toLowerCase()))
  return (
    <>
      <input className="input" type="search" placeholder={`Filter ${all.length} features`} aria-label="Filter features" value={words} onChange={(event) => setWords(event.target.value)} />
      <div className="features num small" role="region" aria-label="Features" tabIndex={0}>
        {shown.map(([name, value]) => (
          <div key={name}>
            <span className="quiet clip" title={name}>
              {name}
            </span>
            <span>{plain(value, 4)}</span>
          </div>
        ))}
      </div>
    </>
  )
}
