import { type ReactNode, useCallback, useState } from 'react'
import type { PositionRow } from '../../../../api/contract/index.ts'
import { duration, exact, gain, percent, toneOf } from '../../format/index.ts'
import { outdated, useLiveRow } from '../../live/index.ts'
import { Confirm, Dialog, Facts, say } from '../../ui/index.ts'
import { closeAndWait } from './close-and-wait.ts'

/** Asks before a position is closed, with its PnL of this moment; then shows how the closing goes. */
export function ClosePosition({ positionId, onClose }: { readonly positionId: string; readonly onClose: () => void }): ReactNode {
  const isIt = useCallback((row: PositionRow) => row.id === positionId, [positionId])
  const position = useLiveRow('positions', isIt)
  const [asked, setAsked] = useState<PositionRow | null>(null)
  const [step, setStep] = useState<string | null>(null)
  const shown = position ?? asked
  if (shown === null || shown === undefined) {
    return (
      <Dialog title="It is closed already" onClose={onClose}>
        <p className="quiet">The position is not open any more.</p>
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Good
          </button>
        </div>
      </Dialog>
    )
  }
  return (
    <Confirm
      title={`Close ${shown.symbol}?`}
      action="Close at the market"
      reason="Why (kept in the audit trail)"
      onClose={onClose}
      onConfirm={async (why) => {
        setAsked(shown)
        try {
          await closeAndWait(shown, why, setStep)
        } finally {
          setStep(null)
        }
        outdated('orders', 'order', 'executionStats', 'trades')
        say('up', `${shown.symbol} is closed.`)
      }}
    >
      <div className="closing-pnl num" aria-live="polite">
        <span className={toneOf(shown.unrealised)}>{gain(shown.unrealised)} USDT</span>
        <span className={`small ${toneOf(shown.unrealised)}`}>{percent(shown.unrealisedPercent, 2, true)}</span>
      </div>
      <Facts
        of={[
          ['Position', `${shown.side} ${exact(shown.size)}`],
          ['Entry', exact(shown.entryPrice)],
          ['Price that would close it', `${exact(shown.price)} (${shown.priceSource}, ${duration(shown.priceAgeMs)} old)`],
        ]}
      />
      {step === null ? null : (
        <p className="strip info" role="status">
          {step}
        </p>
      )}
    </Confirm>
  )
}
