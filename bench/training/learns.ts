/**
 * `node bench/training/learns.ts [seed…]`: trains the recommended network on a made task whose best possible answer is known, and
 * prints test accuracy beside that of a linear model, of the commonest class and of the best possible one. Takes minutes a seed.
 */
import { Random } from '../../src/core/index.ts'
import { classesOf, emptyTable, fit, type FitSettings, type Fold, markStretches, networkShape, predict, type TrainingTable } from '../../src/model/training/index.ts'
import { modelOf } from '../../src/model/training/run/index.ts'

const FEATURES = 110
const STEPS = 60
const HORIZON = 10
const ROWS = { train: 200_000, validation: 40_000, test: 40_000 } as const
const PURGE = STEPS + HORIZON
const SETTINGS: Omit<FitSettings, 'seed'> = { batch: 64, epochs: 10, patience: 3, stride: 10, learningRate: 1e-3, weightDecay: 1e-2, dropout: 0.2, classBalance: 0 }
/** Seconds a row, and what else a table wants to know: rows stand for time here. */
const ROW_MS = 1000

interface Task {
  readonly table: TrainingTable
  readonly fold: Fold
  /** Best guess of each row's class by who knows the states behind the features. */
  readonly oracle: Uint8Array
}

/**
 * Three causes of the return of the next ten rows: bursts that move the price only five rows later and for twenty, the product of a slow
 * regime and a flow, and a weak momentum. Each shows in several noisy features; ninety features are noise. Classes are thirds of the returns.
 */
function makeTask(seed: number): Task {
  const total = ROWS.train + ROWS.validation + ROWS.test
  const table = emptyTable(['MADE'], total, FEATURES, HORIZON * ROW_MS, 0)
  const random = new Random(seed, 'task')
  const impact = new Float64Array(total + 64)
  const mean = new Float64Array(total)
  const drift = new Float64Array(total + 1)
  let regime = 1
  let flow = 0
  let momentum = 0
  let burst = 0
  let left = 0
  for (let row = 0; row < total; row++) {
    if (random.chance(1 / 300)) regime = -regime
    flow = 0.95 * flow + Math.sqrt(1 - 0.95 ** 2) * random.normal()
    momentum = 0.98 * momentum + Math.sqrt(1 - 0.98 ** 2) * random.normal()
    if (left === 0 && random.chance(1 / 40)) {
      burst = random.chance(0.5) ? 1 : -1
      left = 3
      for (let ahead = 5; ahead < 25; ahead++) impact[row + ahead]! += burst
    }
    const at = row * FEATURES
    for (let f = 0; f < FEATURES; f++) {
      const cause = f < 5 ? (left > 0 ? 2.5 * burst : 0) : f < 10 ? regime : f < 15 ? 1.5 * flow : f < 20 ? momentum : 0
      table.values[at + f] = cause + random.normal()
    }
    if (left > 0) left--
    drift[row] = impact[row]! + 0.9 * regime * flow + 0.15 * momentum
    table.timeMs[row] = row * ROW_MS
  }
  // The best possible answer knows the sum of what moves the price, and not the noise on top of it.
  const noise = 3.6
  const sums = new Float64Array(total).fill(Number.NaN)
  for (let row = 0; row + HORIZON < total; row++) {
    let sum = 0
    for (let ahead = 1; ahead <= HORIZON; ahead++) sum += drift[row + ahead]!
    mean[row] = sum
    sums[row] = sum + noise * Math.sqrt(HORIZON) * random.normal()
  }
  const sorted = sums.slice(0, ROWS.train).filter(Number.isFinite).sort()
  const [low, high] = [sorted[Math.floor(sorted.length / 3)]!, sorted[Math.floor((2 * sorted.length) / 3)]!]
  const oracle = new Uint8Array(total)
  for (let row = 0; row < total; row++) {
    const known = Number.isFinite(sums[row])
    table.direction[row] = !known ? -128 : sums[row]! > high ? 1 : sums[row]! < low ? -1 : 0
    table.movement[row] = sums[row]! * 1e-4
    const below = normalCdf((low - mean[row]!) / (noise * Math.sqrt(HORIZON)))
    const above = 1 - normalCdf((high - mean[row]!) / (noise * Math.sqrt(HORIZON)))
    oracle[row] = above > below && above > 1 - above - below ? 2 : below > 1 - above - below ? 0 : 1
  }
  markStretches(table, 2 * ROW_MS)
  const range = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, i) => from + i)
  const cut = ROWS.train + ROWS.validation
  const fold = { index: 0, steps: STEPS, embargoMs: 0, train: range(STEPS, ROWS.train - PURGE), validation: range(ROWS.train + STEPS, cut - PURGE), test: range(cut + STEPS, total - HORIZON - 1) }
  return { table, fold, oracle }
}

/** Abramowitz and Stegun 26.2.17. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const tail = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return x >= 0 ? 1 - tail : tail
}

const shareOf = (windows: Int32Array, right: (i: number) => boolean): string => (windows.reduce((sum, _row, i) => sum + Number(right(i)), 0) / windows.length).toFixed(3)

for (const seed of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [101, 102, 103]) {
  const { table, fold, oracle } = makeTask(seed)
  const windows = fold.test.filter((_, i) => i % 10 === 0)
  const classes = classesOf(table, windows)
  const accuracy: Record<string, string> = {}
  const started = { wall: performance.now(), cpu: process.cpuUsage() }
  let epochs = 0
  for (const kind of ['linear', 'lstm'] as const) {
    const shape = networkShape(kind, 'small', STEPS, FEATURES)
    const surroundings = { name: kind, fingerprint: '', store: null, nowMs: () => performance.now(), stopped: () => false, onProgress: () => {}, budgetMs: null }
    const fitted = (await fit(table, fold, shape, { ...SETTINGS, seed, ...(kind === 'linear' ? { epochs: 4, learningRate: 3e-3 } : {}) }, surroundings))!
    const { logits } = await predict(modelOf(fitted), table, windows, STEPS)
    accuracy[kind] = shareOf(windows, (i) => { const three = [...logits.subarray(i * 3, i * 3 + 3)]; return three.indexOf(Math.max(...three)) === classes[i] })
    epochs = fitted.history.length
  }
  const commonest = [0, 1, 2].reduce((best, one) => Math.max(best, Number(shareOf(windows, (i) => classes[i] === one))), 0)
  const cpu = process.cpuUsage(started.cpu)
  console.log(`seed ${seed}: network ${accuracy['lstm']}, linear ${accuracy['linear']}, commonest class ${commonest.toFixed(3)}, best possible ${shareOf(windows, (i) => oracle[windows[i]!] === classes[i])} (${windows.length} windows; ${epochs} epochs, ${((performance.now() - started.wall) / 1000).toFixed(0)} s, ${((cpu.user + cpu.system) / 1e6).toFixed(0)} s of processor)`)
}
