import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request as httpRequest } from 'node:http'
import { SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes, type RouteSpec } from '../../src/api/index.ts'
import { ApiFixture, FRIEND, PASSWORD, STRANGER } from './fixture.ts'

describe('the gateway lets nobody in who has no business there', () => {
  let api: ApiFixture
  let token: string
  let cookie: string
  beforeAll(async () => {
    api = await ApiFixture.start()
    ;({ token, cookie } = await api.login())
  })
  afterAll(() => api.close())

  const call = (method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}, payload?: string | object) => api.server.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
  const bearer = (value: string): Record<string, string> => ({ authorization: `Bearer ${value}` })
  const pathOf = (spec: RouteSpec): string => spec.path.replace(':symbol', 'BTCUSDT').replace(':strategy', 'imbalance').replaceAll(/:\w+/g, 'x')

  it('answers every route but those of the list with 401 without a token, the metrics too', async () => {
    const open = Object.values(routes as Record<string, RouteSpec>).filter(({ access }) => access === 'open').map(({ path }) => path)
    expect(open.toSorted()).toEqual(['/auth/login', '/health', '/health/live', '/health/ready'])
    for (const spec of Object.values(routes as Record<string, RouteSpec>).filter(({ access }) => access === 'token')) {
      const { statusCode, json } = await call(spec.method, pathOf(spec), {}, spec.method === 'POST' ? {} : undefined)
      expect([spec.path, statusCode, (json() as { code: string }).code]).toEqual([spec.path, 401, 'RM_API_UNAUTHORISED'])
    }
    expect((await call('GET', '/metrics')).statusCode).toBe(401)
    expect((await call('GET', '/auth/verify', bearer(token))).json()).toMatchObject({ user: 'operator' })
  })

  it('takes no token that another key signed, none without a signature, none of another kind, none of a session that has ended', async () => {
    const claims = (jwt: SignJWT): SignJWT => jwt.setSubject('operator').setIssuer('ringmaster').setAudience('ringmaster-gateway').setIssuedAt().setExpirationTime('5m')
    const foreign = await claims(new SignJWT({ sid: 'x' }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })).sign(new Uint8Array(32))
    const none = new UnsecuredJWT({ sid: 'x' }).setSubject('operator').setIssuer('ringmaster').setAudience('ringmaster-gateway').setExpirationTime('5m').encode()
    const [head, body, signature] = token.split('.') as [string, string, string]
    const otherHead = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
    const otherBody = Buffer.from(JSON.stringify({ ...(JSON.parse(Buffer.from(body, 'base64url').toString()) as object), exp: 9e9 })).toString('base64url')
    for (const bad of [foreign, none, `${otherHead}.${body}.`, `${otherHead}.${body}.${signature}`, `${head}.${otherBody}.${signature}`, `${head}.${body}.AAAA`, 'x', `${token}.x`]) expect([bad, (await call('GET', '/auth/verify', bearer(bad))).statusCode]).toEqual([bad, 401])

    const other = await api.login()
    await call('POST', '/auth/logout', { cookie: other.cookie })
    expect((await call('GET', '/auth/verify', bearer(other.token))).json()).toMatchObject({ code: 'RM_API_UNAUTHORISED', action: 'login' })
  })

  it('says of an expired token that a new one is wanted', async () => {
    api.skewMs = 601_000
    expect((await call('GET', '/auth/verify', bearer(token))).json()).toMatchObject({ code: 'RM_API_TOKEN_EXPIRED', action: 'retry' })
    api.skewMs = 0
  })

  it('takes a refresh token once; one that comes again ends its session', async () => {
    const first = await api.login()
    const again = await call('POST', '/auth/refresh', { cookie: first.cookie })
    expect(again.statusCode).toBe(200)
    const set = again.cookies[0] as { name: string; value: string; path: string; httpOnly: boolean; sameSite: string }
    expect(set).toMatchObject({ path: '/auth', httpOnly: true, sameSite: 'Strict' })
    const next = (again.json() as { accessToken: string }).accessToken
    expect((await call('GET', '/auth/verify', bearer(next))).statusCode).toBe(200)
    const replayed = await call('POST', '/auth/refresh', { cookie: first.cookie })
    expect([replayed.statusCode, (replayed.json() as { code: string }).code]).toEqual([401, 'RM_API_REFRESH_REUSED'])
    expect((await call('POST', '/auth/refresh', { cookie: `${set.name}=${set.value}` })).statusCode).toBe(401)
    expect((await call('GET', '/auth/verify', bearer(next))).statusCode).toBe(401)
    expect((await call('POST', '/auth/refresh', { cookie: 'ringmaster_refresh=a.b' })).statusCode).toBe(401)
  })

  it('does nothing for the page of a stranger: no cookie is enough, no origin is let through, no header is given', async () => {
    // What a form of another site can send: the cookie, and no bearer.
    expect((await call('POST', '/kill', { cookie, origin: STRANGER }, { why: 'x' })).statusCode).toBe(403)
    expect((await call('POST', '/kill', { cookie }, { why: 'x' })).statusCode).toBe(401)
    for (const path of ['/auth/refresh', '/auth/logout', '/auth/login']) expect([path, (await call('POST', path, { cookie, origin: STRANGER }, { password: PASSWORD })).statusCode]).toEqual([path, 403])
    expect((await call('POST', '/auth/refresh', { cookie, 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    const stranger = await call('GET', '/bot/config', { ...bearer(token), origin: STRANGER })
    expect(stranger.headers['access-control-allow-origin']).toBeUndefined()
    const friend = await call('GET', '/bot/config', { ...bearer(token), origin: FRIEND })
    expect(friend.headers['access-control-allow-origin']).toBe(FRIEND)
    expect(api.asked.some(({ kind }) => kind === 'kill')).toBe(false)
  })

  it('refuses a body that is too large, of another type, or no JSON', async () => {
    const large = await call('POST', '/auth/login', { 'content-type': 'application/json' }, JSON.stringify({ password: 'x'.repeat(20_000) }))
    expect([large.statusCode, (large.json() as { code: string }).code]).toEqual([413, 'RM_API_TOO_LARGE'])
    expect((await call('POST', '/auth/login', { 'content-type': 'application/xml' }, '<a/>')).statusCode).toBe(415)
    expect((await call('POST', '/auth/login', { 'content-type': 'application/json' }, '{"password":')).statusCode).toBe(400)
    expect((await call('POST', '/auth/login', { 'content-type': 'application/json' }, '{"__proto__":{"x":1},"password":"x"}')).statusCode).toBe(400)
    expect((await call('POST', '/auth/login', {}, { password: 'x', more: 1 })).statusCode).toBe(400)
  })

  it('keeps paths inside the folder of the dashboard', async () => {
    const built = await ApiFixture.start()
    try {
      const folder = join(built.dir, 'dashboard')
      mkdirSync(join(folder, 'assets'), { recursive: true })
      writeFileSync(join(folder, 'index.html'), '<p>shell')
      writeFileSync(join(folder, 'assets', 'app-12345678.js'), 'one()')
      writeFileSync(join(folder, 'assets', 'app-12345678.js.br'), 'packed')
      writeFileSync(join(folder, '.hidden'), 'hidden')
      writeFileSync(join(built.dir, 'secret.txt'), 'secret')
      await built.server.close()
      const { startServer } = await import('../../src/api/index.ts')
      built.server = await startServer(built.desk, { host: '127.0.0.1', port: 0, corsOrigins: [], callsPerMinute: 1e6, socketsMax: 8, dashboard: folder, say: () => {} })
      // Not through inject or fetch: both would tidy the path up.
      const raw = (path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string; headers: Record<string, unknown> }> =>
        new Promise((resolve, reject) => {
          const sent = httpRequest({ host: '127.0.0.1', port: built.server.port, path, headers }, (response) => {
            let text = ''
            response.on('data', (part: Buffer) => (text += part.toString()))
            response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }))
          })
          sent.on('error', reject)
          sent.end()
        })
      for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/../../secret.txt', '/assets/..%5c..%5csecret.txt', '//secret.txt', '/%00', '/.hidden', '/assets/%2e%2e%2f%2e%2e%2fsecret.txt', '/../gateway.operator.json']) {
        const { status, text } = await raw(path)
        expect([path, status >= 400 && status < 500, text.includes('secret') && !text.includes('code'), text.includes('hidden') && !text.includes('code')]).toEqual([path, true, false, false])
      }
      expect(await raw('/assets/app-12345678.js', { 'accept-encoding': 'br' })).toMatchObject({ status: 200, text: 'packed', headers: { 'content-encoding': 'br', 'cache-control': 'public, max-age=31536000, immutable' } })
      expect((await raw('/assets/app-12345678.js')).text).toBe('one()')
      for (const path of ['/', '/orders', '/actors']) expect(await raw(path, { accept: 'text/html' })).toMatchObject({ status: 200, text: '<p>shell' })
      expect((await raw('/actors', { accept: 'application/json' })).status).toBe(401)
    } finally {
      await built.close()
    }
  })

  it('gives every answer the headers that keep a page in its place', async () => {
    const { headers } = await call('GET', '/health')
    expect(headers['content-security-policy']).toContain("default-src 'self'")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    expect(headers['x-powered-by']).toBeUndefined()
  })

  it('tells nothing about money to who has no token', async () => {
    const { body } = await call('GET', '/health')
    expect(body).not.toMatch(/balance|position|entryPrice|equity|risk/)
    expect(JSON.parse(body)).toMatchObject({ live: true, ready: true })
  })

  it('keeps passwords and tokens out of its log, its audit and its files', async () => {
    await call('POST', '/auth/login', {}, { password: 'wrong-password-1234' })
    await call('GET', '/auth/verify', bearer('wrong.token.5678'))
    api.answers.metrics = new Error(`inside: ${token}`)
    await call('GET', '/metrics', bearer(token))
    delete api.answers.metrics
    const audit = readFileSync(join(api.dir, 'audit.jsonl'), 'utf8')
    const kept = readFileSync(join(api.dir, 'gateway.operator.json'), 'utf8') + readFileSync(join(api.dir, 'gateway.sessions.json'), 'utf8')
    for (const secret of [PASSWORD, 'wrong-password-1234', cookie.split('=')[1]!.split('.')[1]!]) expect([secret, audit.includes(secret), kept.includes(secret), api.said.join().includes(secret)]).toEqual([secret, false, false, false])
    expect(audit).toContain('RM_API_PASSWORD')
    for (const file of ['gateway.operator.json', 'gateway.sessions.json', 'audit.jsonl']) expect([file, statSync(join(api.dir, file)).mode & 0o777]).toEqual([file, 0o600])
  })

  it('says nothing of its inside when it fails', async () => {
    api.answers['set-limit'] = new Error('password=hunter2 at /home/me/x.ts')
    const failed = await call('POST', '/trading/risk/limits/max_open_positions', bearer(token), { value: '3', why: 'test' })
    delete api.answers['set-limit']
    expect([failed.statusCode, (failed.json() as { code: string }).code]).toEqual([500, 'RM_API_INTERNAL'])
    expect(failed.body).not.toMatch(/hunter2|home/)
  })
})

