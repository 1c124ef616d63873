import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LogChannel, redactor, TelegramChannel, WebhookChannel } from '../../src/alerts/index.ts'
import { SystemTimers } from '../../src/core/index.ts'
import { Loopback, notice, written } from './support.ts'

const TOKEN = '123456:AAabcdefghijklmnopqrstuvwxyz012345'
const AT = Date.UTC(2026, 2, 4, 12)
let server: Loopback
beforeAll(async () => void (server = await Loopback.open()))
afterAll(() => server.close())
beforeEach(() => {
  server.asked.length = 0
  server.answer = { status: 200, body: '{"ok":true}' }
})

const common = (timeoutMs = 2000) => ({ timers: new SystemTimers(), timeoutMs, wallMs: () => AT, source: 'ringmaster paper on bybit', hide: redactor(['secret-path-part', 'token-of-hook', TOKEN]) })
const webhook = (timeoutMs?: number, url = `${server.url}/secret-path-part`): WebhookChannel => new WebhookChannel({ ...common(timeoutMs), url, token: 'token-of-hook' })
const telegram = (timeoutMs?: number): TelegramChannel => new TelegramChannel({ ...common(timeoutMs), apiUrl: server.url, token: TOKEN, chatId: '-42' })
const trouble = notice({ id: 'x-1', atMs: AT, firstMs: AT - 60_000, more: 17, alert: { key: 'kill', severity: 'critical', title: 'Kill switch', text: 'two\nlines', values: { loss: '12.5', limit: 10 } } })

describe('webhook', () => {
  it('posts the whole of an alert as JSON, with its bearer token', async () => {
    expect(await webhook().send(trouble, 3)).toEqual({ kind: 'delivered' })
    expect(server.asked).toEqual([
      {
        url: '/secret-path-part',
        headers: expect.objectContaining({ 'content-type': 'application/json', authorization: 'Bearer token-of-hook' }) as unknown,
        body: {
          id: 'x-1', source: 'ringmaster paper on bybit', key: 'kill', severity: 'critical', resolved: false, title: 'Kill switch', detail: 'two\nlines', values: { loss: '12.5', limit: 10 },
          at: '2026-03-04T12:00:00.000Z', first_at: '2026-03-04T11:59:00.000Z', more: 17, dropped: 3,
          text: 'CRITICAL: Kill switch\ntwo\nlines\nloss: 12.5, limit: 10\nand 17 more of these since 2026-03-04T11:59:00.000Z\n3 alerts were dropped before this one: this channel did not take them in time\nringmaster paper on bybit, 2026-03-04T12:00:00.000Z',
        },
      },
    ])
  })

  it('sends no authorization where there is no token', async () => {
    await new WebhookChannel({ ...common(), url: server.url, token: '' }).send(notice({ alert: { resolved: true } }), 0)
    expect(server.asked[0]!.headers.authorization).toBeUndefined()
    expect(server.asked[0]!.body).toMatchObject({ resolved: true, text: expect.stringMatching(/^WARNING, over: title\n/) as string })
  })

  it('comes again after 429, 408 and 5xx, as late as it is asked to; gives up after other refusals', async () => {
    const outcome = async (status: number, headers: Record<string, string> = {}): Promise<unknown> => {
      server.answer = { status, headers, body: 'words' }
      return webhook().send(trouble, 0)
    }
    expect(await outcome(429, { 'retry-after': '7' })).toEqual({ kind: 'later', reason: 'status 429: words', afterMs: 7000 })
    expect(await outcome(503, { 'retry-after': new Date(AT + 90_000).toUTCString() })).toEqual({ kind: 'later', reason: 'status 503: words', afterMs: 90_000 })
    expect(await outcome(503, { 'retry-after': 'soon' })).toEqual({ kind: 'later', reason: 'status 503: words', afterMs: null })
    expect(await outcome(500)).toEqual({ kind: 'later', reason: 'status 500: words', afterMs: null })
    expect(await outcome(408)).toMatchObject({ kind: 'later' })
    for (const status of [400, 401, 404]) expect(await outcome(status)).toEqual({ kind: 'refused', reason: `status ${status}: words` })
  })

  it('does not follow a redirect: what is secret in the address would travel on', async () => {
    server.answer = ({ url }) => (url === '/other' ? { status: 200 } : { status: 307, headers: { location: '/other' } })
    expect(await webhook().send(trouble, 0)).toEqual({ kind: 'refused', reason: 'status 307' })
    expect(server.asked).toHaveLength(1)
  })

  it('gives up within its time-out when nothing comes back, or no end, and when it is closed', async () => {
    server.answer = 'hang'
    expect(await webhook(100).send(trouble, 0)).toEqual({ kind: 'later', reason: 'no whole answer within 100 ms', afterMs: null })
    const channel = webhook(60_000)
    const pending = channel.send(trouble, 0)
    while (server.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    channel.close()
    expect(await pending).toEqual({ kind: 'later', reason: 'the engine stops', afterMs: null })
  })

  it('reads no more than the start of an answer that never ends', async () => {
    server.answer = 'endless'
    expect(await webhook().send(trouble, 0)).toEqual({ kind: 'delivered' })
  })

  it('says what is wrong with a server that is not there or ends the connection', async () => {
    server.answer = 'reset'
    expect(await webhook().send(trouble, 0)).toMatchObject({ kind: 'later', reason: expect.stringMatching(/closed|reset|hang up/) as string })
    const free = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => free.once('listening', resolve))
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => free.close(resolve))
    expect(await webhook(2000, `http://127.0.0.1:${port}/secret-path-part`).send(trouble, 0)).toEqual({ kind: 'later', reason: `connect ECONNREFUSED 127.0.0.1:${port}`, afterMs: null })
  })

  it('tells no secret that the other side says back', async () => {
    server.answer = { status: 404, body: 'Cannot POST /secret-path-part with token-of-hook' }
    expect(await webhook().send(trouble, 0)).toEqual({ kind: 'refused', reason: 'status 404: Cannot POST /*** with ***' })
  })
})

