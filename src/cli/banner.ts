import type { Config } from '../config/index.ts'

export interface BannerFacts {
  readonly version: string
  readonly config: Config
  readonly healthUrl: string
  /** null when no built-in exchange runs. */
  readonly exchangeUrl: string | null
  readonly journal: string
  /** A token made just now; shown this once. */
  readonly freshToken: { readonly token: string; readonly file: string } | null
  /** The placement plan, one line a thread; empty to leave it out. */
  readonly plan: string
}

const PROTOCOL = { bybit: 'Bybit V5', okx: 'OKX V5' } as const

/** What a person wants to know at the start: what runs, where everything is, how to stop it. */
export function renderBanner(facts: BannerFacts): string {
  const { version, config, healthUrl, exchangeUrl, journal, freshToken, plan } = facts
  const market = config.exchange.market === 'generated' ? `generated market, seed ${config.exchange.seed}` : `replay of ${config.exchange.files.join(', ')}`
  const rows: (readonly [string, string])[] = [
    ['mode', `${config.mode} on ${config.venue}, ${exchangeUrl === null ? 'no built-in exchange' : market}`],
    ['pairs', config.trading_pairs.join(' ')],
    ...(config.gateway.enabled && config.gateway.port > 0 ? [['dashboard', `http://${config.gateway.host}:${config.gateway.port}`] as const] : []),
    ['health', `${healthUrl}/health   metrics: ${healthUrl}/metrics`],
  ]
  if (exchangeUrl !== null) rows.push(['exchange', `${exchangeUrl}   (${PROTOCOL[config.venue]}; paper money)`])
  rows.push(['journal', journal], ['logs', config.log.dir])
  for (const [i, line] of plan.split('\n').entries()) if (line !== '') rows.push([i === 0 ? 'threads' : '', line])
  if (freshToken !== null) rows.push(['token', `${freshToken.token}   (shown once, kept in ${freshToken.file})`])
  rows.push(['stop', `Ctrl-C: clean stop, policy "${config.shutdown.policy}"; twice: at once`])
  return `ringmaster ${version}\n${rows.map(([name, text]) => `  ${name.padEnd(11)}${text}\n`).join('')}\n`
}
