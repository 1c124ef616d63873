import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorLine, RingmasterError } from '../../core/index.ts'
import type { Log } from '../../telemetry/index.ts'
import { limitConnections } from './connections.ts'
import type { HealthSnapshot, KillAnswer, ReleaseAnswer, RestartAnswer, StrategyHealth } from './snapshot.ts'
import { sameToken } from './token.ts'

export interface HealthServerSettings {
  readonly host: string
  /** 0 takes any free port; `address` says which. */
  readonly port: number
  readonly token: string
  /** The state at this moment; called for each request that needs it, and must not wait for anyone. */
  readonly provider: () => HealthSnapshot
  readonly restartActor: (id: string) => RestartAnswer | Promise<RestartAnswer>
  readonly kill: (why: string, flatten: boolean) => KillAnswer
  readonly release: (why: string, force: boolean) => Promise<ReleaseAnswer>
  readonly resetBreaker: (group: string) => RestartAnswer
  /** Recovery on request; without it its pages do not exist. */
  readonly recovery?: RecoveryDesk
  /** Asks for another value of a limit. @returns null when it was passed on, else why not */
  readonly setLimit: (limit: string, value: string) => string | null
  /** The strategies; without it their pages do not exist. */
  readonly strategies?: StrategyPages
  readonly metrics: { readonly contentType: string; render(): Promise<string> }
  readonly log: Log
}

export interface StrategyPages {
  list(): readonly StrategyHealth[]
  /** @returns null when the change was taken, else why not */
  set(strategy: string, setting: string, value: string): string | null
}

export interface RecoveryDesk {
  /** @returns the id that the report of the run will carry, or why there can be no run */
  trigger(): { readonly kind: 'accepted'; readonly request: string } | { readonly kind: 'refused'; readonly reason: string }
  /** The last report as plain data; null before there is one. */
  last(): unknown
}

export interface HealthServer {
  readonly host: string
  readonly port: number
  readonly url: string
  close(): Promise<void>
}

const BODY_BYTES_MAX = 1024
const WHY_LENGTH_MAX = 300
const HEADER_BYTES_MAX = 8192
const CONNECTIONS_MAX = 64
const HEADERS_TIMEOUT_MS = 5000
const REQUEST_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 5000
const CHECK_MS = 1000
// The header timeout starts with the first byte only; a client that says nothing is ended by this one.
const SILENCE_MS = 10_000

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Starts the supervisor's HTTP server: reads are open, commands need the bearer token. Everything it waits for has a
 * bound, so that no client keeps it from answering the next.
 * @throws RM_PORT_TAKEN when something else listens there; RM_LISTEN when the address cannot be used
 */
export function createHealthServer(settings: HealthServerSettings): Promise<HealthServer> {
  const server = createServer({ maxHeaderSize: HEADER_BYTES_MAX, requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS, connectionsCheckingInterval: CHECK_MS })
  limitConnections(server, CONNECTIONS_MAX)
  server.timeout = SILENCE_MS
  server.on('request', (request, response) => void serve(settings, request, response))
  // As without a listener, but the peer is told before the connection goes.
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    else socket.destroy()
  })
  return listen(server, settings)
}

function listen(server: Server, { host, port, log }: HealthServerSettings): Promise<HealthServer> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      server.on('error', (error) => log('error', 'health server', { error }))
      const { port: bound } = server.address() as AddressInfo
      resolve({ host, port: bound, url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close: () => close(server) })
    })
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): RingmasterError {
  if (error.code === 'EADDRINUSE') return new RingmasterError('RM_PORT_TAKEN', { host, port, setting: 'health.port', env: 'RINGMASTER_HEALTH_PORT' }, error)
  return new RingmasterError('RM_LISTEN', { host, port, reason: error.code ?? error.message, setting: 'health.host and health.port' }, error)
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function serve(settings: HealthServerSettings, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let answer: Answer
  try {
    const tooLarge = await drainBody(request)
    answer = tooLarge ? problem(413, `a request body has at most ${BODY_BYTES_MAX} bytes`, { connection: 'close' }) : await route(settings, request)
  } catch (error) {
    // The peer went away in the middle of its request: nothing was done, nobody waits.
    if (request.errored !== null) return
    settings.log('error', 'health request failed', { method: request.method, url: request.url, error })
    answer = problem(500, errorLine(error))
  }
  if (response.destroyed) return
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...answer.headers,
  })
  response.end(request.method === 'HEAD' ? undefined : answer.body)
}

