import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VirtualTime } from '../../../src/core/index.ts'
import { featureHash, ModelRegistry } from '../../../src/model/index.ts'
import { type ModelServer, startModelServer } from '../../../src/model/server/index.ts'
import { registrySource } from '../../../workers/model-source.ts'
import { distinctModel, draftFor, linearAnswer, linearOnnx } from '../onnx-fixture.ts'

const names = ['depth_bid_5', 'depth_ask_5']
const STEPS = 3
const TOKEN = 'a-token-of-the-test'
const linear = distinctModel(STEPS, names.length)
const of = (version: number) => ({ ...linear, weights: linear.weights.map(([a, b, c, d]) => [a!, b!, c!, d!, 1]), bias: [0, 0, 0, 0, 1000 * version] })
const windowOf = (value: number): number[][] => Array.from({ length: STEPS }, () => [value, value + 0.5])
const reason = { who: 'a test', why: '' }

let folder: string
let registry: ModelRegistry
let server: ModelServer

interface Answered {
  readonly version: string
  readonly expectedReturn: number
  readonly predictions: readonly Answered[]
  readonly models: readonly unknown[]
}

async function call(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: Answered }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await fetch(server.url + path, body === undefined ? { headers } : { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...headers } })
  return { status: answer.status, body: (await answer.json()) as Answered }
}
const reload = (version: string, token = TOKEN) => call(`/models/${version}/reload`, { why: 'a test' }, { authorization: `Bearer ${token}` })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rm-model-server-'))
  // Time stands still: how busy the machine is decides nothing here.
  const clock = new VirtualTime(1_767_323_045_000)
  registry = new ModelRegistry(folder, clock)
  server = await startModelServer({ host: '127.0.0.1', port: 0, token: TOKEN, registry, source: registrySource(registry, names), features: names, clock, budgetMs: 1000, fallbackFrom: null, log: () => {} })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('model server', () => {
  it('says that there is no model, until one is active', async () => {
    expect(await call('/health')).toEqual({ status: 200, body: { status: 'degraded', active: null, shadow: null, error: null, answers: 0, failures: 0, meanRunNs: 0, drift: null } })
    expect(await call('/predict', { window: windowOf(1) })).toMatchObject({ status: 503, body: { error: { code: 'RM_MODEL_NONE', action: 'retry' } } })
    for (const version of [1, 2]) await registry.register(`v${version}`, linearOnnx(of(version)), draftFor(names, STEPS))
    expect(await reload('v1')).toMatchObject({ status: 200, body: { active: 'v1', before: null } })
    expect((await call('/health')).body).toMatchObject({ status: 'ok', active: 'v1' })
  })

  it('answers what the model computes, for one window and for many', async () => {
    const expected = linearAnswer(of(1), windowOf(0.25).flat())
    const { status, body } = await call('/predict', { window: windowOf(0.25), featureHash: featureHash(names) })
    expect(status).toBe(200)
    expect(body).toMatchObject({ version: 'v1', confidence: expect.closeTo(expected.confidence, 5), expectedReturn: expect.closeTo(expected.expectedReturn, 2), probabilities: { sell: expect.closeTo(expected.sell, 5), hold: expect.closeTo(expected.hold, 5), buy: expect.closeTo(expected.buy, 5) } })
    const many = await call('/predict/batch', { windows: Array.from({ length: 20 }, (_one, i) => windowOf(i)) })
    expect(many.body.predictions.map(({ expectedReturn }) => Math.round(expectedReturn * 10) / 10)).toEqual(Array.from({ length: 20 }, (_one, i) => 1000 + STEPS * (2 * i + 0.5)))
    expect(server.service.status.largestBatch).toBe(8)
  })

  it('shows every version with its state', async () => {
    expect((await call('/models')).body.models).toMatchObject([{ version: 'v1', state: 'active', features: { count: 2, hash: featureHash(names) }, window: { steps: STEPS, stepMs: 0 }, accuracy: null }, { version: 'v2', state: 'registered' }])
  })

  it('swaps without a dropped or mixed prediction while requests come', { timeout: 30_000 }, async () => {
    let stop = false
    let answers = 0
    const wrong: unknown[] = []
    const client = async (value: number): Promise<void> => {
      while (!stop) {
        const { status, body } = await call('/predict', { window: windowOf(value) })
        answers++
        if (status !== 200 || Math.abs(body.expectedReturn - (1000 * Number(body.version.slice(1)) + STEPS * (2 * value + 0.5))) > 0.1) wrong.push(body)
      }
    }
    const clients = [1, 2, 3, 4].map(client)
    try {
      for (let swap = 0; swap < 6; swap++) {
        const before = answers
        expect(await reload(swap % 2 === 0 ? 'v2' : 'v1')).toMatchObject({ status: 200 })
        while (answers < before + 4) await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      stop = true
      await Promise.all(clients)
    }
    expect(wrong).toEqual([])
    expect(registry.state().history.at(-1)).toMatchObject({ action: 'activate', version: 'v1', who: 'model server, for 127.0.0.1', why: 'a test' })
  })

  it('keeps the old model when the new one does not pass, and says why', async () => {
    await registry.register('broken', linearOnnx(of(3)), draftFor(names, STEPS))
    truncateSync(join(folder, 'broken', 'model.onnx'), 100)
    expect(await reload('broken')).toMatchObject({ status: 422, body: { error: { code: 'RM_MODEL_CHECKSUM', action: 'halt' } } })
    expect(await reload('nobody')).toMatchObject({ status: 422, body: { error: { code: 'RM_MODEL_BUNDLE' } } })
    expect((await call('/predict', { window: windowOf(1) })).body.version).toBe('v1')
  })

  it('takes what was made active elsewhere, and goes on with what it has when that is broken', async () => {
    await registry.activate('v2', names, reason)
    expect(await server.refresh()).toBe(true)
    expect((await call('/predict', { window: windowOf(1) })).body.version).toBe('v2')
    const path = join(folder, 'v1', 'bundle.json')
    await registry.activate('v1', names, reason)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.slice(1))
    expect(await server.refresh()).toBe(false)
    expect((await call('/health')).body).toMatchObject({ status: 'degraded', active: 'v2', error: expect.stringContaining('RM_MODEL_BUNDLE') })
    writeFileSync(path, text)
    expect((await reload('v1')).status).toBe(200)
  })

  it.each<[string, string, unknown, number, string]>([
    ['a window of other rows', '/predict', { window: windowOf(1).slice(1) }, 400, 'RM_MODEL_REQUEST'],
    ['a row of other length', '/predict', { window: [[1], [1, 2], [1, 2]] }, 400, 'RM_MODEL_REQUEST'],
    ['a number that float32 cannot hold', '/predict', { window: [[1e39, 0], [0, 0], [0, 0]] }, 400, 'RM_MODEL_REQUEST'],
    ['a word for a number', '/predict', { window: [['1', 0], [0, 0], [0, 0]] }, 400, 'RM_MODEL_REQUEST'],
    ['a key that nobody knows', '/predict', { window: windowOf(1), surprise: 1 }, 400, 'RM_MODEL_REQUEST'],
    ['other features', '/predict', { window: windowOf(1), featureHash: 'f' }, 400, 'RM_MODEL_REQUEST'],
    ['no windows', '/predict/batch', { windows: [] }, 400, 'RM_MODEL_REQUEST'],
    ['too many windows', '/predict/batch', { windows: Array.from({ length: 65 }, () => windowOf(1)) }, 400, 'RM_MODEL_REQUEST'],
    ['a text that is no JSON', '/predict', '{"window":', 400, 'RM_MODEL_REQUEST'],
    ['a body that is too large', '/predict', `{"window":[[${'1'.repeat(17 * 1024 * 1024)}]]}`, 413, 'RM_MODEL_REQUEST_SIZE'],
    ['a route that is not there', '/predictions', {}, 404, 'RM_MODEL_ROUTE'],
    ['a reload without a token', '/models/v2/reload', {}, 401, 'RM_MODEL_TOKEN'],
  ])('refuses %s with a code', async (_what, path, body, status, code) => {
    expect(await call(path, body)).toMatchObject({ status, body: { error: { code, message: expect.stringContaining(code) } } })
  })

  it('refuses a reload with another token, and a version that is no name', async () => {
    expect((await reload('v2', 'guessed')).status).toBe(401)
    expect(await reload('..%2Fv2')).toMatchObject({ status: 400, body: { error: { code: 'RM_MODEL_VERSION' } } })
  })

  it('says which setting to change when its port is taken', async () => {
    await expect(startModelServer({ host: '127.0.0.1', port: server.port, token: TOKEN, registry, source: registrySource(registry, names), features: names, clock: new VirtualTime(0), budgetMs: 10, fallbackFrom: null, log: () => {} })).rejects.toThrow(/RM_PORT_TAKEN.*model\.server_port/)
  })
})
