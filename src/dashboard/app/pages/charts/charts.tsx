import { type ReactNode, useEffect, useState } from 'react'
import { useRoute } from 'wouter'
import { useLive } from '../../live/index.ts'
import { Button, Empty } from '../../ui/index.ts'
import { ChartCard } from './chart-card.tsx'
import { addCharts, MOST_CHARTS, removeCharts, useChosen } from './chosen.ts'
import { PairPicker } from './pair-picker.tsx'

/** Up to twelve charts, three in a row where there is room. `/charts/BTCUSDT` adds one. */
export function Charts(): ReactNode {
  const symbols = useChosen((state) => state.symbols)
  const pairs = useLive('pairs')
  const [isPicking, setPicking] = useState(false)
  const [, params] = useRoute('/charts/:symbol')
  const asked = params?.symbol
  useEffect(() => {
    if (asked !== undefined) addCharts([asked])
  }, [asked])
  return (
    <div className="page">
      <div className="page-head">
        <h1>Charts</h1>
        <span className="muted small num">
          {symbols.length} of {MOST_CHARTS}
        </span>
        <Button icon="plus" look="primary" disabled={symbols.length >= MOST_CHARTS} onPress={() => setPicking(true)}>
          Add charts
        </Button>
        <Button disabled={symbols.length === 0} onPress={removeCharts}>
          Remove all
        </Button>
      </div>
      {symbols.length === 0 ? (
        <section className="panel grow-down">
          <Empty
            icon="charts"
            title="No charts yet"
            action={
              <Button icon="plus" look="primary" onPress={() => setPicking(true)}>
                Choose pairs
              </Button>
            }
          >
            Candles of five minutes, with trades, support and resistance; they are kept for this browser.
          </Empty>
        </section>
      ) : (
        <div className="charts-grid">
          {symbols.map((symbol) => (
            <ChartCard key={symbol} symbol={symbol} isKnown={pairs === undefined || pairs.some((pair) => pair.symbol === symbol)} />
          ))}
        </div>
      )}
      <p className="credit">
        Charts by{' '}
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          TradingView
        </a>{' '}
        Lightweight Charts™
      </p>
      {isPicking ? <PairPicker pairs={pairs ?? []} chosen={symbols} onClose={() => setPicking(false)} /> : null}
    </div>
  )
}
