import type { WayHealth } from '../runtime/health/index.ts'
import { EXIT } from './exit-codes.ts'
import { commandToken, HealthClient } from './health-client.ts'
import { renderTable } from './table.ts'

/** @param token as given; without it the one kept in the data folder. @throws RM_USAGE when there is none */
export async function resetBreaker(url: string, group: string, token: string | undefined, dataDir: string, print: (text: string) => void): Promise<number> {
  await new HealthClient(url).resetBreaker(group, commandToken(token, dataDir))
  print(`breaker ${group}: reset accepted\n`)
  return EXIT.ok
}

/** Breakers and limits of a running engine. */
export async function listBreakers(url: string, json: boolean, print: (text: string) => void): Promise<number> {
  const { way } = await new HealthClient(url).health()
  print(json ? `${JSON.stringify(way)}\n` : renderWay(way))
  return EXIT.ok
}

export function renderWay(way: WayHealth | null): string {
  if (way === null) return 'execution has not shown its breakers yet\n'
  const rows = way.groups.map((one) => [one.group, one.breaker, String(one.failures), String(one.openings), one.breaker === 'open' ? `${(one.opensInMs / 1000).toFixed(1)} s` : '-', `${Math.round(one.utilisation * 100)} %`, String(one.waiting)])
  const ban = way.banMs > 0 ? `the venue bans this address for ${Math.ceil(way.banMs / 1000)} s more\n` : ''
  return ban + renderTable(['ENDPOINTS', 'BREAKER', 'FAILURES', 'OPENED', 'PROBE IN', 'LIMIT USED', 'WAITING'], rows)
}
