import type { Command } from 'commander'
import type { CliActions, CliIo } from './actions.ts'
import { type ConfigOptions, loadFor, withConfig } from './options.ts'

const EXAMPLES = `
The secrets come from the environment or .env, never from a file of settings or the command line.
Examples:
  RINGMASTER_ALERTS_WEBHOOK_URL=https://example.org/hook ringmaster alerts test
  RINGMASTER_ALERTS_TELEGRAM_TOKEN=… ringmaster alerts test --set alerts.telegram.chat_id=123456
Page: docs/alerts.md`

/** `alerts test`. @param ends leaves the exit code of what was started */
export function addAlerts(program: Command, actions: CliActions, io: CliIo, ends: (work: Promise<number>) => Promise<void>): void {
  const alerts = program.command('alerts').description('alerts to people: log, webhook, Telegram')
  withConfig(alerts.command('test').description('sends a test alert by every channel of the settings and says what came back; exit code 1 when one did not take it'))
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action((options: ConfigOptions) => ends(actions.alertsTest({ loaded: loadFor(options, io), json: options.json ?? false }, (line) => io.out(`${line}\n`))))
}