describe('Telegram', () => {
  it('sends a plain message to the chat, silently when it is no trouble', async () => {
    expect(await telegram().send(trouble, 0)).toEqual({ kind: 'delivered' })
    await telegram().send(notice({ atMs: AT, alert: { severity: 'info', title: '<b>&_*`[' } }), 0)
    expect(server.asked.map(({ url, body }) => [url, body])).toEqual([
      [`/bot${TOKEN}/sendMessage`, { chat_id: '-42', text: expect.stringContaining('CRITICAL: Kill switch\ntwo\nlines') as string, link_preview_options: { is_disabled: true }, disable_notification: false }],
      [`/bot${TOKEN}/sendMessage`, { chat_id: '-42', text: expect.stringContaining('INFO: <b>&_*`[\n') as string, link_preview_options: { is_disabled: true }, disable_notification: true }],
    ])
  })

  it('cuts a text that is longer than a message may be', async () => {
    await telegram().send(notice({ alert: { text: 'x'.repeat(10_000) } }), 0)
    expect((server.asked[0]!.body as { text: string }).text).toHaveLength(4096)
  })

  it('comes again when it is told to, in seconds of the Bot API', async () => {
    server.answer = { status: 429, body: '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 14","parameters":{"retry_after":14}}' }
    expect(await telegram().send(trouble, 0)).toEqual({ kind: 'later', reason: 'status 429: Too Many Requests: retry after 14', afterMs: 14_000 })
    server.answer = { status: 502, body: '<html>bad gateway</html>' }
    expect(await telegram().send(trouble, 0)).toEqual({ kind: 'later', reason: 'status 502: <html>bad gateway</html>', afterMs: null })
    server.answer = 'hang'
    expect(await telegram(100).send(trouble, 0)).toEqual({ kind: 'later', reason: 'no whole answer within 100 ms', afterMs: null })
  })

  it('gives up on a wrong token or chat and says what to do, never the token', async () => {
    server.answer = { status: 401, body: '{"ok":false,"error_code":401,"description":"Unauthorized"}' }
    expect(await telegram().send(trouble, 0)).toEqual({ kind: 'refused', reason: 'status 401: Unauthorized' })
    server.answer = { status: 400, body: '{"ok":false,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001}}' }
    expect(await telegram().send(trouble, 0)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('the chat is now -1001: set alerts.telegram.chat_id') as string })
    server.answer = { status: 404, body: `no such bot${TOKEN}` }
    expect(await telegram().send(trouble, 0)).toEqual({ kind: 'refused', reason: 'status 404: no such bot***' })
    server.answer = { status: 200, body: '[1, 2' }
    expect(await telegram().send(trouble, 0)).toMatchObject({ kind: 'refused' })
  })
})

describe('log', () => {
  it('writes an alert at the level of its severity, with what it was measured by', async () => {
    const { log, lines } = written()
    const channel = new LogChannel(log)
    await channel.send(trouble, 2)
    await channel.send(notice({ alert: { resolved: true, text: '' } }), 0)
    expect(lines).toEqual([
      'error alert: Kill switch: two; lines {"id":"x-1","key":"kill","severity":"critical","values":{"loss":"12.5","limit":10},"more":17,"dropped":2}',
      'info alert, over: title {"id":"n1","key":"k","severity":"warning","values":{}}',
    ])
  })
})
