import type { Timers } from '../core/index.ts'

/** What came back of a POST; `null` status: nothing did, and `reason` says why. */
export interface Posted {
  readonly status: number | null
  /** The start of the answer, or what went wrong. */
  readonly text: string
  /** How long the other side wants us to wait, ms; null when it has not said so. */
  readonly retryAfterMs: number | null
}

export interface PostSettings {
  readonly timers: Timers
  readonly timeoutMs: number
  readonly wallMs: () => number
}

const ANSWER_BYTES_MAX = 16_384

/** Posts JSON to addresses that may hang, redirect, or never stop talking. */
export class JsonPost {
  readonly #settings: PostSettings
  readonly #open = new Set<AbortController>()

  constructor(settings: PostSettings) {
    this.#settings = settings
  }

  /** Never throws; takes at most the time-out. A redirect is a failure: what is secret in the address must not travel on. */
  async post(url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<Posted> {
    const { timers, timeoutMs } = this.#settings
    const abort = new AbortController()
    const timer = timers.after(timeoutMs, () => abort.abort(new Error(`no whole answer within ${timeoutMs} ms`)))
    this.#open.add(abort)
    try {
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body), redirect: 'manual', signal: abort.signal })
      return { status: response.status, text: await this.#start(response), retryAfterMs: this.#retryAfter(response) }
    } catch (error) {
      return { status: null, text: reasonOf(abort.signal.aborted ? abort.signal.reason : error), retryAfterMs: null }
    } finally {
      timer.cancel()
      this.#open.delete(abort)
    }
  }

  close(): void {
    for (const abort of this.#open) abort.abort(new Error('the engine stops'))
  }

  /** An answer that never ends must not fill the memory. */
  async #start(response: Response): Promise<string> {
    if (response.body === null) return ''
    const parts: Uint8Array[] = []
    let bytes = 0
    for await (const part of response.body as ReadableStream<Uint8Array>) {
      parts.push(part)
      bytes += part.length
      if (bytes >= ANSWER_BYTES_MAX) break
    }
    return Buffer.concat(parts).subarray(0, ANSWER_BYTES_MAX).toString('utf8')
  }

  #retryAfter(response: Response): number | null {
    const said = response.headers.get('retry-after')
    if (said === null) return null
    const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - this.#settings.wallMs()
    return Number.isFinite(ms) ? Math.max(0, ms) : null
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error) return 'code' in cause && cause.message === '' ? String(cause.code) : cause.message
  return error instanceof Error ? error.message : String(error)
}

/** Too many, too slow, or not well: worth another try. */
export const isPassing = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500
