import { RingmasterError, fail } from '../core/index.ts'
import { readHealthToken, type ActorHealth, type HealthSnapshot, type StrategyHealth } from '../runtime/health/index.ts'

const DEADLINE_MS = 6000

interface Reply {
  readonly status: number
  readonly text: string
}

/** Talks to the health server of a running engine. */
export class HealthClient {
  readonly url: string

  /** @param url such as `http://127.0.0.1:8080` @throws RM_USAGE */
  constructor(url: string) {
    if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) fail('RM_USAGE', { what: '--url', problem: `"${url}" is no http address` })
    this.url = url.replace(/\/+$/, '')
  }

  /** The whole state; also from an engine that is down. @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER */
  async health(): Promise<HealthSnapshot> {
    return this.#read<HealthSnapshot>('/health', [200, 503])
  }

  /** @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER */
  async actors(): Promise<readonly ActorHealth[]> {
    return (await this.#read<{ readonly actors: readonly ActorHealth[] }>('/actors', [200])).actors
  }

  /** @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER (unknown actor, refused, wrong token) */
  async restart(id: string, token: string): Promise<void> {
    const path = `/actors/${encodeURIComponent(id)}/restart`
    const reply = await this.#send('POST', path, { authorization: `Bearer ${token}` })
    if (reply.status !== 202) this.#refuse('POST', path, reply)
  }

  /** Engages the kill switch. @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER */
  async kill(token: string, why: string, flatten: boolean): Promise<void> {
    await this.#command(`/kill?${new URLSearchParams({ why, flatten: String(flatten) }).toString()}`, token, 202)
  }

  /** @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER (its cause stands, it is not engaged) */
  async release(token: string, why: string, force: boolean): Promise<void> {
    await this.#command(`/release?${new URLSearchParams({ why, force: String(force) }).toString()}`, token, 200)
  }

  async #command(path: string, token: string, accepted: number): Promise<void> {
    const reply = await this.#send('POST', path, { authorization: `Bearer ${token}` })
    if (reply.status !== accepted) this.#refuse('POST', path, reply)
  }

  /** Passes another value of a limit on. @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER (unknown limit, value it cannot take, wrong token) */
  async setLimit(limit: string, value: string, token: string): Promise<void> {
    const path = `/risk/limits/${encodeURIComponent(limit)}/${encodeURIComponent(value)}`
    const reply = await this.#send('POST', path, { authorization: `Bearer ${token}` })
    if (reply.status !== 202) this.#refuse('POST', path, reply)
  }

  /** @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER */
  async strategies(): Promise<readonly StrategyHealth[]> {
    return (await this.#read<{ readonly strategies: readonly StrategyHealth[] }>('/strategies', [200])).strategies
  }

  /** Changes one setting of a strategy. @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER (unknown strategy or setting, value it cannot take, wrong token) */
  async setStrategy(name: string, setting: string, value: string, token: string): Promise<void> {
    const path = `/strategies/${encodeURIComponent(name)}/${encodeURIComponent(setting)}/${encodeURIComponent(value)}`
    const reply = await this.#send('POST', path, { authorization: `Bearer ${token}` })
    if (reply.status !== 202) this.#refuse('POST', path, reply)
  }

  /** @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER (unknown group, refused, wrong token) */
  async resetBreaker(group: string, token: string): Promise<void> {
    const path = `/breakers/${encodeURIComponent(group)}/reset`
    const reply = await this.#send('POST', path, { authorization: `Bearer ${token}` })
    if (reply.status !== 202) this.#refuse('POST', path, reply)
  }

  /** Asks for recovery. @returns the id that its report will carry @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER */
  async triggerRecovery(token: string): Promise<string> {
    const path = '/api/monitoring/recovery/trigger'
    const reply = await this.#send('POST', path, { authorization: `Bearer ${token}` })
    if (reply.status !== 202) this.#refuse('POST', path, reply)
    return (JSON.parse(reply.text) as { readonly request: string }).request
  }

  /** The last report of recovery, null before there is one. @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER */
  async lastRecovery<T>(): Promise<T | null> {
    return (await this.#read<{ readonly report: T | null }>('/api/monitoring/recovery/last', [200])).report
  }

  async #read<T>(path: string, accepted: readonly number[]): Promise<T> {
    const reply = await this.#send('GET', path, {})
    if (!accepted.includes(reply.status)) this.#refuse('GET', path, reply)
    try {
      return JSON.parse(reply.text) as T
    } catch (error) {
      throw new RingmasterError('RM_HEALTH_ANSWER', { method: 'GET', url: this.url + path, status: reply.status, text: 'something that is not JSON: is this the engine?' }, error)
    }
  }

  async #send(method: string, path: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
    try {
      const response = await fetch(this.url + path, { method, headers, signal: AbortSignal.timeout(DEADLINE_MS) })
      return { status: response.status, text: await response.text() }
    } catch (error) {
      throw new RingmasterError('RM_NOT_RUNNING', { url: this.url, reason: reasonOf(error) }, error)
    }
  }

  #refuse(method: string, path: string, { status, text }: Reply): never {
    return fail('RM_HEALTH_ANSWER', { method, url: this.url + path, status, text: errorText(text) })
  }
}

/** The token that commands carry: as given, else the one kept in the data folder. @throws RM_USAGE when there is none */
export const commandToken = (token: string | undefined, dataDir: string): string =>
  token ?? readHealthToken(dataDir) ?? fail('RM_USAGE', { what: '--token', problem: `there is none in ${dataDir} either; the engine prints it at its first start` })

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return error instanceof Error ? error.message : String(error)
}

function errorText(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    if (typeof error === 'string') return error
  } catch {
    // Not our server's words: shown as they are.
  }
  return text.slice(0, 200)
}
