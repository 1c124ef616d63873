import { type ReactNode, useState } from 'react'
import type { MlStatus, ModelRow } from '../../../../api/contract/index.ts'
import { clock, moment, nanoseconds, plain, share } from '../../format/index.ts'
import { api, outdated, useCall } from '../../live/index.ts'
import { Button, byText, type Column, Confirm, DataTable, Empty, Facts, Figure, Grid, Panel, say, Shown, Tag } from '../../ui/index.ts'
import { WatchPanels } from './watch-panels.tsx'

interface ShownModel extends ModelRow {
  readonly shadow: boolean
}

const STATUS_MS = 3000
const LIST_MS = 10_000

/** Registered models, which of them decides, and how it does. */
export function Models(): ReactNode {
  const status = useCall('mlStatus', {}, STATUS_MS)
  const models = useCall('models', {}, LIST_MS)
  const [activating, setActivating] = useState<ModelRow | null>(null)
  const [columns] = useState(() => columnsFor(setActivating))
  return (
    <div className="page">
      <div className="page-head">
        <h1>Models</h1>
        <span className="muted small num">{status.data === undefined ? '' : `counted since ${clock(status.data.sinceMs)}`}</span>
      </div>
      <Shown of={status} what="the use of the model" lines={3}>
        {(known) => (
          <>
            <Use status={known} />
            <WatchPanels status={known} />
          </>
        )}
      </Shown>
      <Panel title="Versions" side={<span className="mono muted clip">{status.data?.folder}</span>} flush>
        <Shown of={models} what="the models">
          {({ items }) => (
            <DataTable
              label="Versions of the model"
              columns={columns}
              rows={items.map((row) => ({ ...row, shadow: row.version === status.data?.shadow?.version }))}
              keyOf={(row) => row.version}
              sorted={{ id: 'created', descending: true }}
              empty={
                <Empty icon="models" title="No model is registered">
                  Without one the strategies decide alone. `ringmaster label` and the trainer make one.
                </Empty>
              }
            />
          )}
        </Shown>
      </Panel>
      {activating === null ? null : (
        <Confirm
          title={`Activate ${activating.version}?`}
          action="Activate"
          look="primary"
          reason="Why (kept in the audit trail)"
          onClose={() => setActivating(null)}
          onConfirm={async (why) => {
            const { version, inForce } = await api.call('activateModel', { params: { version: activating.version }, body: { why } })
            outdated('models', 'mlStatus')
            say('up', inForce === 'now' ? `${version} decides now.` : `${version} decides from the next start of the inference actors on.`)
          }}
        >
          <Facts
            of={[
              ['Now', status.data?.active ?? 'none'],
              ['Then', activating.version],
              ['Features', plain(activating.features)],
              ['Thresholds', activating.thresholds === null ? '–' : `probability ${activating.thresholds.minProbability}, confidence ${activating.thresholds.minConfidence}`],
            ]}
          />
        </Confirm>
      )}
    </div>
  )
}

function Use({ status }: { readonly status: MlStatus }): ReactNode {
  const { inferenceNs } = status
  return (
    <Grid columns={5} pairs>
      <Figure label="Active version" value={status.active ?? 'none'} hint={status.role === 'decides' ? 'the model decides' : 'it must agree with the strategies'} />
      <Figure label="Agreement" value={share(status.agreementRate, 1)} hint="its side was that of the decision" />
      <Figure label="Fallback rate" value={share(status.fallbackRate, 1)} tone={(status.fallbackRate ?? 0) > 0.05 ? 'warn' : ''} hint="entries without its answer" />
      <Figure label="Inference" value={nanoseconds(inferenceNs?.p50)} hint={inferenceNs === null ? 'not measured yet' : `p99 ${nanoseconds(inferenceNs.p99)}`} />
      <Figure label="Runs" value={plain(status.runs)} hint={`${plain(status.decisions)} decisions`} />
    </Grid>
  )
}

const columnsFor = (onActivate: (model: ModelRow) => void): readonly Column<ShownModel>[] => [
  { id: 'version', header: 'Version', width: 190, grow: true, cell: (row) => <span className="strong">{row.version}</span>, compare: byText((row) => row.version) },
  { id: 'state', header: 'State', width: 96, cell: (row) => (row.active ? <Tag tone="up">active</Tag> : row.shadow ? <Tag tone="info">shadow</Tag> : row.problem === null ? <Tag>ready</Tag> : <Tag tone="down">unfit</Tag>), compare: byText((row) => (row.active ? 'a' : row.problem === null ? 'b' : 'c')) },
  { id: 'created', header: 'Made', width: 170, cell: (row) => <span className="quiet">{row.created === null ? '–' : moment(Date.parse(row.created))}</span>, compare: byText((row) => row.created) },
  { id: 'features', header: 'Features', width: 84, end: true, cell: (row) => plain(row.features) },
  { id: 'shape', header: 'Input', width: 96, end: true, cell: (row) => (row.inputShape === null ? '–' : row.inputShape.join(' × ')) },
  { id: 'thresholds', header: 'Thresholds', width: 110, end: true, cell: (row) => (row.thresholds === null ? '–' : `${row.thresholds.minProbability} / ${row.thresholds.minConfidence}`) },
  { id: 'hash', header: 'SHA-256', width: 120, cell: (row) => <span className="mono quiet" title={row.sha256 ?? ''}>{row.sha256?.slice(0, 12) ?? '–'}</span> },
  { id: 'problem', header: 'Checks', width: 200, grow: true, cell: (row) => (row.problem === null ? <span className="quiet small">passes all</span> : <span className="down small" title={row.problem}>{row.problem}</span>) },
  {
    id: 'activate',
    header: '',
    width: 92,
    end: true,
    cell: (row) =>
      row.active || row.problem !== null ? null : (
        <Button small label={`Activate ${row.version}`} onPress={() => onActivate(row)}>
          Activate
        </Button>
      ),
  },
]
