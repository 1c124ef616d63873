import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from '../../../src/core/index.ts'
import { featureNames } from '../../../src/features/index.ts'
import { BatchFiles, labelDefaults, labelSymbol, type Sample } from '../../../src/model/index.ts'
import { type Checkpoint, CheckpointFile, checkpointPath, type FoldPart, networkShape, parameterCount } from '../../../src/model/training/index.ts'

const ROWS = 1500
const HORIZON_ROWS = 10
const EPOCHS = 30
const LABELS = { ...labelDefaults, volatilityScale: 0.4, toleranceMs: 1000 }
const SETTINGS = { 'train.folds': 1, 'train.window_rows': 10, 'train.horizon': '10s', 'train.stride': 1, 'train.test_share': 0.3, 'train.batch': 64, 'train.epochs': EPOCHS, 'train.patience': EPOCHS, 'train.embargo_s': 5, 'label.tolerance_s': 1 }

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ringmaster-killed-'))
  writeSet()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A set that gives away the future, in a way that no linear model can read: by how far the features are from zero, with a sign of chance. */
function writeSet(): void {
  const random = new Random(5, 'killed')
  const prices = [50_000]
  for (let row = 1; row < ROWS + HORIZON_ROWS; row++) prices.push(prices[row - 1]! * (1 + 1e-4 * random.normal()))
  const names = featureNames()
  let sign = 1
  const samples = Array.from({ length: ROWS }, (_, row): Sample => {
    if (row % HORIZON_ROWS === 0) sign = random.chance(0.5) ? 1 : -1
    const movement = prices[row + HORIZON_ROWS]! / prices[row]! - 1
    const value = sign * (movement > 1.3e-4 ? 0 : movement < -1.3e-4 ? 1 : 2)
    return { timestampMs: row * 1000, midPrice: prices[row]!, spread: 0.1, imbalance: 0, signalType: 'hold', signalConfidence: 0, features: Float32Array.from(names, () => value + 0.3 * random.normal()) }
  })
  new BatchFiles(join(root, 'set'), 'BTCUSDT').write({ date: '2026-01-01', number: 1 }, samples, names)
  labelSymbol(join(root, 'set'), 'BTCUSDT', LABELS)
}

interface Run {
  readonly ended: Promise<{ readonly signal: string | null; readonly code: number | null; readonly said: string }>
  readonly kill: () => void
}

function train(name: string): Run {
  const settings = Object.entries({ ...SETTINGS, 'train.dir': join(root, name), 'model.dir': join(root, name, 'models') }).flatMap(([path, value]) => ['--set', `${path}=${value}`])
  const child = spawn(process.execPath, ['workers/ringmaster.ts', 'train', '--dir', join(root, 'set'), '--as', 'v1', '--json', ...settings], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => void (said += text.toString()))
  return { ended: new Promise((resolve) => child.on('close', (code, signal) => resolve({ signal, code, said }))), kill: () => void child.kill('SIGKILL') }
}

/** The checkpoint of a part, once there is one. */
function checkpointOf(name: string, part: FoldPart): Checkpoint | null {
  const dir = join(root, name)
  const folder = existsSync(dir) ? readdirSync(dir).find((one) => /^[0-9a-f]{16}$/.test(one)) : undefined
  return folder === undefined ? null : new CheckpointFile(checkpointPath(join(dir, folder), 0, part)).load()
}

/** Kills a training as soon as a part has left a checkpoint that it did not have. @returns that checkpoint */
async function killed(name: string, part: FoldPart): Promise<Checkpoint> {
  const run = train(name)
  let over = false
  void run.ended.then(() => void (over = true))
  while (!over && checkpointOf(name, part) === null) await sleep(2)
  run.kill()
  const { signal, said } = await run.ended
  expect(signal, said).toBe('SIGKILL')
  return checkpointOf(name, part)!
}

/** Graph and weights of the model that was published: its file up to the facts about it, which tell when it was made. */
function weightsOf(name: string): string {
  const bytes = readFileSync(join(root, name, 'models', 'v1', 'model.onnx'))
  const graph = bytes.subarray(0, bytes.indexOf('ringmaster.'))
  expect(graph.length).toBeGreaterThan(4 * parameterCount(networkShape('lstm', 'small', SETTINGS['train.window_rows'], featureNames().length)))
  return createHash('sha256').update(graph).digest('hex')
}

test('a trainer that is killed in its baseline and again in its network goes on, and publishes the weights of one that was not', { timeout: 120_000 }, async () => {
  const whole = await train('whole').ended
  expect(whole.code, whole.said).toBe(0)
  expect(whole.said).toContain('"published":"v1"')

  expect((await killed('killed', 'linear')).finished).toBe(false)
  const cut = await killed('killed', 'network')
  expect(cut.finished).toBe(false)
  expect(cut.history.length).toBeLessThan(EPOCHS)
  const resumed = await train('killed').ended
  expect(resumed.code, resumed.said).toBe(0)
  expect(weightsOf('killed')).toBe(weightsOf('whole'))
})
