import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ExchangeProcessMessage, ExchangeProcessSettings } from '../../workers/exchange.ts'

export const ORDER_VENUE_KEY = { apiKey: 'bench', secret: 'bench-secret', account: 'bench' }

/** The built-in exchange in a process of its own, with a quiet generated market and room for thousands of orders a second. */
export class OrderVenue {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  /** @throws when it ends before it is ready */
  static start(symbols: readonly string[]): Promise<OrderVenue> {
    const settings: ExchangeProcessSettings = {
      port: 0,
      keys: [ORDER_VENUE_KEY],
      market: { kind: 'generated', seed: 1, symbols: [...symbols], rate: 1, historyMin: 0 },
      ledger: null,
      startingBalance: '1000000',
      limits: { ordersPerSecond: 100_000, ipRequests: 1_000_000 },
    }
    const child = fork(fileURLToPath(new URL('../../workers/exchange.ts', import.meta.url)), [], { env: { ...process.env, RINGMASTER_EXCHANGE: JSON.stringify(settings) }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    return new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the exchange ended with ${code} before it was ready`)))
      child.on('message', (message: ExchangeProcessMessage) => {
        if (message.type === 'ready') resolve(new OrderVenue(child, message.port))
      })
    })
  }

  end(): void {
    this.#child.disconnect()
  }
}
