import type { FastifyRequest } from 'fastify'
import { fail } from '../../core/index.ts'

/** Whether a page of this origin may call: our own pages, those on the list, and whoever is no page at all. */
export function isAllowedOrigin(origin: string | undefined, host: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined) return true
  if (allowed.includes(origin)) return true
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)
}

/** @throws RM_API_ORIGIN for a call from the page of a stranger */
export function checkOrigin(request: FastifyRequest, allowed: readonly string[]): void {
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  if (isAllowedOrigin(origin, host, allowed) && !(origin === undefined && site === 'cross-site')) return
  fail('RM_API_ORIGIN', { origin: (origin ?? 'another site').slice(0, 100) })
}
