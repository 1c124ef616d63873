import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createNetServer, type Server as NetServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { limits } from '../../src/core/index.ts'
import { type HttpOutcome, NodeTransport, type SocketHandlers } from '../../src/venues/index.ts'

const listen = (server: Server | NetServer): Promise<number> => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
const close = (server: Server | NetServer): Promise<void> => new Promise((resolve) => server.close(() => resolve()))

let transport: NodeTransport
let server: Server
let port: number
let hits: string[]

beforeEach(async () => {
  hits = []
  transport = new NodeTransport()
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()))
    request.on('end', () => {
      hits.push(`${request.method} ${request.url} ${body} ${request.socket.remotePort}`)
      if (request.url === '/hang') return
      if (request.url === '/cut') {
        request.socket.destroy()
        return
      }
      if (request.url === '/half') {
        response.writeHead(200, { 'Content-Length': '100' })
        response.write('{"half":')
        setTimeout(() => request.socket.destroy(), 20)
        return
      }
      response.writeHead(request.url === '/teapot' ? 418 : 200, { 'X-Bapi-Limit-Status': '9' })
      response.end(`{"got":${JSON.stringify(body)},"key":${JSON.stringify(request.headers['x-key'] ?? null)}}`)
    })
  })
  port = await listen(server)
})

afterEach(async () => {
  transport.close()
  server.closeAllConnections()
  await close(server)
})

const ask = (path: string, options: { readonly leaveMs?: number; readonly body?: string; readonly deadlineMs?: number; readonly port?: number; readonly url?: string } = {}): Promise<HttpOutcome> => {
  const url = options.url ?? `http://127.0.0.1:${options.port ?? port}${path}`
  let inside = true
  return new Promise((resolve) => {
    transport.request({ method: options.body === undefined ? 'GET' : 'POST', url, headers: { 'X-Key': 'k' }, body: options.body ?? null, deadlineMs: options.deadlineMs ?? 5000, ...(options.leaveMs === undefined ? {} : { leaveMs: options.leaveMs }) }, (outcome) => {
      expect(inside).toBe(false)
      resolve(outcome)
    })
    inside = false
  })
}

describe('HTTP', () => {
  it('gives status, headers and body, and keeps the connection', async () => {
    expect(await ask('/a?b=1', { body: '{"x":"ü"}' })).toMatchObject({ kind: 'response', status: 200, headers: { 'x-bapi-limit-status': '9' }, body: '{"got":"{\\"x\\":\\"ü\\"}","key":"k"}' })
    expect(await ask('/teapot')).toMatchObject({ kind: 'response', status: 418 })
    expect(new Set(hits.map((hit) => hit.split(' ').at(-1))).size).toBe(1)
  })

  it('a refused connection is certainly unsent', async () => {
    const other = createNetServer()
    const free = await listen(other)
    await close(other)
    expect(await ask('/', { port: free, body: '{}' })).toMatchObject({ kind: 'failure', sent: false })
  })

  it('an answer that does not come, breaks off, or a connection cut after the request may have been taken', async () => {
    expect(await ask('/hang', { body: '{}', deadlineMs: 100 })).toMatchObject({ kind: 'failure', sent: true, reason: 'no answer within 100 ms' })
    expect(await ask('/cut', { body: '{}' })).toMatchObject({ kind: 'failure', sent: true })
    expect(await ask('/half', { body: '{}' })).toMatchObject({ kind: 'failure', sent: true })
  })

  it('a request that finds no free connection in its time does not leave, then or later', async () => {
    const hanging = Array.from({ length: 16 }, () => ask('/hang', { deadlineMs: 600 }))
    while (hits.length < 16) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await ask('/late', { body: '{}', leaveMs: 50 })).toEqual({ kind: 'failure', sent: false, reason: 'no connection within 50 ms' })
    await Promise.all(hanging)
    expect(await ask('/after')).toMatchObject({ kind: 'response', status: 200 })
    expect(hits.filter((hit) => hit.includes('/late'))).toEqual([])
    // One that has left has its whole deadline for the answer.
    expect(await ask('/hang', { deadlineMs: 150, leaveMs: 20 })).toMatchObject({ sent: true, reason: 'no answer within 150 ms' })
  })

  it('an address that is none fails without an exception', async () => {
    expect(await ask('', { url: 'nonsense' })).toMatchObject({ kind: 'failure', sent: false })
  })
})

