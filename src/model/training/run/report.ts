import { isoTime } from '../../../core/index.ts'
import type { CalibrationBin, Interval, PolicyTrade } from '../evaluate/index.ts'
import { bestEpoch, type EpochRecord } from '../fit/index.ts'
import { calibrationPlot, linePlot } from './plots.ts'
import type { FoldResult } from './train-fold.ts'
import type { FoldVerdict, Verdict } from './verdict.ts'

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1f24;background:#fff}
h1,h2,h3{line-height:1.2}table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.5rem 0}th,td{text-align:right;padding:.15rem .6rem;border-bottom:1px solid #d8dee4}th:first-child,td:first-child{text-align:left}
svg{display:block}.plots{display:flex;flex-wrap:wrap;gap:1.5rem}figure{margin:0}figcaption{color:#6a737d;font-size:12px}.axis{stroke:#d8dee4}.a,.b{fill:none;stroke-width:1.5}.a{stroke:#2456a6}.b{stroke:#c0392b}.dot{fill:#2456a6}.words{font-size:11px;fill:#6a737d}.yes{color:#1e8449}.no{color:#c0392b}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#30363d}.axis{stroke:#30363d}.a{stroke:#79b0ff}.dot{fill:#79b0ff}.b{stroke:#ff7b72}.yes{color:#56d364}.no{color:#ff7b72}}`

const CLASS_NAMES = ['sell', 'hold', 'buy'] as const

export interface ReportFacts {
  /** Version it was published as, null when it was not. */
  readonly published: string | null
  readonly rows: readonly (readonly [name: string, value: string])[]
}

/** A page that needs nothing but itself: what was trained, how it went, what it is worth. */
export function trainingReport(results: readonly FoldResult[], verdict: Verdict, { published, rows }: ReportFacts): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Training</title><style>${STYLE}</style></head>
<body><h1>Training</h1>
${published === null ? `<p class="no">Not published:</p><ul>${verdict.objections.map((one) => `<li>${escape(one)}</li>`).join('')}</ul>` : `<p class="yes">Published as ${escape(published)}: it beats both baselines beyond chance.</p>`}
<table>${rows.map(([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`).join('')}</table>
<h2>Walk forward</h2>
<p>Each row was trained on what lies before it, chosen on what follows, and tested once on what follows that. CE is the mean cross-entropy in nats, less is better; the intervals hold the true mean in 95 of 100 cases (block bootstrap).</p>
<table><tr><th>test</th><th>from</th><th>windows</th><th>accuracy</th><th>CE network</th><th>CE linear</th><th>CE prior</th><th>saved against linear</th><th>saved against prior</th></tr>
${verdict.folds.map((fold, i) => foldRow(`fold ${fold.index + 1}`, isoTime(results[i]!.fold.testFromMs).slice(0, 16), fold)).join('\n')}
${foldRow('all', '', verdict.all)}</table>
<h2>Curves</h2>
<div class="plots">${results.map((result) => curves(result)).join('\n')}</div>
<h2>Confusion, all tests</h2>
<table><tr><th>was, said</th>${CLASS_NAMES.map((name) => `<th>${name}</th>`).join('')}<th>precision</th><th>recall</th></tr>
${CLASS_NAMES.map((name, i) => `<tr><td>${name}</td>${verdict.confusion[i]!.map((count) => `<td>${count}</td>`).join('')}<td>${percent(verdict.perClass[i]!.precision)}</td><td>${percent(verdict.perClass[i]!.recall)}</td></tr>`).join('\n')}</table>
<h2>Calibration, all tests</h2>
<div class="plots">${calibrationFigure('probability of the choice', verdict.calibration, verdict.calibrationError)}${calibrationFigure('confidence', verdict.confidence, verdict.confidenceError)}</div>
<h2>Naive policy</h2>
${policySection(verdict)}
</body></html>
`
}

function foldRow(name: string, from: string, { windows, accuracy, network, linear, prior, gainOverLinear, gainOverPrior }: FoldVerdict): string {
  const cells = [name, from, String(windows), interval(accuracy, (value) => (value * 100).toFixed(1), ' %'), nats(network.crossEntropy), nats(linear.crossEntropy), nats(prior.crossEntropy), interval(gainOverLinear, nats), interval(gainOverPrior, nats)]
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

function curves({ fold, network, linear }: FoldResult): string {
  const of = (history: readonly EpochRecord[], pick: (epoch: EpochRecord) => number): readonly (readonly [number, number])[] => history.map((epoch, i) => [i + 1, pick(epoch)])
  const { history } = network.fitted
  const best = bestEpoch(history) + 1
  return `<figure>${linePlot('cross-entropy by epoch', [of(history, (epoch) => epoch.trainLoss), of(history, (epoch) => epoch.validationLoss)])}<figcaption>fold ${fold.index + 1}: loss in training (blue, weighted classes) and on validation (red), best epoch ${best} of ${network.fitted.plan.epochs} planned; linear: best ${bestEpoch(linear.fitted.history) + 1}</figcaption></figure>
<figure>${linePlot('accuracy by epoch', [of(history, (epoch) => epoch.trainAccuracy), of(history, (epoch) => epoch.validationAccuracy)])}<figcaption>fold ${fold.index + 1}: accuracy in training (blue) and on validation (red)</figcaption></figure>`
}

const calibrationFigure = (what: string, bins: readonly CalibrationBin[], error: number): string =>
  `<figure>${calibrationPlot(what, bins)}<figcaption>${what}: claimed to the right, true upwards; mean distance ${percent(error)}</figcaption></figure>`

function policySection({ trades, netPerTrade, grossPerTrade }: Verdict): string {
  if (netPerTrade === null || grossPerTrade === null) return '<p>It was never sure enough to trade.</p>'
  const bp = (value: number): string => (value * 1e4).toFixed(2)
  return `<p>Takes the direction at the mid price where the model is sure enough, holds for the horizon, pays the fee of a taker twice. It knows neither spread nor stops: it shows whether there is anything to trade on.</p>
<table><tr><th>trades</th><th>before fees, bp a trade</th><th>after fees, bp a trade</th><th>sum after fees, bp</th></tr>
<tr><td>${trades.length}</td><td>${interval(grossPerTrade, bp)}</td><td>${interval(netPerTrade, bp)}</td><td>${bp(netPerTrade.mean * trades.length)}</td></tr></table>
<figure>${linePlot('sum of returns', [summed(trades, (trade) => trade.gross), summed(trades, (trade) => trade.net)])}<figcaption>sum of returns by trade, before (blue) and after fees (red), bp</figcaption></figure>`
}

function summed(trades: readonly PolicyTrade[], of: (trade: PolicyTrade) => number): readonly (readonly [number, number])[] {
  let sum = 0
  return trades.map((trade, i) => [i + 1, (sum += of(trade) * 1e4)])
}

const interval = ({ mean, low, high }: Interval, text: (value: number) => string, unit = ''): string => `${text(mean)}${unit} [${text(low)} to ${text(high)}]`
const nats = (value: number): string => value.toFixed(4)
const percent = (value: number | null): string => (value === null ? 'none' : `${(value * 100).toFixed(1)} %`)
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
