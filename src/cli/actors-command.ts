import { readHealthToken, type ActorHealth, type HealthSnapshot, type RiskHealth } from '../runtime/health/index.ts'
import { fail } from '../core/index.ts'
import { EXIT } from './exit-codes.ts'
import { HealthClient } from './health-client.ts'
import { formatAge, formatNs, formatUptime, renderTable } from './table.ts'

export interface ActorsTarget {
  readonly url: string
  readonly json: boolean
}

export async function listActors({ url, json }: ActorsTarget, print: (text: string) => void): Promise<number> {
  const actors = await new HealthClient(url).actors()
  print(json ? `${JSON.stringify(actors)}\n` : renderActors(actors))
  return EXIT.ok
}

/** @param token as given; without it the one kept in the data folder. @throws RM_USAGE when there is none */
export async function restartActor(url: string, id: string, token: string | undefined, dataDir: string, print: (text: string) => void): Promise<number> {
  const client = new HealthClient(url)
  await client.restart(id, tokenOf(token, dataDir))
  print(`${id}: restart accepted\n`)
  return EXIT.ok
}

/** @param token as given; without it the one kept in the data folder. @throws RM_USAGE when there is none */
export const tokenOf = (token: string | undefined, dataDir: string): string =>
  token ?? readHealthToken(dataDir) ?? fail('RM_USAGE', { what: '--token', problem: `there is none in ${dataDir} either; the engine prints it at its first start` })

/** The state in a few lines; `unhealthy` unless the engine is well. */
export async function showStatus({ url, json }: ActorsTarget, print: (text: string) => void): Promise<number> {
  const snapshot = await new HealthClient(url).health()
  print(json ? `${JSON.stringify(snapshot)}\n` : renderStatus(snapshot))
  return snapshot.status === 'ok' ? EXIT.ok : EXIT.unhealthy
}

export function renderActors(actors: readonly ActorHealth[]): string {
  const rows = actors.map((actor) => [
    actor.id,
    actor.state,
    actor.thread,
    String(actor.restarts),
    formatAge(actor.heartbeatAgeMs),
    String(actor.handled),
    actor.ringDepth === null ? '-' : String(actor.ringDepth),
    oneLine(actor.lastError ?? actor.note),
  ])
  return renderTable(['ACTOR', 'STATE', 'THREAD', 'RESTARTS', 'HEARTBEAT', 'HANDLED', 'WAITING', 'LAST ERROR'], rows)
}

/** The last entry of each symbol that a limit kept out, with both numbers. */
export const renderRefusals = ({ refusals }: RiskHealth): string =>
  renderTable(
    ['SYMBOL', 'REFUSED BY', 'FOUND', 'ALLOWED', 'TIMES', 'LAST'],
    refusals.map(({ symbol, limit, found, allowed, atMs, times }) => [symbol, limit, found, allowed, String(times), new Date(atMs).toISOString()]),
  )

function renderStatus(snapshot: HealthSnapshot): string {
  const { status, ready, mode, version, uptimeMs, reasons, symbols, latencyNs } = snapshot
  const head = `${status}${ready ? '' : ', not ready'}: ringmaster ${version}, ${mode}, up ${formatUptime(uptimeMs)}\n`
  const why = reasons.map((reason) => `  ${oneLine(reason)}\n`).join('')
  const market = renderTable(
    ['SYMBOL', 'LAST', 'PRICE AGE', 'BOOK', 'REGIME', 'POSITION'],
    symbols.map((symbol) => [
      symbol.symbol,
      symbol.lastPrice === null ? '-' : String(symbol.lastPrice),
      formatAge(symbol.priceAgeMs),
      symbol.bookValid ? 'valid' : 'invalid',
      symbol.regime ?? '-',
      symbol.position === null ? 'flat' : `${symbol.position.side} ${symbol.position.size} at ${symbol.position.entryPrice}`,
    ]),
  )
  const hops = renderTable(
    ['HOP', 'P50', 'P90', 'P99', 'MAX', 'COUNT'],
    Object.entries(latencyNs).map(([hop, { p50, p90, p99, max, count }]) => [hop, formatNs(p50), formatNs(p90), formatNs(p99), formatNs(max), String(count)]),
  )
  const refused = snapshot.risk === null || snapshot.risk.refusals.length === 0 ? '' : `${renderRefusals(snapshot.risk)}\n`
  return `${head}${why}\n${market}\n${refused}${hops}\n${renderActors(snapshot.actors)}`
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