describe('WebSocket', () => {
  interface Heard {
    readonly log: string[]
    readonly handlers: SocketHandlers
    readonly closed: Promise<string>
    readonly opened: Promise<void>
    until(count: number): Promise<void>
  }
  const hear = (): Heard => {
    const log: string[] = []
    let wake = (): void => {}
    let onClose: (text: string) => void
    let onOpen: () => void
    const closed = new Promise<string>((resolve) => void (onClose = resolve))
    const opened = new Promise<void>((resolve) => void (onOpen = resolve))
    return {
      log, closed, opened,
      handlers: {
        open: () => onOpen(),
        message: (frame) => {
          log.push(frame.length > 100 ? `${frame.length} bytes` : Buffer.from(frame).toString())
          wake()
        },
        close: (code, reason) => {
          log.push('close')
          onClose(`${code} ${reason}`)
        },
      },
      until: async (count) => {
        while (log.length < count) await new Promise<void>((resolve) => void (wake = resolve))
      },
    }
  }

  it('carries frames both ways without compression, and says when nothing was sent', async () => {
    const sockets = new WebSocketServer({ server, perMessageDeflate: true })
    sockets.on('connection', (peer) => peer.on('message', (data) => peer.send(`echo ${(data as Buffer).toString()} ${peer.extensions}`)))
    const heard = hear()
    const socket = transport.socket(`ws://127.0.0.1:${port}/v5/private`, heard.handlers)
    expect(socket.send('too early')).toBe(false)
    await heard.opened
    expect(socket.send('hello')).toBe(true)
    await heard.until(1)
    expect(heard.log).toEqual(['echo hello '])
    socket.close()
    expect(await heard.closed).toMatch(/^1005/)
    expect(socket.send('late')).toBe(false)
    expect(heard.log.filter((line) => line === 'close')).toHaveLength(1)
    sockets.close()
  })

  it('closes, once, for a refused connection, a bad address, a terminated and a too large frame', async () => {
    const other = createNetServer()
    const free = await listen(other)
    await close(other)
    for (const url of [`ws://127.0.0.1:${free}/`, 'nonsense']) {
      const heard = hear()
      transport.socket(url, heard.handlers)
      expect(heard.log).toEqual([])
      expect(await heard.closed).toMatch(/^1006 ./)
    }
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (peer, request) => {
      peer.on('error', () => {})
      if (request.url === '/large') peer.send(Buffer.alloc(limits.frameBytesMax + 1))
    })
    const large = hear()
    transport.socket(`ws://127.0.0.1:${port}/large`, large.handlers)
    await large.closed
    expect(large.log).toEqual(['close'])
    const cut = hear()
    const socket = transport.socket(`ws://127.0.0.1:${port}/`, cut.handlers)
    await cut.opened
    socket.terminate()
    expect(await cut.closed).toMatch(/^1006/)
    sockets.close()
  })

  it('a pause asked for before the connection is open holds the frames back until resume', async () => {
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (peer) => peer.send('first'))
    const heard = hear()
    const socket = transport.socket(`ws://127.0.0.1:${port}/`, heard.handlers)
    socket.pause()
    await heard.opened
    // One whole exchange on another connection: the frame has had every chance to arrive.
    await ask('/a')
    await ask('/b')
    expect(heard.log).toEqual([])
    socket.resume()
    await heard.until(1)
    expect(heard.log).toEqual(['first'])
    socket.terminate()
    await heard.closed
    sockets.close()
  })
})
