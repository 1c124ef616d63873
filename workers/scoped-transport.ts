import type { ActorScope } from '../src/runtime/index.ts'
import type { Socket, Transport } from '../src/venues/index.ts'

/**
 * The transport as one life of an actor sees it: what comes back runs guarded as that actor, and sockets that are
 * still open when the life ends are cut.
 */
export function scopedTransport(inner: Transport, scope: ActorScope): Transport {
  const open = new Set<Socket>()
  scope.onEnd(() => open.forEach((socket) => socket.terminate()))
  return {
    socket(url, handlers) {
      const onClose = scope.guard(handlers.close.bind(handlers))
      const socket = inner.socket(url, {
        open: scope.guard(handlers.open.bind(handlers)),
        message: scope.guard(handlers.message.bind(handlers)),
        close: (code, reason) => {
          open.delete(socket)
          onClose(code, reason)
        },
      })
      open.add(socket)
      return socket
    },
    request: (request, done) => inner.request(request, scope.guard(done)),
  }
}
