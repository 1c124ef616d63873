import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RingmasterError } from '../../core/index.ts'
import { refusalOf } from './errors.ts'
import type { ServerSettings } from './settings.ts'

const NOT_BUILT = '<!doctype html><meta charset="utf-8"><title>Ringmaster</title><p>The dashboard is not built: run <code>make dashboard</code>. The API is at <a href="/docs">/docs</a>.</p>'
/** Pages of a browser that are not the dashboard's. */
const OWN_PAGES = /^\/(?:docs|metrics|ws)(?:\/|$|\?)/
/** Files whose names carry a print of what is in them. */
const HASHED = /-[\w-]{8,}\.\w+$/

/**
 * Serves the built dashboard, compressed ahead. A browser that goes to a page gets the shell of the application whatever the
 * path, so that a page can be reloaded; everything else that asks for a path gets the route of that path.
 */
export async function serveDashboard(app: FastifyInstance, { dashboard, say }: ServerSettings): Promise<void> {
  const built = existsSync(join(dashboard, 'index.html'))
  const shell = (reply: FastifyReply): FastifyReply => {
    void reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8')
    // Read each time: it is small, and may be built while we run.
    return reply.send(existsSync(join(dashboard, 'index.html')) ? readFileSync(join(dashboard, 'index.html'), 'utf8') : NOT_BUILT)
  }
  if (built)
    await app.register(fastifyStatic, {
      root: dashboard,
      preCompressed: true,
      dotfiles: 'ignore',
      index: false,
      wildcard: true,
      schemaHide: true,
      cacheControl: false,
      setHeaders: (reply, path) => void reply.header('cache-control', HASHED.test(path.replace(/\.(?:br|gz)$/, '')) ? 'public, max-age=31536000, immutable' : 'no-cache'),
    })
  app.addHook('onRequest', async (request, reply) => {
    if (isNavigation(request) && !OWN_PAGES.test(request.url)) return shell(reply)
    return undefined
  })
  if (!built) app.get('/', { schema: { hide: true } }, (_request, reply) => shell(reply))
  app.setNotFoundHandler((request, reply) => {
    const { status, answer } = refusalOf(new RingmasterError('RM_API_NOT_FOUND', { what: 'page', id: request.url.split('?', 1)[0]!.slice(0, 100) }), request.id, say)
    return reply.code(status).header('cache-control', 'no-store').send(answer)
  })
}

/** A person who goes to an address, not a program that calls a route. */
function isNavigation({ method, headers, url }: FastifyRequest): boolean {
  if (method !== 'GET' || /\.\w{1,8}$/.test(url.split('?', 1)[0]!)) return false
  const mode = headers['sec-fetch-mode']
  if (mode !== undefined) return mode === 'navigate'
  return (headers.accept ?? '').startsWith('text/html')
}
