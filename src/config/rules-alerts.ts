import type { Draft } from './draft.ts'
import type { ConfigProblem } from './problems.ts'
import type { Config } from './schema.ts'

type Report = (code: ConfigProblem['code'], path: string, value: string, allowed: string) => void

/** Secrets of the channels, with the variables that they come from. */
const SECRETS = ['alerts.webhook.url', 'alerts.webhook.token', 'alerts.telegram.token'] as const

const envOf = (path: string): string => `RINGMASTER_${path.replaceAll('.', '_').toUpperCase()}`

/** Secrets of alerts come from the environment; what belongs together is there together. Looks at what is written, also where another value is wrong. */
export function checkAlerts({ alerts }: Partial<Pick<Config, 'alerts'>>, draft: Draft, report: Report): void {
  for (const path of SECRETS) {
    const keys = path.split('.')
    const value = draft.get(keys)
    const place = draft.exactPlaceOf(keys)
    // A place names the variable where there is one: files get shared and kept, the command line is in the list of processes.
    if (value !== undefined && value !== 'off' && place !== null && !place.endsWith(envOf(path))) report('RM_CONFIG_VALUE', path, 'stands where it may be read by others', `only the environment or .env: ${envOf(path)}`)
  }
  if (alerts === undefined) return
  const { webhook, telegram, backoff } = alerts
  if (webhook.token !== 'off' && webhook.url === 'off') report('RM_CONFIG_VALUE', 'alerts.webhook.url', 'is off, while there is a token for it', 'both, or neither')
  if ((telegram.token === 'off') !== (telegram.chat_id === 'off')) {
    const missing = telegram.token === 'off' ? 'token' : 'chat_id'
    report('RM_CONFIG_VALUE', `alerts.telegram.${missing}`, `is off, while alerts.telegram.${missing === 'token' ? 'chat_id' : 'token'} is set`, 'both, or neither')
  }
  if (backoff.initial_ms > backoff.max_ms) report('RM_CONFIG_VALUE', 'alerts.backoff.initial_ms', `found ${backoff.initial_ms}`, `at most alerts.backoff.max_ms, which is ${backoff.max_ms}`)
}
