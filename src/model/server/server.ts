import type { AddressInfo } from 'node:net'
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { type Clock, errorLine, fail, RingmasterError } from '../../core/index.ts'
import { sameToken } from '../../runtime/health/index.ts'
import { MODEL_CLASSES } from '../bundle.ts'
import { ModelGate } from '../gate.ts'
import { classOf } from '../predictor.ts'
import type { ModelReason, ModelRegistry } from '../registry.ts'
import { ModelService, type ModelServiceParts, type ModelSource } from '../service.ts'
import { batchAnswer, batchBody, failure, health, models, predictBody, type Prediction, prediction, reloadBody, reloaded } from './contract.ts'

/** A batch of windows of 60 × 110 numbers as text, and some room. */
const BODY_BYTES = 16 * 1024 * 1024
/** A request that is not whole by then is given up, ms. */
const REQUEST_MS = 10_000

export interface ModelServerParts extends Pick<ModelServiceParts, 'log' | 'budgetMs' | 'fallbackFrom'> {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Bearer token of reloads. */
  readonly token: string
  readonly registry: ModelRegistry
  readonly source: ModelSource
  /** Names of the features in use. */
  readonly features: readonly string[]
  readonly clock: Clock
}

export interface ModelServer {
  readonly url: string
  readonly port: number
  readonly service: ModelService
  /** Looks whether another model was made active elsewhere; call it now and then. */
  refresh(): Promise<boolean>
  close(): Promise<void>
}

/**
 * The models over HTTP: `GET /health`, `POST /predict`, `POST /predict/batch`, `GET /models`, `POST /models/{version}/reload`. Same
 * registry, same trial and same swap between two predictions as in the engine.
 * @throws RM_PORT_TAKEN, RM_LISTEN
 */
export async function startModelServer(parts: ModelServerParts): Promise<ModelServer> {
  const { host, port } = parts
  const service = new ModelService({ ...parts, gate: new ModelGate(ModelGate.buffer(1)) })
  await service.refresh()
  const app = fastify({ bodyLimit: BODY_BYTES, requestTimeout: REQUEST_MS, logger: false, forceCloseConnections: true })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler((error, _request, reply) => {
    const coded = codedOf(error)
    return reply.status(statusOf(coded)).send({ error: { code: coded.code, action: coded.action, message: coded.message } })
  })
  app.setNotFoundHandler((request) => fail('RM_MODEL_ROUTE', { what: `${request.method} ${request.url}` }))
  addRoutes(app, parts, service)
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    const { code } = error as { code?: string }
    fail(code === 'EADDRINUSE' ? 'RM_PORT_TAKEN' : 'RM_LISTEN', { host, port, reason: errorLine(error), setting: 'model.server_port', env: 'MODEL_SERVER_PORT' }, error)
  }
  const { port: taken } = app.server.address() as AddressInfo
  parts.log('info', 'the model server answers', { host, port: taken })
  return { url: `http://${host}:${taken}`, port: taken, service, refresh: () => service.refresh(), close: () => app.close() }
}

function addRoutes(app: FastifyInstance, parts: ModelServerParts, service: ModelService): void {
  const { registry, token } = parts
  const typed = app.withTypeProvider<ZodTypeProvider>()
  typed.get('/health', { schema: { response: { 200: health } } }, () => {
    const { active, error, answers, failures, meanRunNs, drift, shadow } = service.status
    return { status: error === null && active !== null ? ('ok' as const) : ('degraded' as const), active, shadow: shadow?.version ?? null, error, answers, failures, meanRunNs, drift: drift?.severity ?? null }
  })
  typed.post('/predict', { schema: { body: predictBody, response: { 200: prediction, default: failure } } }, ({ body }) => {
    checkHash(service, registry, body.featureHash)
    return predict(service, flat(service, body.window))
  })
  typed.post('/predict/batch', { schema: { body: batchBody, response: { 200: batchAnswer, default: failure } } }, async ({ body }) => {
    checkHash(service, registry, body.featureHash)
    const windows = body.windows.map((window) => flat(service, window))
    return { predictions: await Promise.all(windows.map((window) => predict(service, window))) }
  })
  typed.get('/models', { schema: { response: { 200: models } } }, () => ({
    models: registry.versions().map((version) => {
      const meta = registry.meta(version)
      return {
        version,
        state: registry.stateOf(version),
        created: meta.created,
        features: { count: meta.features.names.length, hash: meta.features.hash },
        window: { steps: meta.input.shape[0], stepMs: meta.input.stepMs },
        accuracy: meta.metrics?.test.accuracy ?? null,
        sha256: meta.files.model.sha256,
      }
    }),
  }))
  typed.post('/models/:version/reload', { schema: { body: reloadBody, response: { 200: reloaded, default: failure } }, onRequest: (request) => authorise(request, token) }, ({ params, body, ip }) =>
    reload(parts, service, (params as { version: string }).version, { who: `model server, for ${ip}`, why: body.why }),
  )
}

