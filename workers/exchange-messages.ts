import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../src/config/index.ts'
import { fail } from '../src/core/index.ts'
import type { ExchangeProcessSettings } from './exchange.ts'
import { type Recording, recordingsOf } from './recordings.ts'

/** Name of the account that the engine trades; the exchange keeps it over restarts in its ledger. */
export const PAPER_ACCOUNT = 'paper'

/** Time that the wire to a venue takes, as paper mode plays it: what a server in the same region sees. */
export const PAPER_LATENCY = { requestMs: 1, replyMs: 1, pushMs: 1, marketMs: 0, jitterMs: 1, historyMs: 200 }

/** What the market of the configuration is played from; nothing for a generated one. @throws RM_REPLAY_FILES, RM_CAPTURE_* */
export async function configuredRecordings({ exchange, trading_pairs }: Config): Promise<readonly Recording[]> {
  return exchange.market === 'generated' ? [] : recordingsOf(exchange.files, trading_pairs)
}

/**
 * Settings of the exchange process, from the configuration.
 * @param recordings see `configuredRecordings`
 * @param port and @param okxPort those of the first start; later ones keep them
 */
export function exchangeSettings(config: Config, recordings: readonly Recording[], port: number, okxPort: number): ExchangeProcessSettings {
  const { exchange, watchdog, trading_pairs: symbols } = config
  return {
    port,
    keys: [
      { apiKey: exchange.api_key, secret: exchange.api_secret, account: PAPER_ACCOUNT },
      ...(watchdog.enabled ? [{ apiKey: watchdog.api_key, secret: watchdog.api_secret, account: PAPER_ACCOUNT }] : []),
    ],
    okx: { port: okxPort, passphrase: exchange.passphrase },
    seed: exchange.seed,
    market:
      exchange.market === 'generated'
        ? { kind: 'generated', seed: exchange.seed, symbols: [...symbols], manipulationsPerHour: exchange.manipulations_per_hour, edgesPerHour: exchange.edges_per_hour }
        : { kind: 'replay', recordings: recordings.map(({ symbol, files }) => ({ symbol, files: [...files] })), speed: exchange.speed, loop: exchange.loop },
    ledger: join(config.data_dir, 'exchange', 'ledger.jsonl'),
    startingBalance: exchange.starting_balance,
    latency: PAPER_LATENCY,
    shuffleTopics: true,
    faults: { ...faultSettings(config) },
  }
}

/** What the exchange is to do wrong by itself. @throws RM_FAULT_PLAN for a plan that cannot be read */
export function faultSettings({ exchange: { faults }, book_depth: bookDepth }: Config): { readonly seed: number; readonly perMinute: readonly string[]; readonly plan: string | null; readonly bookDepth: number } {
  const [file] = faults.plan
  try {
    return { seed: faults.seed, perMinute: faults.per_minute, plan: file === undefined ? null : readFileSync(file, 'utf8'), bookDepth }
  } catch (error) {
    return fail('RM_FAULT_PLAN', { step: 0, problem: `${file} cannot be read` }, error)
  }
}