describe('the login', () => {
  it('closes to an address after wrong passwords, for longer each time, and opens again', async () => {
    const api = await ApiFixture.start([], { attempts: 2 })
    try {
      const login = async (password: string): Promise<readonly [number, number | undefined]> => {
        const response = await api.server.app.inject({ method: 'POST', url: '/auth/login', payload: { password } })
        return [response.statusCode, (response.json() as { retryAfterS?: number }).retryAfterS]
      }
      expect([await login('a'), await login('b')]).toEqual([[401, undefined], [401, undefined]])
      const [status, waitS] = await login(PASSWORD)
      expect([status, waitS! > 0 && waitS! <= 60]).toEqual([429, true])
      api.skewMs += 60_001
      expect([await login('c'), await login('d')]).toEqual([[401, undefined], [401, undefined]])
      const [, longerS] = await login(PASSWORD)
      expect(longerS! > 60 && longerS! <= 120).toBe(true)
      api.skewMs += 120_001
      expect((await login(PASSWORD))[0]).toBe(200)
    } finally {
      await api.close()
    }
  })

  it('ends every session but the new one with another password, and knows only that one from then on', async () => {
    const api = await ApiFixture.start([])
    try {
      const old = await api.login()
      const changed = await api.server.app.inject({ method: 'POST', url: '/auth/change-password', headers: { authorization: `Bearer ${old.token}` }, payload: { current: PASSWORD, next: 'another password' } })
      expect(changed.statusCode).toBe(200)
      const verify = async (token: string): Promise<number> => (await api.server.app.inject({ method: 'GET', url: '/auth/verify', headers: { authorization: `Bearer ${token}` } })).statusCode
      expect([await verify(old.token), await verify((changed.json() as { accessToken: string }).accessToken)]).toEqual([401, 200])
      expect([(await api.login()).status, (await api.login('another password')).status]).toEqual([401, 200])
    } finally {
      await api.close()
    }
  })

  it('turns an address away that calls too often', async () => {
    const api = await ApiFixture.start([], { callsPerMinute: 10 })
    try {
      const answers = []
      for (let i = 0; i < 12; i++) answers.push(await api.server.app.inject({ method: 'GET', url: '/health/live' }))
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429])
      expect(answers.at(-1)!.json()).toMatchObject({ code: 'RM_API_RATE', action: 'retry' })
    } finally {
      await api.close()
    }
  })
})
