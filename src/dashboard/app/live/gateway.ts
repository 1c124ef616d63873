import { create } from 'zustand'
import { ApiClient, LiveSocket, type SocketState } from '../../client/index.ts'

interface Connection {
  /** `unknown` until the refresh cookie has been tried; `away` while nobody answers that. */
  readonly session: 'unknown' | 'away' | 'out' | 'in'
  readonly socket: SocketState
  /** When the socket was last live, ms since 1970 by this browser; 0: never. */
  readonly liveMs: number
}

/** What every page may want to know of its own connection. */
export const useConnection = create<Connection>(() => ({ session: 'unknown', socket: 'closed', liveMs: 0 }))

/** One renewal at a time over all tabs; browsers offer locks to pages of a secure origin only, and one tab needs none. */
const alone = <T>(task: () => Promise<T>): Promise<T> => ('locks' in navigator ? navigator.locks.request('ringmaster-session', task) : task()) as Promise<T>

export const api: ApiClient = new ApiClient({
  alone,
  onSignedOut: () => {
    socket.close()
    useConnection.setState({ session: 'out' })
  },
})

export const socket: LiveSocket = new LiveSocket({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
  token: () => api.token(),
  renew: () => api.renew(),
  onState: (state) => useConnection.setState((before) => ({ socket: state, liveMs: state === 'live' || before.socket === 'live' ? Date.now() : before.liveMs })),
})

const RETRY_MS = 2000

/** Takes up the session that this browser has, and tries again for as long as the gateway is away. */
export async function start(): Promise<void> {
  try {
    const session = await api.restore()
    if (session === null) useConnection.setState({ session: 'out' })
    else signedIn()
  } catch {
    useConnection.setState({ session: 'away' })
    setTimeout(() => void start(), RETRY_MS)
  }
}

/** There is a session: live values begin. */
export function signedIn(): void {
  useConnection.setState({ session: 'in' })
  socket.open()
}

globalThis.addEventListener('online', () => socket.hurry())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') socket.hurry()
})
