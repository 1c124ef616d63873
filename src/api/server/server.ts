import { createHash, randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { fail, RingmasterError } from '../../core/index.ts'
import { errorAnswer, type RouteName, type RouteSpec, routes } from '../contract/index.ts'
import type { Desk } from '../desk/index.ts'
import { SocketHub } from '../socket/index.ts'
import { serveDashboard } from './dashboard.ts'
import { answerError, BODY_BYTES_MAX } from './errors.ts'
import type { Call } from './handler.ts'
import { allHandlers } from './handlers.ts'
import { checkOrigin } from './origin.ts'
import type { ServerSettings } from './settings.ts'

const REFRESH_COOKIE = 'ringmaster_refresh'
const REQUEST_TIMEOUT_MS = 10_000
const MINUTE_MS = 60_000

export interface ApiServer {
  readonly url: string
  readonly port: number
  readonly hub: SocketHub
  /** For tests: a call without a socket. */
  readonly app: FastifyInstance
  close(): Promise<void>
}

/**
 * Starts the HTTP API with the live socket and the dashboard.
 * @throws RM_PORT_TAKEN, RM_LISTEN
 */
export async function startServer(desk: Desk, settings: ServerSettings): Promise<ApiServer> {
  const { host, port, say } = settings
  const app = fastify({ bodyLimit: BODY_BYTES_MAX, requestTimeout: REQUEST_TIMEOUT_MS, connectionTimeout: 2 * REQUEST_TIMEOUT_MS, routerOptions: { maxParamLength: 200 }, genReqId: () => randomBytes(6).toString('hex'), logger: false, forceCloseConnections: true })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, say))
  await addGuards(app, settings)
  await addDocs(app)
  addRoutes(app, desk, settings)
  addMetrics(app, desk)
  const hub = new SocketHub(desk, settings)
  await hub.attach(app)
  await serveDashboard(app, settings)
  try {
    await app.listen({ host, port })
  } catch (error) {
    hub.close()
    await app.close()
    throw listenError(error as NodeJS.ErrnoException, host, port)
  }
  const bound = (app.server.address() as AddressInfo).port
  const close = async (): Promise<void> => {
    hub.close()
    await app.close()
  }
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, port: bound, hub, app, close }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): RingmasterError {
  if (error.code === 'EADDRINUSE') return new RingmasterError('RM_PORT_TAKEN', { host, port, setting: 'gateway.port', env: 'RINGMASTER_GATEWAY_PORT' }, error)
  return new RingmasterError('RM_LISTEN', { host, port, reason: error.code ?? error.message, setting: 'gateway.host and gateway.port' }, error)
}

async function addGuards(app: FastifyInstance, { corsOrigins, callsPerMinute }: ServerSettings): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    // TLS is the business of whoever stands before it.
    hsts: false,
  })
  await app.register(cors, { origin: [...corsOrigins], credentials: true, methods: ['GET', 'POST'], allowedHeaders: ['authorization', 'content-type', 'if-none-match'], exposedHeaders: ['etag', 'retry-after'], maxAge: 600 })
  await app.register(cookie)
  await app.register(rateLimit, { max: callsPerMinute, timeWindow: MINUTE_MS, errorResponseBuilder: (_request, { max, ttl }) => new RingmasterError('RM_API_RATE', { max, seconds: Math.ceil(ttl / 1000) }) })
}

async function addDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      info: { title: 'Ringmaster gateway', version: '1', description: 'Money, prices and sizes are decimal text, times ms since 1970. Sign in with POST /auth/login; the answer carries the bearer token.' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, refresh: { type: 'apiKey', in: 'cookie', name: REFRESH_COOKIE } } },
    },
    transform: jsonSchemaTransform,
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { persistAuthorization: false, validatorUrl: null } })
}

function addRoutes(app: FastifyInstance, desk: Desk, settings: ServerSettings): void {
  const handlers = allHandlers(desk)
  for (const [name, spec] of Object.entries(routes) as [RouteName, RouteSpec][]) {
    // Each handler fits the schema of its own route; the table holds them all as one.
    const handle = handlers[name] as unknown as (input: object, call: Call) => unknown
    app.route({
      method: spec.method,
      url: spec.path,
      schema: schemaOf(name, spec),
      onRequest: async (request) => {
        // A page of a stranger can make a browser send the cookie, or ask for a login.
        if (spec.method === 'POST' || spec.access === 'cookie') checkOrigin(request, settings.corsOrigins)
        if (spec.access === 'token') await authorise(desk, request)
      },
      handler: async (request, reply) => {
        void reply.header('cache-control', spec.etag === true ? 'private, no-cache' : 'no-store')
        const answer = await handle({ params: request.params, query: request.query, body: request.body }, callOf(request, reply))
        return reply.code(spec.status).send(answer)
      },
      ...(spec.etag === true ? { onSend: tagged } : {}),
    })
  }
}

function schemaOf(name: RouteName, spec: RouteSpec): object {
  const { params, query, body, answer, status, tag, summary, access } = spec
  const security = access === 'token' ? [{ bearer: [] }] : access === 'cookie' ? [{ refresh: [] }] : []
  return {
    operationId: name,
    tags: [tag],
    summary,
    security,
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(body === undefined ? {} : { body }),
    response: { [status]: answer, '4xx': errorAnswer, '5xx': errorAnswer },
  }
}

/** The claims of a token, kept with its request. */
const expiries = new WeakMap<FastifyRequest, number>()

/** @throws RM_API_UNAUTHORISED, RM_API_TOKEN_EXPIRED */
async function authorise(desk: Desk, request: FastifyRequest): Promise<void> {
  const [, token] = /^Bearer ([\w.-]{1,2048})$/i.exec(request.headers.authorization ?? '') ?? []
  if (token === undefined) fail('RM_API_UNAUTHORISED', { problem: 'there is no bearer token' })
  expiries.set(request, (await desk.gate.verify(token)).expiresMs)
}

function callOf(request: FastifyRequest, reply: FastifyReply): Call {
  return {
    requestId: request.id,
    address: request.ip,
    user: 'operator',
    expiresMs: expiries.get(request) ?? 0,
    refreshToken: request.cookies[REFRESH_COOKIE] ?? '',
    keep(admission) {
      const options = { path: '/auth', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' } as const
      if (admission === null) void reply.clearCookie(REFRESH_COOKIE, options)
      else void reply.setCookie(REFRESH_COOKIE, admission.session.refreshToken, { ...options, expires: new Date(admission.session.expiresMs) })
    },
  }
}

/** A client that has the answer already is told so. */
async function tagged(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (typeof payload !== 'string' || reply.statusCode !== 200) return payload
  const tag = `W/"${createHash('sha256').update(payload).digest('base64url').slice(0, 24)}"`
  void reply.header('etag', tag)
  if (request.headers['if-none-match'] !== tag) return payload
  void reply.code(304)
  return ''
}

/** The page of the supervisor, for who has a token. */
function addMetrics(app: FastifyInstance, desk: Desk): void {
  app.get('/metrics', { schema: { tags: ['supervisor'], summary: 'Prometheus', security: [{ bearer: [] }] }, onRequest: (request) => authorise(desk, request) }, async (_request, reply) => {
    const { contentType, text } = await desk.line.ask('metrics', {})
    return reply.header('content-type', contentType).header('cache-control', 'no-store').send(text)
  })
}
