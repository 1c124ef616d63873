import { type ReactNode, useState } from 'react'
import type { StrategyState } from '../../../../api/contract/index.ts'
import { gain, plain, share, toneOf } from '../../format/index.ts'
import { api, outdated } from '../../live/index.ts'
import { Confirm, Facts, Panel, say, Switch, Tag } from '../../ui/index.ts'
import { Parameter } from './parameter.tsx'

interface Change {
  readonly setting: string
  readonly before: number | boolean
  readonly value: number | boolean
}

/** One strategy: its switch, what came of it, how it votes, and everything about it that can be changed while it runs. */
export function StrategyCard({ strategy }: { readonly strategy: StrategyState }): ReactNode {
  const [change, setChange] = useState<Change | null>(null)
  const { name, enabled, weight, outcome, votes, parameters } = strategy
  const title = name.replaceAll('_', ' ')
  const rest = parameters.filter((one) => one.name !== 'enabled' && one.name !== 'weight')
  return (
    <Panel
      title={title}
      side={
        <>
          {enabled ? null : <Tag>off</Tag>}
          <Switch on={enabled} label={`Strategy ${title}`} onChange={(value) => setChange({ setting: 'enabled', before: enabled, value })} />
        </>
      }
    >
      <div className="strategy">
        <dl className="strategy-counts num">
          <Count name="Trades" value={plain(outcome?.trades)} />
          <Count name="Won" value={outcome === null || outcome.trades === 0 ? '–' : share(outcome.wins / outcome.trades)} />
          <Count name="Net" value={gain(outcome?.net)} tone={toneOf(outcome?.net)} />
          <Count name="Weight" value={plain(weight, 2)} />
          <Count name="Votes buy" value={plain(votes.buy)} />
          <Count name="Votes sell" value={plain(votes.sell)} />
          <Count name="No vote" value={plain(votes.none)} />
          <Count name="Left out" value={plain(votes.leftOut)} tone={votes.leftOut > 0 ? 'warn' : ''} />
        </dl>
        <div className="stack" style={{ gap: 6 }}>
          <Parameter name="weight" value={weight} configured={weightOf(strategy)} owner={title} onChange={(value) => setChange({ setting: 'weight', before: weight, value })} least={0} />
          {rest.map((one) =>
            typeof one.value === 'boolean' ? (
              <div key={one.name} className="row spread">
                <span className="quiet">{one.name.replaceAll('_', ' ')}</span>
                <Switch on={one.value} label={`${title}: ${one.name.replaceAll('_', ' ')}`} onChange={(value) => setChange({ setting: one.name, before: one.value, value })} />
              </div>
            ) : (
              <Parameter key={one.name} name={one.name} value={one.value} configured={Number(one.configured)} owner={title} onChange={(value) => setChange({ setting: one.name, before: one.value, value })} />
            ),
          )}
        </div>
      </div>
      {change === null ? null : (
        <Confirm
          title={change.setting === 'enabled' ? `Switch ${title} ${change.value === true ? 'on' : 'off'}?` : `Change ${change.setting.replaceAll('_', ' ')} of ${title}?`}
          action={change.setting === 'enabled' ? (change.value === true ? 'Switch on' : 'Switch off') : 'Change'}
          look="primary"
          reason="Why (kept in the audit trail)"
          onClose={() => setChange(null)}
          onConfirm={async (why) => {
            await api.call('setStrategy', { params: { strategy: name, setting: change.setting }, body: { value: change.value, why } })
            outdated('strategiesStatus')
            say('up', `${title}: ${change.setting.replaceAll('_', ' ')} is ${wordOf(change.value)}.`)
          }}
        >
          <Facts
            of={[
              ['Now', wordOf(change.before)],
              ['Then', wordOf(change.value)],
            ]}
          />
          <p className="quiet small">It holds at once, for all pairs, and after a restart; positions that are open keep the plan of their entry.</p>
        </Confirm>
      )}
    </Panel>
  )
}

const wordOf = (value: number | boolean): string => (typeof value === 'number' ? String(value) : value ? 'on' : 'off')
const weightOf = ({ parameters, weight }: StrategyState): number => Number(parameters.find((one) => one.name === 'weight')?.configured ?? weight)

function Count({ name, value, tone = '' }: { readonly name: string; readonly value: string; readonly tone?: string }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={tone}>{value}</dd>
    </div>
  )
}
