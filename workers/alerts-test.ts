/** `ringmaster alerts test`: one alert by every channel, no engine needed. */
import type { Delivery } from '../src/alerts/index.ts'
import { type AlertsTestRequest, EXIT } from '../src/cli/index.ts'
import { SystemTimers } from '../src/core/index.ts'
import type { Log } from '../src/telemetry/index.ts'
import { alertChannels } from './alert-settings.ts'

/** Tries every channel once, all at the same time. @returns `failure` when one did not take it */
export async function alertsTest({ loaded: { config }, json }: AlertsTestRequest, print: (line: string) => void): Promise<number> {
  const log: Log = Object.assign((level: string, message: string) => (json ? undefined : print(`  ${level}: ${message}`)), { child: () => log })
  const plans = alertChannels(config, { log, timers: new SystemTimers(), wallMs: () => Date.now(), secrets: [] })
  const atMs = Date.now()
  const notice = { id: `test-${atMs.toString(36)}`, alert: { key: 'test', severity: 'info', title: 'This is a test', text: 'If you read this, alerts of Ringmaster reach you.' }, atMs, more: 0, firstMs: atMs, triedMs: null } as const
  const results = await Promise.all(
    plans.map(async ({ channel, minSeverity }) => {
      const startMs = performance.now()
      const delivery = await channel.send(notice, 0)
      return { channel: channel.name, minSeverity, tookMs: Math.round(performance.now() - startMs), ...delivery }
    }),
  )
  for (const result of results) print(json ? JSON.stringify(result) : lineOf(result))
  if (!json && plans.length === 1) print('nothing but the log is set up: RINGMASTER_ALERTS_WEBHOOK_URL, or RINGMASTER_ALERTS_TELEGRAM_TOKEN and alerts.telegram.chat_id (docs/alerts.md)')
  if (!json && !config.alerts.enabled) print('alerts.enabled is false: an engine started like this tells nobody')
  return results.every(({ kind }) => kind === 'delivered') ? EXIT.ok : EXIT.failure
}

const WORDS: Readonly<Record<Delivery['kind'], string>> = { delivered: 'delivered', refused: 'refused', later: 'not reached' }

const lineOf = (result: { readonly channel: string; readonly minSeverity: string; readonly tookMs: number } & Delivery): string =>
  `${result.channel.padEnd(9)} ${WORDS[result.kind]} in ${result.tookMs} ms${result.kind === 'delivered' ? `; told from ${result.minSeverity} on` : `: ${result.reason}`}`
