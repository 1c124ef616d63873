import { CandlestickSeries, createChart, createSeriesMarkers, type IChartApi, type IPriceLine, type ISeriesApi, type ISeriesMarkersPluginApi, LineStyle, type SeriesMarker, type Time, type UTCTimestamp } from 'lightweight-charts'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { Candle } from '../../../api/contract/index.ts'
import { socket, useCall, useTheme } from '../live/index.ts'
import { Empty, Failed, Loading } from '../ui/index.ts'
import { candleOptions, chartOptions, type Palette, readPalette } from './palette.ts'

/** Candles of a chart at most; older ones are let go. */
const CANDLES = 200
const REFRESH_MS = 15_000

/** A level that is drawn across the chart. */
export interface PriceLevel {
  readonly price: string
  readonly title: string
  readonly tone: 'up' | 'down' | 'warn' | 'info' | 'accent'
  readonly dashed?: boolean
}

export interface CandleChartProps {
  readonly symbol: string
  /** Price step of the pair. */
  readonly tick: string | undefined
  readonly tall?: boolean
  readonly levels: readonly PriceLevel[]
  readonly marks: (palette: Palette) => readonly SeriesMarker<UTCTimestamp>[]
}

interface Drawing {
  readonly chart: IChartApi
  readonly series: ISeriesApi<'Candlestick'>
  readonly markers: ISeriesMarkersPluginApi<Time>
}

/** Candles of five minutes of a pair: fetched, kept up by the live socket, with levels and marks. All of it is freed with the component. */
export function CandleChart({ symbol, tick, tall = false, levels, marks }: CandleChartProps): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const [drawing, setDrawing] = useState<Drawing | null>(null)
  const lines = useRef<readonly IPriceLine[]>([])
  const theme = useTheme((state) => state.theme)
  const palette = useMemo(() => readPalette(theme), [theme])
  const first = useRef(palette)
  const klines = useCall('klines', { params: { symbol }, query: { interval: '5', limit: CANDLES } }, REFRESH_MS)
  const items = klines.data?.items

  useEffect(() => {
    const chart = createChart(box.current!, chartOptions(first.current))
    const series = chart.addSeries(CandlestickSeries, candleOptions(first.current))
    setDrawing({ chart, series, markers: createSeriesMarkers(series, []) })
    return () => {
      lines.current = []
      setDrawing(null)
      chart.remove()
    }
  }, [])

  useEffect(() => {
    if (drawing === null) return
    drawing.chart.applyOptions(chartOptions(palette))
    drawing.series.applyOptions(candleOptions(palette))
  }, [drawing, palette])

  useEffect(() => {
    if (drawing === null || tick === undefined) return
    drawing.series.applyOptions({ priceFormat: { type: 'price', minMove: Number(tick), precision: tick.split('.')[1]?.length ?? 0 } })
  }, [drawing, tick])

  const isFitted = useRef(false)
  useEffect(() => {
    if (drawing === null || items === undefined) return
    drawing.series.setData(items.slice(-CANDLES).map(bar))
    if (!isFitted.current && items.length > 0) drawing.chart.timeScale().fitContent()
    isFitted.current = items.length > 0
    let last = items.at(-1)?.startMs ?? 0
    return socket.subscribe('candle', symbol, () => {
      const candle = socket.value('candle', symbol)
      // The library takes no bar that is older than the last.
      if (candle === undefined || candle.startMs < last) return
      last = candle.startMs
      drawing.series.update(bar(candle))
    })
  }, [drawing, items, symbol])

  const levelText = JSON.stringify(levels)
  useEffect(() => {
    if (drawing === null) return
    for (const line of lines.current) drawing.series.removePriceLine(line)
    lines.current = (JSON.parse(levelText) as readonly PriceLevel[]).map(({ price, title, tone, dashed }) =>
      drawing.series.createPriceLine({ price: Number(price), title, color: palette[tone], lineWidth: 1, lineStyle: dashed === true ? LineStyle.Dashed : LineStyle.Solid, axisLabelVisible: true }),
    )
  }, [drawing, levelText, palette])

  const drawn = useMemo(() => (items === undefined ? [] : marks(palette).filter((mark) => mark.time >= (items[0]?.startMs ?? 0) / 1000)), [marks, items, palette])
  useEffect(() => drawing?.markers.setMarkers([...drawn]), [drawing, drawn])

  return (
    <div className={tall ? 'chart-canvas tall' : 'chart-canvas'}>
      <div ref={box} style={{ height: '100%' }} role="img" aria-label={`Candles of five minutes of ${symbol}`} />
      {items !== undefined && items.length > 0 ? null : (
        <div className="chart-cover">
          {items !== undefined ? (
            <Empty icon="charts" title="No candles yet">
              The first one stands here as soon as the pair has traded.
            </Empty>
          ) : klines.error === null ? (
            <Loading lines={6} what={`Loading candles of ${symbol}`} />
          ) : (
            <Failed what={`Candles of ${symbol}`} error={klines.error} retry={() => void klines.refetch()} />
          )}
        </div>
      )}
    </div>
  )
}

const bar = ({ startMs, open, high, low, close }: Candle): { time: UTCTimestamp; open: number; high: number; low: number; close: number } => ({
  time: (startMs / 1000) as UTCTimestamp,
  open: Number(open),
  high: Number(high),
  low: Number(low),
  close: Number(close),
})
