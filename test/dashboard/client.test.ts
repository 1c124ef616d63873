import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { routes } from '../../src/api/contract/index.ts'
import { addressOf } from '../../src/dashboard/client/api-client.ts'
import { ApiClient, ApiError, fold, LiveSocket, paths, type SocketState, take } from '../../src/dashboard/client/index.ts'
import { PASSWORD, StandIn } from './stand-in/server.ts'
import { World } from './stand-in/world.ts'

let server: StandIn
let base: string
beforeAll(async () => {
  server = new StandIn({ page: '/nowhere', world: new World({ orders: 50 }) })
  base = await server.listen()
})
afterAll(() => server.close())

const client = async (): Promise<ApiClient> => {
  const api = new ApiClient({ base })
  await api.login(PASSWORD)
  return api
}

describe('client of the API', () => {
  test('knows every route of the contract by its method and path, and no other', () => {
    expect(paths).toEqual(Object.fromEntries(Object.entries(routes).map(([name, { method, path }]) => [name, `${method} ${path}`])))
  })

  test('escapes what it puts into an address', () => {
    expect(addressOf('/actors/:id/restart', { id: 'ingest:BTC/../x' }, undefined)).toBe('/actors/ingest%3ABTC%2F..%2Fx/restart')
    expect(addressOf('/x', undefined, { a: 'b&c=d', none: undefined, empty: '' })).toBe('/x?a=b%26c%3Dd')
  })

  test('calls with its token, and refuses to call without a session', async () => {
    await expect(new ApiClient({ base }).call('models')).rejects.toMatchObject({ status: 401 })
    const { items } = await (await client()).call('orders', { query: { limit: 3 } })
    expect(items).toHaveLength(3)
  })

  test('tells errors of the gateway with their code, and a gateway that is away', async () => {
    await expect(new ApiClient({ base }).login('wrong')).rejects.toMatchObject({ status: 401, code: 'RM_API_PASSWORD' })
    await expect((await client()).call('order', { params: { id: 'none' } })).rejects.toMatchObject({ status: 404, code: 'RM_API_NOT_FOUND' })
    const away = new ApiClient({ base: 'http://127.0.0.1:9' })
    const error: unknown = await away.login('x').catch((failure: unknown) => failure)
    expect(error).toMatchObject({ status: 0, code: 'NO_ANSWER', isPassing: true })
    expect(await new ApiClient({ base }).restore()).toBeNull()
  })

  test('renews a token that has expired once, for all calls that wait, and tries those again', async () => {
    const asked: string[] = []
    let life = 0
    const fetcher: typeof fetch = async (input, init) => {
      const path = new URL((input as string), 'http://x').pathname
      asked.push(path)
      if (path === '/auth/refresh' || path === '/auth/login') return Response.json({ accessToken: `t${++life}`, user: 'operator', expiresMs: Date.now() + 900_000 })
      const token = (init?.headers as Record<string, string> | undefined)?.['authorization']
      return token === 'Bearer t1' ? Response.json({ code: 'RM_API_TOKEN_EXPIRED', message: 'expired', action: 'login', requestId: '1' }, { status: 401 }) : Response.json({ items: [], active: null })
    }
    const api = new ApiClient({ fetch: fetcher })
    await api.login('x')
    await Promise.all([api.call('models'), api.call('models')])
    expect(asked.filter((path) => path === '/auth/refresh')).toHaveLength(1)
    expect(asked.filter((path) => path === '/models')).toHaveLength(4)
  })

  test('says once that it is signed out when the session cannot be renewed', async () => {
    const onSignedOut = vi.fn<() => void>()
    const fetcher: typeof fetch = (input) =>
      Promise.resolve((input as string).endsWith('/auth/login') ? Response.json({ accessToken: 't', user: 'operator', expiresMs: 0 }) : Response.json({ code: 'RM_API_UNAUTHORISED', message: 'no', action: 'login', requestId: '1' }, { status: 401 }))
    const api = new ApiClient({ fetch: fetcher, onSignedOut })
    await api.login('x')
    await expect(api.call('models')).rejects.toBeInstanceOf(ApiError)
    expect([onSignedOut.mock.calls.length, api.session]).toEqual([1, null])
  })
})

describe('what is held of a topic', () => {
  const row = (symbol: string, price: string) => ({ symbol, price }) as never

  test('rows keep their place when they change, go when they are gone, and come behind when they are new', () => {
    const held = take<'pairs'>({ rows: [row('A', '1'), row('B', '1')] })
    expect(fold('pairs', held, { rows: [row('C', '3'), row('B', '2')], gone: ['A'] })).toEqual([row('B', '2'), row('C', '3')])
    expect(held).toEqual([row('A', '1'), row('B', '1')])
  })

  test('levels of a book are set, taken away and kept in order of price', () => {
    const book = { valid: true, updateId: 1, venueTimeMs: 1, bids: [['100', '1'], ['99', '2']] as [string, string][], asks: [['101', '1']] as [string, string][] }
    const next = fold('book', book, { ...book, updateId: 2, bids: [['100', '0'], ['99.5', '3']], asks: [['100.5', '4']] })
    expect([next.bids, next.asks]).toEqual([[['99.5', '3'], ['99', '2']], [['100.5', '4'], ['101', '1']]])
  })
})

describe('live socket', () => {
  test('hears a snapshot and what follows, and comes back by itself after the gateway was killed', async () => {
    let first = new StandIn({ page: '/nowhere', world: new World({ orders: 5 }) })
    const origin = await first.listen()
    const states: SocketState[] = []
    const socket = new LiveSocket({ url: `${origin.replace('http', 'ws')}/ws`, token: () => Promise.resolve('stand-in-token'), onState: (state) => states.push(state), random: () => 0 })
    let heard = 0
    const stop = socket.subscribe('pairs', null, () => heard++)
    socket.open()
    await vi.waitFor(() => expect(heard).toBeGreaterThan(2), 5000)
    expect(socket.value('pairs')).toHaveLength(14)
    await first.close()
    await vi.waitFor(() => expect(socket.state).toBe('waiting'), 5000)
    first = new StandIn({ page: '/nowhere', world: new World({ orders: 5 }) })
    await first.listen(Number(new URL(origin).port))
    const before = heard
    await vi.waitFor(() => expect(heard).toBeGreaterThan(before + 1), 8000)
    expect(states.slice(0, 3)).toEqual(['connecting', 'live', 'waiting'])
    stop()
    socket.close()
    await first.close()
    expect(socket.state).toBe('closed')
  })
})
