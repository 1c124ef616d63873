import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'

export interface EngineOptions {
  /** Folder for data and logs; a new one without it, removed at the end. */
  readonly dir?: string
  readonly set?: readonly string[]
  readonly args?: readonly string[]
  /** Beyond that of the test. */
  readonly env?: Readonly<Record<string, string>>
}

interface Started {
  readonly healthUrl: string
  readonly exchangePort: number
}

const ENTRY = join(import.meta.dirname, '../../workers/ringmaster.ts')

/** A whole engine as a user starts it, on free ports, with its own folders. */
export class EngineProcess {
  readonly dir: string
  readonly #ownDir: boolean
  readonly #child: ChildProcess
  readonly #exited: Promise<number | null>
  #started: Started | null = null
  #gatewayUrl = ''
  #output = ''

  private constructor(dir: string, ownDir: boolean, child: ChildProcess) {
    this.dir = dir
    this.#ownDir = ownDir
    this.#child = child
    child.stdout!.on('data', (data: Buffer) => void (this.#output += data.toString()))
    child.stderr!.on('data', (data: Buffer) => void (this.#output += data.toString()))
    this.#exited = new Promise((resolve) => void child.once('exit', resolve))
  }

  static async start(options: EngineOptions = {}): Promise<EngineProcess> {
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'ringmaster-system-'))
    const set = [`data_dir=${join(dir, 'data')}`, `log.dir=${join(dir, 'logs')}`, 'health.port=0', 'exchange.bybit_port=0', 'exchange.okx_port=0', 'database.enabled=false', 'gateway.enabled=false', 'model.server_port=0', 'regime.mode=choppy', ...(options.set ?? [])]
    const child = fork(ENTRY, ['run', '--json', ...set.flatMap((one) => ['--set', one]), ...(options.args ?? [])], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...options.env, RINGMASTER_INTERNAL_FAULTS: '1' },
    })
    const engine = new EngineProcess(dir, options.dir === undefined, child)
    child.on('message', (message: { readonly type: string; readonly url?: string }) => void (message.type === 'gateway' && (engine.#gatewayUrl = message.url!)))
    try {
      await engine.#untilStarted()
    } catch (error) {
      engine.cleanUp()
      throw error
    }
    return engine
  }

  get output(): string {
    return this.#output
  }

  /** Of the gateway that runs now; '' while there is none. */
  get gatewayUrl(): string {
    return this.#gatewayUrl
  }

  get exchangePort(): number {
    return this.#started!.exchangePort
  }

  get token(): string {
    return readFileSync(join(this.dir, 'data', 'health.token'), 'utf8').trim()
  }

  async health(): Promise<HealthSnapshot> {
    return (await (await fetch(`${this.#started!.healthUrl}/health`)).json()) as HealthSnapshot
  }

  url(path: string): string {
    return `${this.#started!.healthUrl}${path}`
  }

  /** Looks until it holds; fails with what was seen last. */
  async until(what: string, holds: (health: HealthSnapshot) => boolean, timeoutMs = 60_000): Promise<HealthSnapshot> {
    const deadline = Date.now() + timeoutMs
    let last: HealthSnapshot | null = null
    while (Date.now() < deadline) {
      if (this.#child.exitCode !== null) throw new Error(`engine ended with ${this.#child.exitCode} before: ${what}\n${this.#output.slice(-3000)}`)
      try {
        last = await this.health()
        if (holds(last)) return last
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`not within ${timeoutMs} ms: ${what}\nlast seen: ${JSON.stringify(last)}\n${this.#output.slice(-3000)}`)
  }

  /** Plants a fault: chaos only. */
  plant(id: string, fault: string): void {
    this.#child.send({ type: 'fault', id, fault })
  }

  restart(id: string, token = this.token): Promise<Response> {
    return fetch(this.url(`/actors/${id}/restart`), { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Clean stop. @returns exit code */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGTERM')
    return this.#exited
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  cleanUp(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL')
    if (this.#ownDir) rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 })
  }

  #untilStarted(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`engine did not start:\n${this.#output.slice(-3000)}`)), 60_000)
      this.#child.on('message', (message: { type: string } & Started) => {
        if (message.type !== 'started') return
        clearTimeout(timer)
        this.#started = message
        resolve()
      })
      this.#child.once('exit', (code) => {
        clearTimeout(timer)
        reject(new Error(`engine ended with ${code}:\n${this.#output.slice(-3000)}`))
      })
    })
  }
}
