import type { BybitFront } from '../bybit/front.ts'
import { BybitServer, serverDefaults, type BybitServerOptions } from '../bybit/server.ts'
import type { OkxFront } from './front.ts'

/** The front on real sockets: HTTP and WebSocket on one port. */
export class OkxServer extends BybitServer {
  constructor(front: OkxFront, options: BybitServerOptions = serverDefaults) {
    // The server uses what both fronts have (http, control, connect, hasPath, counters, close) and names one of them.
    super(front as unknown as BybitFront, options)
  }
}
