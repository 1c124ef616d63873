import { Decimal } from 'decimal.js'
import type { Draft } from './draft.ts'
import type { ConfigProblem } from './problems.ts'
import { shown } from './problems.ts'
import { checkStrategies } from './rules-strategies.ts'
import type { Config } from './schema.ts'
import { normaliseSymbol, REGIMES } from './symbols.ts'

/** Sections that passed the schema; a rule speaks only when what it compares is there. */
export type CheckedSections = { readonly [K in keyof Config]?: Config[K] }

/** More cannot be told apart where exposure is counted in whole millionths. */
const EXPOSURE_MAX_USDT = 30_000_000

type Report = (code: ConfigProblem['code'], path: string, value: string, allowed: string) => void

/** What the type of one value cannot say: relations between settings, and what this version can do. */
export function checkRules(sections: CheckedSections, draft: Draft, problems: ConfigProblem[]): void {
  const report: Report = (code, path, value, allowed) =>
    void problems.push({ code, path, value, allowed, from: draft.placeOf(path.split('.')) ?? 'not set anywhere' })
  checkMode(sections, report)
  checkPairs(sections, report)
  checkRegimes(sections, draft, report)
  checkRelations(sections, report)
}

function checkMode({ mode }: CheckedSections, report: Report): void {
  if (mode === undefined || mode === 'paper' || mode === 'backtest') return
  report('RM_CONFIG_MODE', 'mode', `${shown(mode, false)}, which this version cannot run yet: nothing was started`, 'paper | backtest')
}

function checkPairs({ trading_pairs: pairs }: CheckedSections, report: Report): void {
  const repeated = pairs?.filter((pair, i) => pairs.indexOf(pair) !== i) ?? []
  if (repeated.length > 0) report('RM_CONFIG_VALUE', 'trading_pairs', `names ${[...new Set(repeated)].join(', ')} more than once`, 'each pair once')
}

/**
 * CF-2, EX-16: every active symbol has exit parameters in all three regimes, from one source. A profile that has some
 * regimes but not all is refused even when `exit.by_regime` has the rest: mixing the two is how a stop meant for one
 * symbol once ran with the numbers of another. Looks at what is written, also where a value in it is wrong.
 */
function checkRegimes({ trading_pairs: pairs }: CheckedSections, draft: Draft, report: Report): void {
  const written = draft.get(['symbol_profiles'])
  const profiled = typeof written === 'object' && written !== null ? Object.keys(written).filter((key) => normaliseSymbol(key) === key) : []
  for (const symbol of new Set([...(pairs ?? []), ...profiled])) {
    const own = REGIMES.filter((regime) => draft.get(['symbol_profiles', symbol, regime]) !== undefined)
    for (const regime of REGIMES) {
      if (own.length > 0 && !own.includes(regime))
        report('RM_CONFIG_EXIT_MISSING', `symbol_profiles.${symbol}.${regime}`, `is missing, while ${own.join(' and ')} are there`, 'tp_percent and sl_percent in all three regimes, or no regime in this profile')
      if (own.length === 0 && pairs?.includes(symbol) === true && draft.get(['exit', 'by_regime', regime]) === undefined)
        report('RM_CONFIG_EXIT_MISSING', `exit.by_regime.${regime}`, `is missing, and ${symbol} has no profile of its own`, `tp_percent and sl_percent here, or all regimes in symbol_profiles.${symbol}`)
    }
  }
}

