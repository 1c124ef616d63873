import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../src/config/index.ts'
import { fail } from '../src/core/index.ts'
import type { ExchangeProcessSettings } from './exchange.ts'

/** Name of the account that the engine trades; the exchange keeps it over restarts in its ledger. */
export const PAPER_ACCOUNT = 'paper'

/** Time that the wire to a venue takes, as paper mode plays it: what a server in the same region sees. */
export const PAPER_LATENCY = { requestMs: 1, replyMs: 1, pushMs: 1, marketMs: 0, jitterMs: 1, historyMs: 200 }

/** Settings of the exchange process, from the configuration. @param port and @param okxPort those of the first start; later ones keep them */
export function exchangeSettings(config: Config, port: number, okxPort: number): ExchangeProcessSettings {
  const { exchange, trading_pairs: symbols } = config
  return {
    port,
    keys: [{ apiKey: exchange.api_key, secret: exchange.api_secret, account: PAPER_ACCOUNT }],
    okx: { port: okxPort, passphrase: exchange.passphrase },
    seed: exchange.seed,
    market:
      exchange.market === 'generated'
        ? { kind: 'generated', seed: exchange.seed, symbols: [...symbols] }
        : { kind: 'replay', recordings: recordings(exchange.files, symbols), speed: exchange.speed, loop: exchange.loop },
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

/**
 * Captures by symbol, told apart by their names (`binance_usdm_btcusdt_20240808.raw.gz`); files of one symbol follow
 * each other in the order given. @throws RM_REPLAY_FILES when a symbol has no capture or a capture no symbol
 */
export function recordings(files: readonly string[], symbols: readonly string[]): { symbol: string; files: string[] }[] {
  const found = symbols.map((symbol) => ({ symbol, files: files.filter((file) => named(file, symbol)).map((file) => resolve(file)) }))
  const missing = found.filter((one) => one.files.length === 0).map((one) => one.symbol)
  const foreign = files.filter((file) => !symbols.some((symbol) => named(file, symbol)))
  if (missing.length > 0 || foreign.length > 0) fail('RM_REPLAY_FILES', { missing: missing.join(', ') || 'none', foreign: foreign.join(', ') || 'none' })
  return found
}

const named = (file: string, symbol: string): boolean => new RegExp(`(^|[^a-z0-9])${symbol}([^a-z0-9]|$)`, 'i').test(file.split('/').at(-1)!)