/** No route reads a body; a small one is thrown away, a large one is refused. @returns true for a large one */
function drainBody(request: IncomingMessage): Promise<boolean> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return Promise.resolve(true)
  return new Promise((resolve, reject) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > BODY_BYTES_MAX) {
        request.pause()
        resolve(true)
      }
    })
    request.on('end', () => resolve(false))
    request.on('error', reject)
  })
}

async function route(settings: HealthServerSettings, request: IncomingMessage): Promise<Answer> {
  const method = request.method ?? 'GET'
  const path = (request.url ?? '/').split('?', 1)[0]!
  const restart = /^\/actors\/([^/]+)\/restart$/.exec(path)
  if (restart !== null) return method === 'POST' ? restartRoute(settings, request, restart[1]!) : wrongMethod(method, 'POST')
  const limit = /^\/risk\/limits\/([a-z_]+)\/([^/]+)$/.exec(path)
  if (limit !== null) return method === 'POST' ? limitRoute(settings, request, limit[1]!, limit[2]!) : wrongMethod(method, 'POST')
  const reset = /^\/breakers\/([a-z]+)\/reset$/.exec(path)
  if (reset !== null) return method === 'POST' ? resetRoute(settings, request, reset[1]!) : wrongMethod(method, 'POST')
  if (settings.strategies !== undefined) {
    if (path === '/strategies') return method === 'GET' || method === 'HEAD' ? json(200, { strategies: settings.strategies.list() }) : wrongMethod(method, 'GET, HEAD')
    const change = /^\/strategies\/([a-z_]+)\/([a-z_0-9]+)\/([^/]+)$/.exec(path)
    if (change !== null) return method === 'POST' ? strategyRoute(settings, settings.strategies, request, [change[1]!, change[2]!, change[3]!]) : wrongMethod(method, 'POST')
  }
  const command = COMMANDS[path]
  if (command !== undefined) {
    if (method !== 'POST') return wrongMethod(method, 'POST')
    return unauthorised(settings, request) ?? command(settings, new URL(request.url!, 'http://health').searchParams)
  }
  if (settings.recovery !== undefined) {
    if (path === RECOVERY_TRIGGER) return method === 'POST' ? recoveryRoute(settings, settings.recovery, request) : wrongMethod(method, 'POST')
    if (path === RECOVERY_LAST) return method === 'GET' || method === 'HEAD' ? json(200, { report: settings.recovery.last() }) : wrongMethod(method, 'GET, HEAD')
  }
  const read = READ_ROUTES[path]
  if (read === undefined) return problem(404, `no such page: ${path}; there are ${Object.keys(READ_ROUTES).join(', ')}, and POST /actors/{id}/restart, /breakers/{group}/reset, /risk/limits/{name}/{value}, /kill, /release`)
  return method === 'GET' || method === 'HEAD' ? read(settings) : wrongMethod(method, 'GET, HEAD')
}

const RECOVERY_TRIGGER = '/api/monitoring/recovery/trigger'
const RECOVERY_LAST = '/api/monitoring/recovery/last'

const READ_ROUTES: Readonly<Record<string, (settings: HealthServerSettings) => Answer | Promise<Answer>>> = {
  '/health': ({ provider }) => {
    const snapshot = provider()
    return json(snapshot.status === 'down' ? 503 : 200, snapshot)
  },
  // Answered by the supervisor's own loop and nothing else: true whatever has become of the rest.
  '/health/live': () => json(200, { live: true }),
  '/health/ready': ({ provider }) => {
    const { ready, status, reasons } = provider()
    return json(ready ? 200 : 503, { ready, status, reasons })
  },
  '/actors': ({ provider }) => json(200, { actors: provider().actors }),
  '/metrics': async ({ metrics }) => ({ status: 200, type: metrics.contentType, body: await metrics.render() }),
}

