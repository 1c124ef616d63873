import type { RouteAnswer, RouteBody, RouteName, RouteParams, RouteQuery, Session } from '../../api/contract/index.ts'
import { ApiError, errorOf } from './api-error.ts'
import { paths } from './paths.ts'

/** What a route takes; fields that it has not must not be given. */
export type CallInput<Name extends RouteName> = (RouteParams<Name> extends undefined ? { readonly params?: never } : { readonly params: RouteParams<Name> }) &
  (RouteBody<Name> extends undefined ? { readonly body?: never } : { readonly body: RouteBody<Name> }) & {
    readonly query?: RouteQuery<Name> extends undefined ? never : RouteQuery<Name>
    readonly signal?: AbortSignal
  }

export interface ApiClientOptions {
  /** Origin of the gateway; '' in a page that it served. */
  readonly base?: string
  readonly fetch?: typeof fetch
  /** The session is over and cannot be renewed. */
  readonly onSignedOut?: () => void
  /**
   * Runs a renewal while no other page of this browser does: the refresh token is replaced by its use, and a second use would end the
   * session.
   */
  readonly alone?: <T>(task: () => Promise<T>) => Promise<T>
}

/**
 * The HTTP API, typed by the contract. The access token lives in memory only; it is renewed by the refresh cookie shortly before it ends,
 * or when the gateway says that it has.
 */
export class ApiClient {
  readonly #base: string
  readonly #fetch: typeof fetch
  readonly #onSignedOut: () => void
  readonly #alone: <T>(task: () => Promise<T>) => Promise<T>
  #session: Session | null = null
  #renewal: Promise<Session> | null = null

  constructor({ base = '', fetch: fetcher, onSignedOut = () => {}, alone = (task) => task() }: ApiClientOptions = {}) {
    this.#base = base
    this.#fetch = fetcher ?? ((input, init) => globalThis.fetch(input, init))
    this.#onSignedOut = onSignedOut
    this.#alone = alone
  }

  /** Signed in, as far as this client knows. */
  get session(): Session | null {
    return this.#session
  }

  /** @throws ApiError RM_API_PASSWORD, RM_API_LOCKED */
  async login(password: string): Promise<Session> {
    this.#session = await this.#send('login', { body: { password } }, null)
    return this.#session
  }

  /** Takes up the session of the refresh cookie. @returns null where there is none. @throws ApiError when the gateway is away */
  async restore(): Promise<Session | null> {
    try {
      return await this.#renew()
    } catch (error) {
      if (error instanceof ApiError && error.isPassing) throw error
      return null
    }
  }

  /** Ends the session here whatever the gateway says. */
  async logout(): Promise<void> {
    try {
      await this.#send('logout', {} as CallInput<'logout'>, null)
    } finally {
      this.#end()
    }
  }

  /** Keeps the session that the change of a password answers with: all others end. @throws ApiError RM_API_PASSWORD */
  async changePassword(current: string, next: string): Promise<void> {
    this.#session = await this.call('changePassword', { body: { current, next } })
  }

  /** A token that holds for a while yet. @throws ApiError when there is no session */
  async token(): Promise<string> {
    if (this.#session === null) throw new ApiError(401, 'RM_API_UNAUTHORISED', 'not signed in')
    const { accessToken } = this.#session.expiresMs - Date.now() < RENEW_BEFORE_MS ? await this.#renew() : this.#session
    return accessToken
  }

  /** Forgets the token that it holds, so that the next call gets another: a server has refused it. */
  async renew(): Promise<void> {
    await this.#renew()
  }

  /** Calls a route. @throws ApiError for every answer but a good one, and when there is no answer */
  async call<Name extends RouteName>(name: Name, ...[input]: {} extends CallInput<Name> ? [input?: CallInput<Name>] : [input: CallInput<Name>]): Promise<RouteAnswer<Name>> {
    const given = (input ?? {}) as CallInput<Name>
    const token = await this.token()
    try {
      return await this.#send(name, given, token)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401 || error.code === 'RM_API_PASSWORD') throw error
    }
    const { accessToken } = await this.#renew()
    return await this.#send(name, given, accessToken)
  }

  #renew(): Promise<Session> {
    this.#renewal ??= this.#alone(() => this.#send('refresh', {} as CallInput<'refresh'>, null))
      .then(
        (session) => (this.#session = session),
        (error: unknown) => {
          if (error instanceof ApiError && !error.isPassing) this.#end()
          throw error
        },
      )
      .finally(() => (this.#renewal = null))
    return this.#renewal
  }

  #end(): void {
    const had = this.#session !== null
    this.#session = null
    if (had) this.#onSignedOut()
  }

  async #send<Name extends RouteName>(name: Name, input: CallInput<Name>, token: string | null): Promise<RouteAnswer<Name>> {
    const [method, path] = paths[name].split(' ') as [string, string]
    const headers: Record<string, string> = { accept: 'application/json' }
    if (token !== null) headers['authorization'] = `Bearer ${token}`
    if (input.body !== undefined) headers['content-type'] = 'application/json'
    let response: Response
    try {
      response = await this.#fetch(this.#base + addressOf(path, input.params, input.query), {
        method,
        headers,
        credentials: 'same-origin',
        ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
        ...(input.signal === undefined ? {} : { signal: input.signal }),
      })
    } catch (error) {
      if (input.signal?.aborted === true) throw error
      throw new ApiError(0, 'NO_ANSWER', 'the gateway does not answer')
    }
    if (!response.ok) throw await errorOf(response, `${method} ${path}`)
    return (await response.json()) as RouteAnswer<Name>
  }
}

const RENEW_BEFORE_MS = 20_000

/** A path with its `:fields` and a query; fields are escaped, absent ones of the query left out. */
export function addressOf(path: string, params: unknown, query: unknown): string {
  const fields = (params ?? {}) as Readonly<Record<string, string>>
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(fields[name]!))
  const given = Object.entries((query ?? {}) as Readonly<Record<string, string | number | undefined>>).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString()
  return search === '' ? filled : `${filled}?${search}`
}
