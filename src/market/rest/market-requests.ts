import type { HttpRequest } from '../../venues/index.ts'
import type { RestClass } from './gated-transport.ts'

/** Where the venues keep public market data, and the clock, which is measured by its round trip and must not wait in a line. */
const MARKET_PATHS = ['/v5/market/', '/api/v5/market/', '/api/v5/public/'] as const
const CLOCK_PATHS: ReadonlySet<string> = new Set(['/v5/market/time', '/api/v5/public/time'])
/** Prices: an exit, or an order that needs the side of its trigger, may wait for the answer. */
const QUOTE_PATHS: ReadonlySet<string> = new Set(['/v5/market/tickers', '/api/v5/market/ticker', '/api/v5/public/mark-price', '/api/v5/market/index-tickers'])

/** Market data by REST, as either venue spells it: prices hurry, the rest does not, everything else is free. */
export function classifyMarketRequest({ method, url }: Pick<HttpRequest, 'method' | 'url'>): RestClass {
  const { pathname } = new URL(url)
  if (method !== 'GET' || CLOCK_PATHS.has(pathname) || !MARKET_PATHS.some((start) => pathname.startsWith(start))) return 'free'
  return QUOTE_PATHS.has(pathname) ? 'urgent' : 'background'
}

/** The same for execution: whatever it asks for, exits and reconciliation wait for the answer, so none of it stands behind the audits of ingest. */
export function classifyExecutionRequest(request: Pick<HttpRequest, 'method' | 'url'>): RestClass {
  const kind = classifyMarketRequest(request)
  return kind === 'background' ? 'urgent' : kind
}
