import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { ExchangeProcessMessage, ExchangeProcessSettings } from '../../../workers/exchange.ts'

const ENTRY = fileURLToPath(new URL('../../../workers/exchange.ts', import.meta.url))

/** A calm market: it hardly moves while a test looks at it. */
export const settings = (more: Partial<ExchangeProcessSettings> = {}): ExchangeProcessSettings => ({
  port: 0, keys: [{ apiKey: 'key-1', secret: 'secret-1', account: 'main' }, { apiKey: 'key-2', secret: 'secret-2', account: 'second' }], market: { kind: 'generated', seed: 5, symbols: ['BTCUSDT', 'ETHUSDT'], rate: 20, historyMin: 120 }, ledger: null,
  startingBalance: '100000', limits: { ordersPerSecond: 1_000 }, ...more,
})

/** The exchange as a child process. */
export class ExchangeProcess {
  readonly child: ChildProcess
  readonly messages: ExchangeProcessMessage[] = []
  readonly ended: Promise<number | null>
  stderr = ''
  port = 0

  constructor(env: string | undefined) {
    this.child = fork(ENTRY, { env: { ...process.env, RINGMASTER_EXCHANGE: env }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
    this.child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
    this.child.on('message', (message: ExchangeProcessMessage) => {
      this.messages.push(message)
      if (message.type === 'ready') this.port = message.port
    })
    this.ended = new Promise((resolve) => this.child.once('exit', (code) => resolve(code)))
  }

  static async start(given: ExchangeProcessSettings = settings()): Promise<ExchangeProcess> {
    const one = new ExchangeProcess(JSON.stringify(given))
    await Promise.race([until(() => one.port > 0), one.ended.then((code) => Promise.reject(new Error(`exchange ended with ${code}: ${one.stderr}`)))])
    return one
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get ws(): string {
    return `ws://127.0.0.1:${this.port}`
  }

  async stop(): Promise<number | null> {
    this.child.send({ type: 'stop' })
    return this.ended
  }
}

/** Polls until something is so; the test's own timeout is the limit. */
export async function until<T>(look: () => T | Promise<T>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
