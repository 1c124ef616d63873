import { type ReactNode, useCallback } from 'react'
import type { PairState } from '../../../../api/contract/index.ts'
import { CandleChart, type PriceLevel } from '../../chart/candle-chart.tsx'
import { type Opened, tradeMarks } from '../../chart/marks.ts'
import type { Palette } from '../../chart/palette.ts'
import { exact, percent } from '../../format/index.ts'
import { useCall, useLive, useLiveRow } from '../../live/index.ts'
import { Button, Tag } from '../../ui/index.ts'
import { removeChart } from './chosen.ts'

const LEVELS_MS = 15_000

/** One chart with its price, change, levels and trades. */
export function ChartCard({ symbol, isKnown }: { readonly symbol: string; readonly isKnown: boolean }): ReactNode {
  const isIt = useCallback((row: PairState) => row.symbol === symbol, [symbol])
  const pair = useLiveRow('pairs', isIt)
  const levels = useCall('srLevels', { params: { symbol } }, LEVELS_MS, isKnown)
  const trades = useLive('trades')
  const positions = useLive('positions')
  const ours = (positions ?? []).filter((row) => row.symbol === symbol)
  // As text: positions come anew with every price, marks change only when one opens or closes.
  const opened = JSON.stringify(ours.map(({ side, openedMs }) => ({ side, openedMs })))
  const marks = useCallback(
    (palette: Palette) => tradeMarks(palette, (trades ?? []).filter((row) => row.symbol === symbol), JSON.parse(opened) as readonly Opened[]),
    [trades, opened, symbol],
  )
  const drawn: readonly PriceLevel[] = [
    ...(levels.data?.levels ?? []).map(({ kind, price }): PriceLevel => ({ price, title: kind === 'support' ? 'S' : 'R', tone: kind === 'support' ? 'up' : 'down', dashed: true })),
    ...ours.map(({ entryPrice, side }): PriceLevel => ({ price: entryPrice, title: side, tone: 'accent' })),
  ]
  const change = pair?.changePercent24h ?? null
  return (
    <section className="panel chart-card" aria-label={`Chart of ${symbol}`}>
      <header>
        <h2>{symbol}</h2>
        {isKnown ? (
          <>
            <span className="num strong" data-price>
              {exact(pair?.price)}
            </span>
            <span className={`num small ${change === null || change === 0 ? 'muted' : change > 0 ? 'up' : 'down'}`}>{percent(change, 2, true)}</span>
          </>
        ) : (
          <Tag tone="warn">not traded by the engine</Tag>
        )}
        <Button small look="plain" icon="close" label={`Remove the chart of ${symbol}`} onPress={() => removeChart(symbol)} />
      </header>
      <CandleChart symbol={symbol} tick={pair?.tick} levels={drawn} marks={marks} />
    </section>
  )
}