/** Commands on the whole engine; their words stand in the query. */
const COMMANDS: Readonly<Record<string, (settings: HealthServerSettings, query: URLSearchParams) => Answer | Promise<Answer>>> = {
  '/kill': ({ kill }, query) => {
    const flag = flagOf(query, 'flatten')
    if (flag === null) return problem(400, 'flatten is true or false')
    const answer = kill((query.get('why') ?? '').trim().slice(0, WHY_LENGTH_MAX) || 'by command', flag)
    return answer.kept || answer.told ? json(202, { accepted: true, ...answer }) : problem(500, 'the kill switch could be neither kept nor told to the engine')
  },
  '/release': async ({ release }, query) => {
    const flag = flagOf(query, 'force')
    const why = (query.get('why') ?? '').trim().slice(0, WHY_LENGTH_MAX)
    if (flag === null) return problem(400, 'force is true or false')
    if (why === '') return problem(400, 'a release needs a reason: /release?why=…')
    const answer = await release(why, flag)
    return answer.kind === 'released' ? json(200, { released: true }) : problem(409, `the kill switch is not released: ${answer.reason}`)
  },
}

/** null for a word that is neither. */
function flagOf(query: URLSearchParams, name: string): boolean | null {
  const word = query.get(name) ?? 'false'
  return word === 'true' ? true : word === 'false' ? false : null
}

/** The refusal of a request without the token; null for one that has it. */
function unauthorised({ token }: HealthServerSettings, request: IncomingMessage): Answer | null {
  const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (given !== undefined && sameToken(given, token)) return null
  return problem(401, 'commands need "Authorization: Bearer <token>" with the token of the data folder or of health.token', { 'www-authenticate': 'Bearer' })
}

function resetRoute(settings: HealthServerSettings, request: IncomingMessage, group: string): Answer {
  const { resetBreaker, log } = settings
  const refused = unauthorised(settings, request)
  if (refused !== null) return refused
  const answer = resetBreaker(group)
  log('info', 'reset of a breaker asked for', { group, answer: answer.kind })
  switch (answer.kind) {
    case 'accepted':
      return json(202, { group, accepted: true })
    case 'unknown':
      return problem(404, `there is no breaker "${group}"`)
    case 'refused':
      return problem(409, `breaker "${group}" is not reset: ${answer.reason}`)
  }
}

function recoveryRoute(settings: HealthServerSettings, recovery: RecoveryDesk, request: IncomingMessage): Answer {
  const refused = unauthorised(settings, request)
  if (refused !== null) return refused
  const answer = recovery.trigger()
  settings.log('info', 'recovery asked for', { ...answer })
  return answer.kind === 'accepted' ? json(202, { request: answer.request, accepted: true }) : problem(409, `no recovery: ${answer.reason}`)
}

/** The execution actor looks at the value once more, and writes the change down. */
function limitRoute(settings: HealthServerSettings, request: IncomingMessage, limit: string, value: string): Answer {
  const { setLimit, log } = settings
  const refused = unauthorised(settings, request)
  if (refused !== null) return refused
  const reason = setLimit(limit, value)
  log('info', 'another value of a limit asked for', { limit, value, answer: reason ?? 'accepted' })
  return reason === null ? json(202, { limit, value, accepted: true }) : problem(409, `the limit ${limit} is not changed: ${reason}`)
}

/** Judged and kept by whoever owns the list of changes. */
function strategyRoute(settings: HealthServerSettings, pages: StrategyPages, request: IncomingMessage, [strategy, setting, value]: readonly [string, string, string]): Answer {
  const refused = unauthorised(settings, request)
  if (refused !== null) return refused
  const reason = pages.set(strategy, setting, value)
  settings.log('info', 'a change of a strategy asked for', { strategy, setting, value, answer: reason ?? 'accepted' })
  return reason === null ? json(202, { strategy, setting, value, accepted: true }) : problem(409, `${strategy} ${setting} is not changed: ${reason}`)
}

async function restartRoute(settings: HealthServerSettings, request: IncomingMessage, encoded: string): Promise<Answer> {
  const { restartActor, log } = settings
  const refused = unauthorised(settings, request)
  if (refused !== null) return refused
  let id: string
  try {
    id = decodeURIComponent(encoded)
  } catch {
    return problem(400, `actor id "${encoded}" is not valid percent encoding`)
  }
  const answer = await restartActor(id)
  log('info', 'restart of an actor asked for', { id, answer: answer.kind })
  switch (answer.kind) {
    case 'accepted':
      return json(202, { id, accepted: true })
    case 'unknown':
      return problem(404, `there is no actor "${id}"`)
    case 'refused':
      return problem(409, `actor "${id}" is not restarted: ${answer.reason}`)
  }
}

const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({ status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n`, headers })
const problem = (status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer => json(status, { error }, headers)
const wrongMethod = (method: string, allow: string): Answer => problem(405, `${method} is not possible here, ${allow} is`, { allow })
