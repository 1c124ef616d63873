import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AlertChannel, Delivery, LaneLimits, Notice } from '../../src/alerts/index.ts'
import type { Alert, Log } from '../../src/telemetry/index.ts'

export const raised = (more: Partial<Alert> = {}): Alert => ({ key: 'k', severity: 'warning', title: 'title', text: 'text', values: {}, ...more })

export const notice = (more: Partial<Omit<Notice, 'alert'>> & { readonly alert?: Partial<Alert> } = {}): Notice => {
  const { alert, ...rest } = more
  return { id: 'n1', atMs: 1000, more: 0, firstMs: rest.atMs ?? 1000, triedMs: null, ...rest, alert: raised(alert) }
}

export const limits = (more: Partial<LaneLimits> = {}): LaneLimits => ({
  key: { burst: 100, everyMs: 1, quietMs: 1000, keysMax: 100 },
  burst: 1000, everyMs: 1, queueMax: 100, backoffMs: 1000, backoffMaxMs: 60_000, giveUpMs: 3_600_000,
  ...more,
})

/** Every line that is logged, as text with its data. */
export function written(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = []
  const log: Log = Object.assign((level: string, message: string, data: unknown) => void lines.push(`${level} ${message} ${JSON.stringify(data ?? {})}`), { child: () => log })
  return { log, lines }
}

/** A channel that answers by hand. */
export class HandChannel implements AlertChannel {
  readonly name = 'hand'
  readonly sent: { readonly notice: Notice; readonly dropped: number }[] = []
  answer: (notice: Notice) => Delivery | Promise<Delivery> = () => ({ kind: 'delivered' })
  isClosed = false

  async send(sent: Notice, dropped: number): Promise<Delivery> {
    this.sent.push({ notice: sent, dropped })
    return this.answer(sent)
  }

  close(): void {
    this.isClosed = true
  }
}

export interface Asked {
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

/** What a server answers; `hang` says nothing at all, `endless` never stops. */
export type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string } | 'hang' | 'endless' | 'reset'

/** A server on the loopback that writes down what it is asked. */
export class Loopback {
  readonly asked: Asked[] = []
  answer: Answer | ((asked: Asked) => Answer) = { status: 200, body: 'ok' }
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => void (body += part.toString()))
      request.on('end', () => {
        const asked = { url: request.url!, headers: request.headers, body: JSON.parse(body) as unknown }
        this.asked.push(asked)
        const answer = typeof this.answer === 'function' ? this.answer(asked) : this.answer
        if (answer === 'hang') return
        if (answer === 'reset') return void request.socket.destroy()
        if (answer === 'endless') {
          response.writeHead(200)
          const more = (): void => void (response.destroyed || response.write('x'.repeat(4096), more))
          return more()
        }
        response.writeHead(answer.status, answer.headers)
        response.end(answer.body ?? '')
      })
    })
  }

  static async open(): Promise<Loopback> {
    const loopback = new Loopback()
    await new Promise<void>((resolve) => loopback.#server.listen(0, '127.0.0.1', resolve))
    return loopback
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }
}
