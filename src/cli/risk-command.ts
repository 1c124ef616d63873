import type { RiskHealth } from '../runtime/health/index.ts'
import { type ActorsTarget, renderRefusals } from './actors-command.ts'
import { EXIT } from './exit-codes.ts'
import { commandToken, HealthClient } from './health-client.ts'
import { renderTable } from './table.ts'

/** Limits, what of them is used, and what they kept out last; `unhealthy` while the engine has said nothing. */
export async function showRisk({ url, json }: ActorsTarget, print: (text: string) => void): Promise<number> {
  const { risk } = await new HealthClient(url).health()
  if (risk === null) print('execution has not told its limits yet\n')
  else print(json ? `${JSON.stringify(risk)}\n` : renderRisk(risk))
  return risk === null ? EXIT.unhealthy : EXIT.ok
}

/** Asks the running engine for another value of a limit. It holds until the configured value of that limit is another one. */
export async function setLimit(url: string, limit: string, value: string, token: string | undefined, dataDir: string, print: (text: string) => void): Promise<number> {
  const client = new HealthClient(url)
  await client.setLimit(limit, value, commandToken(token, dataDir))
  print(`${limit} ${value}: passed on to execution, see "risk show"\n`)
  return EXIT.ok
}

export function renderRisk(risk: RiskHealth): string {
  const { limits, exposure, blocked, dust } = risk
  const table = renderTable(['LIMIT', 'VALUE', 'CONFIGURED'], limits.map(({ name, value, configured }) => [name, value, value === configured ? '' : configured]))
  const used = `exposure ${exposure.total} (long ${exposure.long}, short ${exposure.short}), ${exposure.positions} positions\n`
  const last = risk.refusals.length === 0 ? '' : `\n${renderRefusals(risk)}`
  const out = [...blocked.map(({ symbol, why }) => `${symbol} is not traded: ${why}\n`), ...dust.map((symbol) => `${symbol} holds less than the smallest order of the venue\n`)].join('')
  return `${table}\n${used}${out}${last}`
}
