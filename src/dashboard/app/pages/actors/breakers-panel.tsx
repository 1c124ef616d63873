import { type ReactNode, useState } from 'react'
import type { Breaker } from '../../../../api/contract/index.ts'
import { duration, plain, share } from '../../format/index.ts'
import { api, outdated, useCall } from '../../live/index.ts'
import { Button, byNumber, byText, type Column, Confirm, DataTable, Empty, Facts, Panel, say, Shown, Tag, type Tone } from '../../ui/index.ts'

const EVERY_MS = 3000
const TONES: Readonly<Record<Breaker['breaker'], Tone>> = { closed: 'up', 'half-open': 'warn', open: 'down' }

/** Circuit breakers and rate limits towards the venue. */
export function BreakersPanel(): ReactNode {
  const breakers = useCall('breakers', {}, EVERY_MS)
  const [resetting, setResetting] = useState<Breaker | null>(null)
  const [columns] = useState(() => columnsFor(setResetting))
  const banMs = breakers.data?.banMs ?? 0
  return (
    <Panel title="Breakers and rate limits" side={banMs > 0 ? <Tag tone="down">banned for {duration(banMs)}</Tag> : null} flush>
      <Shown of={breakers} what="the breakers">
        {({ groups }) => <DataTable label="Breakers" columns={columns} rows={groups} keyOf={(row) => row.group} empty={<Empty title="No groups yet">They appear with the first request to the venue.</Empty>} />}
      </Shown>
      {resetting === null ? null : (
        <Confirm
          title={`Close the breaker of ${resetting.group}?`}
          action="Close it"
          look="primary"
          reason="Why (kept in the audit trail)"
          onClose={() => setResetting(null)}
          onConfirm={async (why) => {
            await api.call('resetBreaker', { params: { group: resetting.group }, body: { why } })
            outdated('breakers')
            say('up', `The breaker of ${resetting.group} is closed.`)
          }}
        >
          <Facts
            of={[
              ['State', resetting.breaker],
              ['Failures in a row', plain(resetting.failures)],
              ['Opens for', duration(resetting.opensInMs)],
            ]}
          />
        </Confirm>
      )}
    </Panel>
  )
}

const columnsFor = (onReset: (group: Breaker) => void): readonly Column<Breaker>[] => [
  { id: 'group', header: 'Group', width: 100, grow: true, cell: (row) => <span className="strong">{row.group}</span>, compare: byText((row) => row.group) },
  { id: 'breaker', header: 'Breaker', width: 92, cell: (row) => <Tag tone={TONES[row.breaker]}>{row.breaker}</Tag>, compare: byText((row) => row.breaker) },
  { id: 'failures', header: 'Failures', width: 78, end: true, cell: (row) => plain(row.failures), compare: byNumber((row) => row.failures) },
  { id: 'openings', header: 'Openings', width: 84, end: true, cell: (row) => plain(row.openings), compare: byNumber((row) => row.openings) },
  { id: 'use', header: 'Limit used', width: 92, end: true, cell: (row) => <span className={row.utilisation > 0.8 ? 'warn' : ''}>{share(row.utilisation)}</span>, compare: byNumber((row) => row.utilisation) },
  { id: 'waiting', header: 'Waiting', width: 76, end: true, cell: (row) => plain(row.waiting), compare: byNumber((row) => row.waiting) },
  {
    id: 'reset',
    header: '',
    width: 76,
    end: true,
    cell: (row) =>
      row.breaker === 'closed' ? null : (
        <Button small label={`Close the breaker of ${row.group}`} onPress={() => onReset(row)}>
          Close
        </Button>
      ),
  },
]
