import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Keeps the connections of a server below a bound without ever turning a new one away for an idle one: the oldest
 * connection without a request in flight gives way, so that mute or very slow clients cannot lock others out.
 */
export function limitConnections(server: Server, max: number): void {
  const open = new Set<Socket>()
  // In the order in which they became idle.
  const idle = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    if (open.size >= max) {
      const oldest = idle.values().next().value
      if (oldest === undefined) return void socket.destroy()
      open.delete(oldest)
      idle.delete(oldest)
      oldest.destroy()
    }
    open.add(socket)
    idle.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      idle.delete(socket)
    })
  })
  server.on('request', ({ socket }: { readonly socket: Socket }, response: ServerResponse) => {
    idle.delete(socket)
    response.once('close', () => {
      if (open.has(socket)) idle.add(socket)
    })
  })
}