/** Makes a version active in the registry and here. What does not pass its trial leaves both as they were. */
async function reload({ registry, features, log }: ModelServerParts, service: ModelService, version: string, reason: ModelReason): Promise<{ active: string; before: string | null; runMs: number }> {
  const before = registry.active()
  const { runMs } = await registry.activate(version, features, reason)
  await service.refresh()
  const { active, error } = service.status
  if (active !== version) fail('RM_MODEL_RELOAD', { version, reason: error ?? 'another change came between' })
  log('info', 'a model was made active over HTTP', { version, before })
  return { active: version, before, runMs }
}

function authorise({ headers }: FastifyRequest, token: string): Promise<void> {
  const given = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
  if (!sameToken(given, token)) fail('RM_MODEL_TOKEN')
  return Promise.resolve()
}

/** Asked in one turn of the event loop, windows of one request come into the same runs. */
async function predict(service: ModelService, window: Float32Array): Promise<Prediction> {
  const predictor = service.predictor()
  await predictor.run(window)
  const { version, sell, hold, buy, confidence, expectedReturn } = predictor.output
  return { version, direction: MODEL_CLASSES[classOf(predictor.output)]!, probabilities: { sell, hold, buy }, confidence, expectedReturn }
}

/** @throws RM_MODEL_NONE, RM_MODEL_REQUEST for a window of another shape or a number that float32 cannot hold */
function flat(service: ModelService, rows: readonly (readonly number[])[]): Float32Array {
  const { windowSteps, featureCount } = service.contract ?? fail('RM_MODEL_NONE')
  const odd = rows.findIndex((row) => row.length !== featureCount)
  if (rows.length !== windowSteps || odd >= 0) fail('RM_MODEL_REQUEST', { problem: `a window has ${windowSteps} rows of ${featureCount} features, here are ${rows.length} rows${odd < 0 ? '' : `, row ${odd} of ${rows[odd]!.length}`}` })
  const window = Float32Array.from(rows.flat())
  const at = window.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) fail('RM_MODEL_REQUEST', { problem: `number ${at} of the window is no float32` })
  return window
}

function checkHash(service: ModelService, registry: ModelRegistry, hash: string | undefined): void {
  const { version } = service.contract ?? fail('RM_MODEL_NONE')
  if (hash === undefined) return
  const expected = registry.meta(version).features.hash
  if (hash !== expected) fail('RM_MODEL_REQUEST', { problem: `the features of the request hash to ${hash}, those of model ${version} to ${expected}` })
}

function codedOf(error: unknown): RingmasterError {
  if (error instanceof RingmasterError) return error
  const { statusCode, code } = error as { statusCode?: number; code?: string }
  if (statusCode === 413) return new RingmasterError('RM_MODEL_REQUEST_SIZE', { limit: BODY_BYTES })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new RingmasterError('RM_MODEL_REQUEST', { problem: `${code ?? statusCode}: ${(error as Error).message}` })
  return new RingmasterError('RM_ASSERT', { what: `the model server understands what went wrong (${errorLine(error)})` }, error)
}

const STATUS: Readonly<Record<string, number>> = { RM_MODEL_REQUEST: 400, RM_MODEL_WINDOW: 400, RM_MODEL_VERSION: 400, RM_MODEL_TOKEN: 401, RM_MODEL_ROUTE: 404, RM_MODEL_REQUEST_SIZE: 413, RM_ASSERT: 500 }

/** What may be asked again is 503; a model that does not pass is 422. */
const statusOf = ({ code, action }: RingmasterError): number => STATUS[code] ?? (action === 'retry' ? 503 : 422)
