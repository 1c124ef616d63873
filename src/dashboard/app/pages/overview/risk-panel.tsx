import type { ReactNode } from 'react'
import type { RiskStatus } from '../../../../api/contract/index.ts'
import { duration, money } from '../../format/index.ts'
import { useCall } from '../../live/index.ts'
import { Facts, Panel, Shown, Tag } from '../../ui/index.ts'

const EVERY_MS = 3000

/** What is at stake, what the limits are, and what they kept out of late. */
export function RiskPanel(): ReactNode {
  const risk = useCall('riskStatus', {}, EVERY_MS)
  return (
    <Panel title="Risk">
      <Shown of={risk} what="the risk status" lines={6}>
        {(known) => <Risk risk={known} nowMs={risk.dataUpdatedAt} />}
      </Shown>
    </Panel>
  )
}

function Risk({ risk, nowMs }: { readonly risk: RiskStatus; readonly nowMs: number }): ReactNode {
  const { exposure, limits, refusals, blocked, dust } = risk
  return (
    <div className="stack">
      <Facts
        of={[
          ['Exposure', `${money(exposure.total)} in ${exposure.positions} ${exposure.positions === 1 ? 'position' : 'positions'}`],
          ['Long / short', `${money(exposure.long)} / ${money(exposure.short)}`],
          ...limits.map(({ name, value, configured }) => [wordsOf(name), value === configured ? value : `${value} (configured ${configured})`] as const),
        ]}
      />
      {blocked.map(({ symbol, why }) => (
        <p key={symbol} className="row small">
          <Tag tone="warn">{symbol}</Tag>
          <span className="quiet">no entries: {why}</span>
        </p>
      ))}
      {dust.length === 0 ? null : <p className="small quiet">Positions too small to be closed: {dust.join(', ')}</p>}
      {refusals.length === 0 ? null : (
        <div className="stack" style={{ gap: 4 }}>
          <h3 className="muted small">Kept out by a limit</h3>
          <ul className="small num quiet">
            {refusals.slice(0, 6).map((refusal) => (
              <li key={`${refusal.symbol} ${refusal.limit}`} className="row spread">
                <span className="clip" title={`${refusal.found} against ${refusal.allowed}`}>
                  {refusal.symbol} · {wordsOf(refusal.limit)}
                </span>
                <span className="nowrap">
                  {refusal.times} ×, {duration(nowMs - refusal.atMs)} ago
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

const wordsOf = (name: string): string => name.replaceAll('_', ' ')
