import type { ReactNode } from 'react'
import { duration, formatDecimal, gain, money, percent, plain, share, toneOf } from '../../format/index.ts'
import { useCall, useLive } from '../../live/index.ts'
import { Figure, Grid, Panel, Shown } from '../../ui/index.ts'
import { AlertsPanel } from './alerts-panel.tsx'
import { BotPanel } from './bot-panel.tsx'
import { EquityPanel } from './equity-panel.tsx'
import { PositionsTable } from './positions-table.tsx'
import { RiskPanel } from './risk-panel.tsx'
import { TradesTable } from './trades-table.tsx'

const STATS_MS = 5000

/** Money, positions, risk and what the engine has to say: the page that stays open. */
export function Overview(): ReactNode {
  const positions = useLive('positions')
  return (
    <div className="page">
      <div className="page-head">
        <h1>Overview</h1>
      </div>
      <Money />
      <div className="overview-top">
        <EquityPanel />
        <BotPanel />
      </div>
      <Panel title="Open positions" side={<span className="muted small num">{positions === undefined ? '' : positions.length}</span>} flush>
        <Shown of={{ data: positions, error: null, refetch: () => {} }} what="positions">
          {(rows) => <PositionsTable rows={rows} />}
        </Shown>
      </Panel>
      <div className="overview-foot">
        <RiskPanel />
        <TradesTable />
        <AlertsPanel />
      </div>
    </div>
  )
}

function Money(): ReactNode {
  const balance = useLive('balance')
  const stats = useCall('executionStats', {}, STATS_MS)
  const used = balance?.used ?? null
  const shareUsed = balance?.balance == null || used === null ? null : Number(used) / Number(balance.balance)
  const { data } = stats
  return (
    <Grid columns={6} pairs>
      <Figure label="Equity" value={money(balance?.equity)} hint={balance?.ageMs == null ? '' : `USDT, ${duration(balance.ageMs)} old`} />
      <Figure label="Open PnL" value={gain(balance?.unrealised)} tone={toneOf(balance?.unrealised)} hint="at closing prices" />
      <Figure label="Net of closed trades" value={gain(data?.net)} tone={toneOf(data?.net)} hint={data === undefined ? '' : `${formatDecimal(String(data.trades))} trades, ${share(data.winRate)} won`} />
      <Figure label="Balance" value={money(balance?.balance)} hint={balance?.available == null ? '' : `${money(balance.available)} available`} />
      <Figure label="Margin in use" value={money(used)} hint={shareUsed === null ? '' : `${share(shareUsed, 1)} of the balance`} />
      <Figure label="Loss of the day" value={plain(balance?.dayLoss, 2)} tone={(balance?.dayLoss ?? 0) > 0 ? 'down' : ''} hint={balance?.drawdownPercent == null ? '' : `${percent(balance.drawdownPercent)} below the peak`} />
    </Grid>
  )
}

