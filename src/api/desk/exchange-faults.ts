import { request } from 'node:http'
import { errorLine, fail } from '../../core/index.ts'
import type { Faults } from '../contract/index.ts'
import type { FaultPanel } from './desk.ts'

const DEADLINE_MS = 3000
const ANSWER_BYTES_MAX = 1 << 20

interface ListedAction {
  readonly says: string
  readonly fields: Readonly<Record<string, { readonly is: string; readonly needed?: boolean; readonly otherwise?: unknown }>>
}

/** The control page of the built-in exchange, which answers to this machine only. */
export class ExchangeFaults implements FaultPanel {
  readonly #venue: string
  readonly #port: number

  constructor(venue: string, port: number) {
    this.#venue = venue
    this.#port = port
  }

  async list(): Promise<Faults> {
    const [listed, state] = await Promise.all([this.#call('GET', '/control'), this.#call('GET', '/control/state')])
    const actions = Object.entries(listed.body['actions'] as Readonly<Record<string, ListedAction>>)
    return {
      venue: this.#venue,
      actions: actions.map(([name, { says, fields }]) => ({ name, says, fields: Object.entries(fields).map(([field, { is, needed, otherwise }]) => ({ name: field, is, needed: needed === true, otherwise: otherwise ?? null })) })),
      state: state.body,
    }
  }

  async arm(action: string, fields: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const { status, body } = await this.#call('POST', `/control/${action}`, JSON.stringify(fields))
    if (status === 404) return fail('RM_API_NOT_FOUND', { what: 'fault', id: action })
    if (status >= 400) return fail('RM_API_REFUSED', { what: `fault ${action}`, reason: typeof body['error'] === 'string' ? body['error'] : `status ${status}` })
    return body
  }

  #call(method: 'GET' | 'POST', path: string, body = ''): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    return new Promise((resolve, reject) => {
      const away = (reason: string): void => {
        try {
          fail('RM_API_VENUE', { what: path, reason })
        } catch (error) {
          reject(error as Error)
        }
      }
      const asked = request({ host: '127.0.0.1', port: this.#port, path, method, headers: { 'content-type': 'application/json' }, timeout: DEADLINE_MS }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          text += part
          if (text.length > ANSWER_BYTES_MAX) asked.destroy(new Error('its answer is too long'))
        })
        response.on('error', (error) => away(errorLine(error)))
        response.on('end', () => {
          try {
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> })
          } catch {
            away(`status ${response.statusCode}, no JSON`)
          }
        })
      })
      asked.on('timeout', () => asked.destroy(new Error(`no answer within ${DEADLINE_MS} ms`)))
      asked.on('error', (error) => away(errorLine(error)))
      asked.end(body)
    })
  }
}
