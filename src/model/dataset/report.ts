import { isoTime } from '../../core/index.ts'
import { type ClassBalance, type FeatureRange, spacingText, type SymbolInfo } from './info.ts'
import { HORIZONS } from './sample.ts'

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1f24;background:#fff}
h1,h2,h3{line-height:1.2}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:right;padding:.15rem .6rem;border-bottom:1px solid #d8dee4}
th:first-child,td:first-child{text-align:left}svg{display:block}.facts{width:auto}.left,td:last-child{text-align:left}.ends{display:flex;justify-content:space-between;margin:.2rem 0 0;color:#6a737d;font-size:12px}.key{display:inline-block;width:.7em;height:.7em;margin:0 .3em 0 .8em}.down{fill:#c0392b;background:#c0392b}.flat{fill:#8a939c;background:#8a939c}.up{fill:#1e8449;background:#1e8449}.unknown{fill:#d8dee4;background:#d8dee4}.line{fill:none;stroke:#2456a6;stroke-width:1.2;stroke-linecap:round}.gap{fill:#eceff2}.bar{fill:#2456a6}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#30363d}.line{stroke:#79b0ff}.bar{fill:#79b0ff}.unknown{fill:#30363d;background:#30363d}.gap{fill:#21262d}.ends{color:#8b949e}}`

/** A page that needs nothing but itself: class balance, price with gaps, and the range and shape of every feature. */
export function datasetReport(symbols: readonly SymbolInfo[]): string {
  const body = symbols.length === 0 ? '<p>The data set is empty.</p>' : symbols.map(symbolSection).join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Data set</title><style>${STYLE}</style></head>
<body><h1>Data set</h1>
${body}
</body></html>
`
}

function symbolSection(info: SymbolInfo): string {
  if (info.samples === 0) return `<h2>${escape(info.symbol)}</h2><p>No whole batch yet.</p>`
  const rows: readonly (readonly [string, string])[] = [
    ['samples', `${info.samples} in ${info.batches} ${info.batches === 1 ? 'batch' : 'batches'}`],
    ['from', isoTime(info.firstMs)],
    ['to', isoTime(info.lastMs)],
    ['median spacing', spacingText(info.spacingMs)],
    ['gaps', String(info.gaps.length)],
  ]
  return `<h2>${escape(info.symbol)}</h2>
<table class="facts">${rows.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`).join('')}</table>
<h3>Mid price, gaps shaded</h3>
${pricePlot(info)}
<h3>Classes by horizon</h3>
<table><tr><th>horizon</th><th>down</th><th>flat</th><th>up</th><th>not known</th><th class="left"><span class="key down"></span>down <span class="key flat"></span>flat <span class="key up"></span>up <span class="key unknown"></span>not known</th></tr>
${HORIZONS.map((horizon) => classRow(horizon, info.classes[horizon])).join('\n')}</table>
<h3>Features</h3>
<table><tr><th>feature</th><th>min</th><th>mean</th><th>max</th><th>deviation</th><th>zeros</th><th class="left">shape, min to max</th></tr>
${info.features.map(featureRow).join('\n')}</table>`
}

function pricePlot({ mid: points, gaps, firstMs: first, lastMs: last }: SymbolInfo): string {
  const width = 1000
  const height = 160
  const prices = points.map((point) => point[1])
  const [low, high] = [Math.min(...prices), Math.max(...prices)]
  const x = (ms: number): string => (last > first ? ((ms - first) / (last - first)) * width : width / 2).toFixed(1)
  const y = (price: number): string => (high > low ? height - 4 - ((price - low) / (high - low)) * (height - 8) : height / 2).toFixed(1)
  const shaded = gaps.map((gap) => `<rect class="gap" x="${x(gap.fromMs)}" y="0" width="${Math.max(0.5, Number(x(gap.toMs)) - Number(x(gap.fromMs))).toFixed(1)}" height="${height}"/>`)
  // Nothing is drawn across a gap; a point that stands alone becomes a dot.
  let gap = 0
  const line = points.map(([ms, price], i) => {
    const before = i > 0 ? points[i - 1]![0] : Number.NEGATIVE_INFINITY
    while (gap < gaps.length && gaps[gap]!.toMs <= before) gap++
    const begins = i === 0 || (gap < gaps.length && gaps[gap]!.toMs <= ms)
    return begins ? `M${x(ms)} ${y(price)}h0` : `L${x(ms)} ${y(price)}`
  })
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="mid price from ${low} to ${high}">${shaded.join('')}<path class="line" d="${line.join('')}"/></svg><p class="ends"><span>${isoTime(first)}</span><span>${low} to ${high}</span><span>${isoTime(last)}</span></p>`
}

function classRow(horizon: string, balance: ClassBalance): string {
  const parts = [['down', balance.down], ['flat', balance.flat], ['up', balance.up], ['unknown', balance.unknown]] as const
  const total = parts.reduce((sum, [, count]) => sum + count, 0)
  let at = 0
  const bars = parts.map(([kind, count]) => {
    const width = total > 0 ? (count / total) * 240 : 0
    const bar = `<rect class="${kind}" x="${at.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="12"/>`
    at += width
    return bar
  })
  return `<tr><td>${horizon}</td>${parts.map(([, count]) => `<td>${count}</td>`).join('')}<td><svg width="240" height="12" role="img" aria-label="${parts.map(([kind, count]) => `${kind} ${count}`).join(', ')}">${bars.join('')}</svg></td></tr>`
}

function featureRow(range: FeatureRange): string {
  const most = Math.max(1, ...range.histogram)
  const bars = range.histogram.map((count, i) => `<rect class="bar" x="${i * 6}" y="${(20 - (count / most) * 20).toFixed(1)}" width="5" height="${((count / most) * 20).toFixed(1)}"/>`)
  return `<tr><td>${escape(range.name)}</td><td>${short(range.min)}</td><td>${short(range.mean)}</td><td>${short(range.max)}</td><td>${short(range.deviation)}</td><td>${(range.zeros * 100).toFixed(1)} %</td><td><svg width="144" height="20" aria-hidden="true">${bars.join('')}</svg></td></tr>`
}

const short = (value: number): string => (Number.isFinite(value) ? Number(value.toPrecision(5)).toString() : 'none')

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
