import type { ReactNode } from 'react'
import type { MlStatus, ModelDrift, ModelShadow } from '../../../../api/contract/index.ts'
import { plain, share } from '../../format/index.ts'
import { Empty, Facts, Grid, Panel, Tag, type Tone } from '../../ui/index.ts'

const TONES: Readonly<Record<ModelDrift['severity'], Tone>> = { none: 'up', low: 'info', medium: 'warn', high: 'down', critical: 'down' }

/** Whether the active model still fits its market, and how the one beside it would do. */
export function WatchPanels({ status: { refused, drift, shadow } }: { readonly status: MlStatus }): ReactNode {
  return (
    <>
      {refused === null ? null : (
        <p className="down" role="status">
          A model is refused: {refused}
        </p>
      )}
      <Grid columns={2}>
        <Panel title="Drift" side={drift === null ? null : <Tag tone={TONES[drift.severity]}>{drift.severity}</Tag>}>
          {drift === null ? <Empty title="Nothing to compare">Drift is measured while a model with a baseline is active.</Empty> : <Drift drift={drift} />}
        </Panel>
        <Panel title="Shadow" side={shadow === null ? null : <span className="mono muted clip">{shadow.version}</span>}>
          {shadow === null ? <Empty title="No model runs beside it">`ringmaster models shadow` lets a version answer without deciding.</Empty> : <Shadow shadow={shadow} />}
        </Panel>
      </Grid>
    </>
  )
}

function Drift({ drift }: { readonly drift: ModelDrift }): ReactNode {
  return (
    <Facts
      of={[
        ['Recommended', drift.recommendation],
        ['Features that drifted', share(drift.features, 1)],
        ['Stability index of predictions', plain(drift.predictionPsi, 3)],
        ['Accuracy now', share(drift.accuracy, 1)],
        ['Accuracy on unseen data', share(drift.testAccuracy, 1)],
        ...drift.worst.map(({ name, distance }) => [name, `distance ${plain(distance, 3)}`] as const),
      ]}
    />
  )
}

function Shadow({ shadow }: { readonly shadow: ModelShadow }): ReactNode {
  return (
    <Facts
      of={[
        ['Answers', plain(shadow.answers)],
        ['Same class as the active model', share(shadow.agreement, 1)],
        ['Answers whose future is known', plain(shadow.matured)],
        ['Accuracy of the shadow', share(shadow.accuracy, 1)],
        ['Accuracy of the active model', share(shadow.activeAccuracy, 1)],
      ]}
    />
  )
}
