import type { ReactNode } from 'react'
import { useCall } from '../../live/index.ts'
import { Empty, Panel, Shown, Tag } from '../../ui/index.ts'

const EVERY_MS = 1000

/** What must hold whatever is broken, looked at every second. */
export function InvariantsPanel(): ReactNode {
  const invariants = useCall('invariants', {}, EVERY_MS)
  const items = invariants.data?.items
  const broken = items?.filter((item) => !item.holds).length ?? 0
  return (
    <Panel title="Invariants" side={items === undefined ? null : <Tag tone={broken === 0 ? 'up' : 'down'}>{broken === 0 ? 'all hold' : `${broken} broken`}</Tag>} flush>
      <Shown of={invariants} what="the invariants" lines={6}>
        {(known) =>
          known.items.length === 0 ? (
            <Empty title="Nothing to look at yet" />
          ) : (
            <ul>
              {known.items.map((item) => (
                <li key={item.name} className="invariant">
                  <span className={`dot ${item.holds ? 'up' : 'down'}`} role="img" aria-label={item.holds ? 'holds' : 'broken'} />
                  <span>{item.name}</span>
                  <p className={`small num ${item.holds ? 'muted' : 'down'}`}>{item.found}</p>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Panel>
  )
}
