import type { RootLine, RootPicture } from './asks.ts'

/** A picture younger than this is shown again: a thousand askers cost the supervisor no more than one. */
const FRESH_MS = 200

/** The last picture of the root supervisor, asked for when somebody looks. */
export class RootCache {
  readonly #line: RootLine
  readonly #nowMs: () => number
  #picture: RootPicture | null = null
  #atMs = Number.NEGATIVE_INFINITY
  #asking: Promise<RootPicture> | null = null

  /** @param nowMs monotonic */
  constructor(line: RootLine, nowMs: () => number) {
    this.#line = line
    this.#nowMs = nowMs
  }

  /** The last one, however old; null before the first. */
  get last(): RootPicture | null {
    return this.#picture
  }

  /** Since the last one came, ms; null before the first. */
  get ageMs(): number | null {
    return this.#picture === null ? null : Math.round(this.#nowMs() - this.#atMs)
  }

  /** A fresh one. @throws RM_API_ENGINE_AWAY */
  async get(): Promise<RootPicture> {
    if (this.#picture !== null && this.#nowMs() - this.#atMs < FRESH_MS) return this.#picture
    this.#asking ??= this.#ask()
    return this.#asking
  }

  /** What it knows is old: a command has changed it. */
  forget(): void {
    this.#atMs = Number.NEGATIVE_INFINITY
  }

  async #ask(): Promise<RootPicture> {
    try {
      this.#picture = await this.#line.ask('picture', {})
      this.#atMs = this.#nowMs()
      return this.#picture
    } finally {
      this.#asking = null
    }
  }
}