function checkRelations(sections: CheckedSections, report: Report): void {
  const { exchange, health, risk, recovery, supervision, freshness, market_data: data, order_executor: executor, resilience } = sections
  checkHolding(sections, report)
  checkStrategies(sections, report)
  if (exchange?.market === 'replay' && exchange.files.length === 0)
    report('RM_CONFIG_VALUE', 'exchange.files', 'is empty, while exchange.market is replay', 'at least one recorded file')
  if (exchange !== undefined && health !== undefined && exchange.bybit_port !== 0 && exchange.bybit_port === health.port)
    report('RM_CONFIG_VALUE', 'health.port', `found ${health.port}, which is also exchange.bybit_port`, 'two different ports')
  if (exchange !== undefined && exchange.okx_port !== 0 && (exchange.okx_port === exchange.bybit_port || exchange.okx_port === health?.port))
    report('RM_CONFIG_VALUE', 'exchange.okx_port', `found ${exchange.okx_port}, which is also ${exchange.okx_port === exchange.bybit_port ? 'exchange.bybit_port' : 'health.port'}`, 'different ports')
  checkGatewayPort(sections, report)
  if (risk !== undefined) {
    atMost(report, 'risk.min_order_size_usdt', risk.min_order_size_usdt, 'risk.max_symbol_exposure_usdt', risk.max_symbol_exposure_usdt)
    atMost(report, 'risk.min_order_size_usdt', risk.min_order_size_usdt, 'risk.max_direction_exposure_usdt', risk.max_direction_exposure_usdt)
    atMost(report, 'risk.min_order_size_usdt', risk.min_order_size_usdt, 'risk.max_exposure_usdt', risk.max_exposure_usdt)
    for (const name of ['max_exposure_usdt', 'max_symbol_exposure_usdt', 'max_direction_exposure_usdt'] as const) atMost(report, `risk.${name}`, risk[name], 'what exposure is counted up to', EXPOSURE_MAX_USDT)
  }
  if (supervision !== undefined) atMost(report, 'supervision.backoff.initial_ms', supervision.backoff.initial_ms, 'supervision.backoff.max_ms', supervision.backoff.max_ms)
  if (sections.detection !== undefined && sections.book_depth !== undefined)
    atMost(report, 'detection.near_levels', sections.detection.near_levels, 'four fifths of book_depth', 0.8 * sections.book_depth)
  if (resilience !== undefined) {
    atMost(report, 'resilience.breaker.cooldown_ms', resilience.breaker.cooldown_ms, 'resilience.breaker.cooldown_max_ms', resilience.breaker.cooldown_max_ms)
    atMost(report, 'resilience.retry.backoff_ms', resilience.retry.backoff_ms, 'resilience.retry.backoff_max_ms', resilience.retry.backoff_max_ms)
  }
  if (sections.database !== undefined) atMost(report, 'database.backoff.initial_ms', sections.database.backoff.initial_ms, 'database.backoff.max_ms', sections.database.backoff.max_ms)
  if (freshness !== undefined) {
    atMost(report, 'freshness.order_ms', freshness.order_ms, 'freshness.exit_ms', freshness.exit_ms)
    atMost(report, 'freshness.exit_ms', freshness.exit_ms, 'freshness.signal_ms', freshness.signal_ms)
    atMost(report, 'freshness.signal_ms', freshness.signal_ms, 'freshness.other_ms', freshness.other_ms)
  }
  if (data !== undefined) atMost(report, 'market_data.integrity_min', data.integrity_min, 'market_data.integrity_resume', data.integrity_resume)
  for (const [symbol, own] of Object.entries(executor?.limit_order.by_symbol ?? {}))
    if (own.use_market_order && own.limit_offset_percent === undefined)
      report('RM_CONFIG_VALUE', `order_executor.limit_order.by_symbol.${symbol}.use_market_order`, 'found true, without limit_offset_percent beside it', 'both, or neither')
  if (executor !== undefined && recovery !== undefined)
    atMost(report, 'order_executor.order_ttl_ms', executor.order_ttl_ms, 'recovery.hanging_order_timeout_minutes, in ms', recovery.hanging_order_timeout_minutes * 60_000)
}

function checkGatewayPort({ gateway, exchange, health }: CheckedSections, report: Report): void {
  if (gateway === undefined || !gateway.enabled || gateway.port === 0) return
  const others = { 'health.port': health?.port, 'exchange.bybit_port': exchange?.bybit_port, 'exchange.okx_port': exchange?.okx_port }
  for (const [path, port] of Object.entries(others)) if (port === gateway.port) report('RM_CONFIG_VALUE', 'gateway.port', `found ${port}, which is also ${path}`, 'different ports')
}

/** Nothing is held for longer than `exit.max_holding_s`: a longer time in a set would have no effect. */
function checkHolding({ exit, symbol_profiles: profiles }: CheckedSections, report: Report): void {
  if (exit === undefined) return
  for (const regime of REGIMES) {
    const places = [[`exit.by_regime.${regime}`, exit.by_regime[regime]] as const, ...Object.entries(profiles ?? {}).map(([symbol, own]) => [`symbol_profiles.${symbol}.${regime}`, own[regime]] as const)]
    for (const [path, set] of places) if (set?.max_holding_s !== undefined) atMost(report, `${path}.max_holding_s`, set.max_holding_s, 'exit.max_holding_s', exit.max_holding_s)
  }
}

function atMost(report: Report, path: string, value: string | number, otherName: string, other: string | number): void {
  if (new Decimal(value).gt(other)) report('RM_CONFIG_VALUE', path, `found ${value}`, `at most ${otherName}, which is ${other}`)
}
