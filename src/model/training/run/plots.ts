import type { CalibrationBin } from '../evaluate/index.ts'

type Points = readonly (readonly [x: number, y: number])[]

const WIDTH = 420
const HEIGHT = 200
/** Room for numbers at the left and below. */
const LEFT = 48
const BOTTOM = 18

/** Up to two lines over the same axes, as SVG: the first blue, the second red. */
export function linePlot(label: string, lines: readonly Points[]): string {
  const points = lines.flat()
  const [lowX, highX] = rangeOf(points.map(([x]) => x))
  const [lowY, highY] = rangeOf(points.map(([, y]) => y))
  const x = scale(lowX, highX, LEFT, WIDTH - 4)
  const y = scale(lowY, highY, HEIGHT - BOTTOM, 6)
  const paths = lines.map((line, i) => `<path class="${i === 0 ? 'a' : 'b'}" d="${line.map(([px, py], j) => `${j === 0 ? 'M' : 'L'}${x(px)} ${y(py)}`).join('')}"/>`)
  return frame(`${label}, from ${short(lowY)} to ${short(highY)}`, `${paths.join('')}${words(lowX, highX, lowY, highY)}`)
}

/** What was claimed against what came true; the size of a dot shows how often. */
export function calibrationPlot(label: string, bins: readonly CalibrationBin[]): string {
  const x = scale(0, 1, LEFT, WIDTH - 4)
  const y = scale(0, 1, HEIGHT - BOTTOM, 6)
  const most = Math.max(1, ...bins.map((bin) => bin.count))
  const dots = bins.map((bin) => `<circle class="dot" cx="${x(bin.claimed)}" cy="${y(bin.true)}" r="${(2 + 5 * Math.sqrt(bin.count / most)).toFixed(1)}"><title>${bin.count} windows: claimed ${bin.claimed.toFixed(3)}, true ${bin.true.toFixed(3)}</title></circle>`)
  return frame(`calibration of the ${label}`, `<line class="axis" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>${dots.join('')}${words(0, 1, 0, 1)}`)
}

const frame = (label: string, inside: string): string =>
  `<svg width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}"><path class="axis" fill="none" d="M${LEFT} 6V${HEIGHT - BOTTOM}H${WIDTH - 4}"/>${inside}</svg>`

const words = (lowX: number, highX: number, lowY: number, highY: number): string =>
  `<g class="words"><text x="${LEFT - 4}" y="${HEIGHT - BOTTOM}" text-anchor="end">${short(lowY)}</text><text x="${LEFT - 4}" y="14" text-anchor="end">${short(highY)}</text><text x="${LEFT}" y="${HEIGHT - 4}">${short(lowX)}</text><text x="${WIDTH - 4}" y="${HEIGHT - 4}" text-anchor="end">${short(highX)}</text></g>`

function rangeOf(values: readonly number[]): readonly [number, number] {
  const known = values.filter(Number.isFinite)
  return known.length === 0 ? [0, 1] : [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))]
}

/** A flat line lies in the middle. */
const scale = (low: number, high: number, from: number, to: number) => (value: number): string => (high > low ? from + ((value - low) / (high - low)) * (to - from) : (from + to) / 2).toFixed(1)

const short = (value: number): string => Number(value.toPrecision(4)).toString()
