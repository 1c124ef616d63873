import type { ActorHealth, ArchiveHealth, HealthSnapshot, RiskHealth, VenueStopHealth } from '../runtime/health/index.ts'
import { renderWay } from './breaker-command.ts'
import { EXIT } from './exit-codes.ts'
import { commandToken, HealthClient } from './health-client.ts'
import { formatAge, formatNs, formatUptime, renderTable } from './table.ts'

export interface ActorsTarget {
  readonly url: string
  readonly json: boolean
  /** Red where something is stopped. */
  readonly color?: boolean
}

export async function listActors({ url, json }: ActorsTarget, print: (text: string) => void): Promise<number> {
  const actors = await new HealthClient(url).actors()
  print(json ? `${JSON.stringify(actors)}\n` : renderActors(actors))
  return EXIT.ok
}

/** @param token as given; without it the one kept in the data folder. @throws RM_USAGE when there is none */
export async function restartActor(url: string, id: string, token: string | undefined, dataDir: string, print: (text: string) => void): Promise<number> {
  const client = new HealthClient(url)
  await client.restart(id, commandToken(token, dataDir))
  print(`${id}: restart accepted\n`)
  return EXIT.ok
}

/** The state in a few lines; `unhealthy` unless the engine is well. */
export async function showStatus({ url, json, color = false }: ActorsTarget, print: (text: string) => void): Promise<number> {
  const snapshot = await new HealthClient(url).health()
  print(json ? `${JSON.stringify(snapshot)}\n` : renderStatus(snapshot, color))
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

function renderStatus(snapshot: HealthSnapshot, color: boolean): string {
  const { status, ready, mode, version, uptimeMs, reasons, symbols, latencyNs, kill, way } = snapshot
  const head = `${status}${ready ? '' : ', not ready'}: ringmaster ${version}, ${mode}, up ${formatUptime(uptimeMs)}\n`
  const why = reasons.map((reason) => `  ${oneLine(reason)}\n`).join('')
  const market = renderTable(
    ['SYMBOL', 'LAST', 'PRICE AGE', 'BOOK', 'REGIME', 'POSITION', 'STOP AT THE VENUE'],
    symbols.map((symbol) => [
      symbol.symbol,
      symbol.lastPrice === null ? '-' : String(symbol.lastPrice),
      formatAge(symbol.priceAgeMs),
      symbol.bookValid ? 'valid' : 'invalid',
      symbol.regime ?? '-',
      symbol.position === null ? 'flat' : `${symbol.position.side} ${symbol.position.size} at ${symbol.position.entryPrice}${symbol.position.exitPlan === 'conservative' ? ', conservative exits' : ''}`,
      symbol.position === null ? '-' : stopWords(symbol.position.stop),
    ]),
  )
  const hops = renderTable(
    ['HOP', 'P50', 'P90', 'P99', 'MAX', 'COUNT'],
    Object.entries(latencyNs).map(([hop, { p50, p90, p99, max, count }]) => [hop, formatNs(p50), formatNs(p90), formatNs(p99), formatNs(max), String(count)]),
  )
  const refused = snapshot.risk === null || snapshot.risk.refusals.length === 0 ? '' : `${renderRefusals(snapshot.risk)}\n`
  return `${head}${why}${killLine(kill, color)}${guards(snapshot)}\n${market}\n${refused}${renderWay(way)}\n${hops}\n${renderActors(snapshot.actors)}`
}

function killLine(kill: HealthSnapshot['kill'], color: boolean): string {
  if (!kill.engaged) return ''
  const text = `KILL SWITCH ENGAGED (${kill.code}) by ${kill.by}${kill.since === null ? ', the engine has not confirmed it yet' : ` since ${kill.since}`}${kill.flatten ? ', positions are closed' : ''}: ${oneLine(kill.reason)}`
  return color ? `\x1b[1;31m${text}\x1b[0m\n` : `${text}\n`
}

const stopWords = ({ price, state, alarm }: VenueStopHealth): string => `${price ?? 'none'}${state === 'resting' ? '' : `, ${state}`}${alarm ? ', ALARM' : ''}`

function archiveLine({ state, records, lagBytes, error, retryInMs }: ArchiveHealth): string {
  const trouble = error === null ? '' : `, next try in ${Math.ceil(retryInMs / 1000)} s: ${oneLine(error)}`
  return `  database ${state}, ${records} records${lagBytes === 0 ? '' : `, ${lagBytes} bytes behind`}${trouble}\n`
}

/** What acts when the engine does not. */
function guards({ account, watchdog, archive }: HealthSnapshot): string {
  const dog = watchdog === null ? 'none' : `${watchdog.state}${watchdog.flatten ? ', closes positions' : ''}${watchdog.lastAction === '' ? '' : `, last ${oneLine(watchdog.lastAction)}`}`
  return `  dead-man switch ${account?.deadMan ?? 'not known yet'}; watchdog ${dog}\n${archive === null ? '' : archiveLine(archive)}`
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
