import type { ReactNode } from 'react'
import type { ActorTree } from '../../../../api/contract/index.ts'
import { compact, nanoseconds } from '../../format/index.ts'
import { Empty, Panel } from '../../ui/index.ts'

/** Ends of the scale: a microsecond and ten seconds. */
const LEAST = Math.log10(1e3)
const MOST = Math.log10(1e10)
const place = (ns: number): number => Math.min(1, Math.max(0, (Math.log10(Math.max(1, ns)) - LEAST) / (MOST - LEAST))) * 100

/** Latency of every hop: a bar from the median to the 99th percentile, on a scale of powers of ten. */
export function HopsPanel({ latencyNs }: { readonly latencyNs: ActorTree['latencyNs'] }): ReactNode {
  const hops = Object.entries(latencyNs).filter(([, hop]) => hop.count > 0)
  return (
    <Panel title="Latency per hop" side={<span className="muted small">1 µs to 10 s, powers of ten</span>}>
      {hops.length === 0 ? (
        <Empty title="No latency yet">Every hop is measured from the first tick on.</Empty>
      ) : (
        <div className="hops num small" role="table" aria-label="Latency per hop">
          <div className="hop muted" role="row">
            <span role="columnheader">Hop</span>
            <span className="last" role="columnheader">
              p50 to p99
            </span>
            <span className="right" role="columnheader">
              p50
            </span>
            <span className="right" role="columnheader">
              p90
            </span>
            <span className="right last" role="columnheader">
              p99
            </span>
          </div>
          {hops.map(([name, hop]) => (
            <div key={name} className="hop" role="row">
              <span className="clip" role="cell" title={`${name}, ${compact(hop.count)} measured, longest ${nanoseconds(hop.max)}`}>
                {name.replaceAll(/[_.]/g, ' ')}
              </span>
              <span className="hop-bar" role="cell" aria-label={`from ${nanoseconds(hop.p50)} to ${nanoseconds(hop.p99)}`}>
                <i style={{ left: `${place(hop.p50)}%`, right: `${100 - place(hop.p99)}%` }} />
                <b style={{ left: `${place(hop.p50)}%` }} />
              </span>
              <span className="right" role="cell">
                {nanoseconds(hop.p50)}
              </span>
              <span className="right" role="cell">
                {nanoseconds(hop.p90)}
              </span>
              <span className="right last" role="cell">
                {nanoseconds(hop.p99)}
              </span>
            </div>
          ))}
        </div>
      )}
    </Panel>
  )
}
