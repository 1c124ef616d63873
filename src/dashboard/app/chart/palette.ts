import { ColorType, CrosshairMode, type CandlestickSeriesPartialOptions, type ChartOptions, type DeepPartial } from 'lightweight-charts'
import { clock } from '../format/index.ts'
import type { Theme } from '../live/index.ts'

export interface Palette {
  readonly up: string
  readonly down: string
  readonly line: string
  readonly text: string
  readonly warn: string
  readonly info: string
  readonly accent: string
  readonly surface: string
}

/** Colours of a theme, as the style sheet has them. */
export function readPalette(theme: Theme): Palette {
  const probe = document.createElement('i')
  probe.dataset['theme'] = theme
  document.body.append(probe)
  const style = getComputedStyle(probe)
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const palette = { up: colour('up'), down: colour('down'), line: colour('line'), text: colour('text-2'), warn: colour('warn'), info: colour('info'), accent: colour('accent'), surface: colour('surface') }
  probe.remove()
  return palette
}

const SECOND_MS = 1000

/** Looks of a chart. Times are those of this browser; the library counts seconds. */
export const chartOptions = (palette: Palette): DeepPartial<ChartOptions> => ({
  autoSize: true,
  layout: { background: { type: ColorType.Solid, color: palette.surface }, textColor: palette.text, fontFamily: "'Inter Variable', system-ui, sans-serif", fontSize: 11, attributionLogo: false },
  grid: { vertLines: { color: palette.line, style: 1 }, horzLines: { color: palette.line, style: 1 } },
  crosshair: { mode: CrosshairMode.Normal },
  rightPriceScale: { borderColor: palette.line, scaleMargins: { top: 0.12, bottom: 0.1 } },
  timeScale: { borderColor: palette.line, timeVisible: true, secondsVisible: false, rightOffsetPixels: 36, tickMarkFormatter: (time: unknown) => clock(Number(time) * SECOND_MS).slice(0, 5) },
  localization: { timeFormatter: (time: unknown) => clock(Number(time) * SECOND_MS).slice(0, 5) },
  // The wheel belongs to the page; charts are moved by dragging and pinching.
  handleScroll: { mouseWheel: false, vertTouchDrag: false },
  handleScale: { mouseWheel: false },
})

export const candleOptions = (palette: Palette): CandlestickSeriesPartialOptions => ({
  upColor: palette.up,
  downColor: palette.down,
  borderVisible: false,
  wickUpColor: palette.up,
  wickDownColor: palette.down,
})
