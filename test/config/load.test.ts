import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AMOUNT_MAX } from '../../src/trading/index.ts'
import { ConfigError, loadConfig, maskedConfig, normaliseSymbol, renderConfig, renderSources, secretValues, settings, type ConfigProblem, type LoadOptions } from '../../src/config/index.ts'

const SHIPPED = join(import.meta.dirname, '../../config')
let root = ''
let count = 0

beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'ringmaster-config-'))))
afterAll(() => rmSync(root, { recursive: true }))

/** A folder with these files; returns its path. */
function folder(files: Readonly<Record<string, string>>): string {
  const dir = join(root, String(count++))
  mkdirSync(dir)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}

const load = (options: Partial<LoadOptions> = {}) => loadConfig({ dir: SHIPPED, env: {}, envFile: null, ...options })
const set = (path: string, value: string) => ({ path, value, from: `--set ${path}` })

function errorOf(options: Partial<LoadOptions>): ConfigError {
  try {
    load(options)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}

const problemAt = (error: ConfigError, path: string): ConfigProblem => {
  const found = error.problems.find((problem) => problem.path === path)
  if (found === undefined) throw new Error(`no problem at ${path} in ${error.message}`)
  return found
}

const MINIMAL = `
exit:
  by_regime:
    trending: { tp_percent: 1, sl_percent: 1 }
    ranging: { tp_percent: 1, sl_percent: 1 }
    choppy: { tp_percent: 1, sl_percent: 1 }
order_executor: { limit_order: { default_offset_percent: 0.05 } }
`

describe('configuration', () => {
  it('starts with the shipped files and the names and numbers of the original system', () => {
    const { config } = load()
    expect(config.trading_pairs).toEqual(['BTCUSDT', 'ETHUSDT', 'XRPUSDT'])
    expect(config.strategy.imbalance).toEqual({ buy_threshold: 0.75, sell_threshold: 0.25, depth_levels: 5, cooldown_ms: 250, repeat_ms: 2000 })
    expect(config.strategy.min_confidence).toBe(0.6)
    expect(config.risk).toMatchObject({ max_open_positions: 5, max_exposure_usdt: '10000', min_order_size_usdt: '5' })
    expect(config.recovery).toEqual({ auto: true, hanging_order_check: true, fsm_auto_restore: true, detailed_hanging_order_logging: false, hanging_order_timeout_minutes: 30, max_reconciliation_retries: 3, reconciliation_retry_delay_s: 2 })
    expect(config.freshness).toEqual({ order_ms: 1000, exit_ms: 2000, signal_ms: 3000, other_ms: 5000 })
  })

  it('has the same values in config/default.yaml as in the defaults of the schema', () => {
    const shipped = load()
    for (const { path, default: standard, env } of settings) {
      if (env === null || standard === undefined) continue
      const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], shipped.config)
      expect([path, value]).toEqual([path, standard])
      expect([path, shipped.sources.get(path)]).toEqual([path, expect.stringMatching(/^config\/default\.yaml:\d+$|\/config\/default\.yaml:\d+$/)])
    }
  })

  it('lays schema, default.yaml, local.yaml, .env, environment and command line over each other, and says which it was', () => {
    const dir = folder({
      'default.yaml': `${MINIMAL}\nrisk:\n  max_open_positions: 2\n  max_orders_per_minute: 20\n  price_collar_percent: 12\nlog: { level: error }\n`,
      'local.yaml': 'risk:\n  max_orders_per_minute: 30\n  price_collar_percent: 13\n',
      env: '# mine\nMAX_OPEN_POSITIONS=4\nRINGMASTER_RISK_PRICE_COLLAR_PERCENT=14\nexport LOG_LEVEL=warn\n',
    })
    const { config, sources } = load({
      dir,
      envFile: join(dir, 'env'),
      env: { LOG_LEVEL: 'DEBUG', RINGMASTER_RISK_PRICE_COLLAR_PERCENT: '15', MAX_EXPOSURE_USDT: '' },
      overrides: [set('risk.price_collar_percent', '16')],
    })
    const { risk } = config
    expect([risk.max_exposure_usdt, risk.max_open_positions, risk.max_orders_per_minute, risk.price_collar_percent, config.log.level]).toEqual(['10000', 4, 30, 16, 'debug'])
    expect(sources.get('risk.max_exposure_usdt')).toBe('default')
    expect(sources.get('risk.max_open_positions')).toBe(`${join(dir, 'env')}:2 MAX_OPEN_POSITIONS`)
    expect(sources.get('risk.max_orders_per_minute')).toBe(`${join(dir, 'local.yaml')}:2`)
    expect(sources.get('risk.price_collar_percent')).toBe('--set risk.price_collar_percent')
    expect(sources.get('log.level')).toBe('environment LOG_LEVEL')
  })

  it('reports every problem at once, with path, value, what is allowed and where it came from', () => {
    const dir = folder({ 'default.yaml': `${MINIMAL}\nrisk:\n  max_open_positions: many\n  max_exposure_usdx: 5\nhelth: { port: 1 }\nbook_depth: 51\ntrading_pairs: [BTCUSDT, 7]\n` })
    const error = errorOf({ dir, env: { LOG_LEVEL: 'LOUD', MIN_ORDER_SIZE_USDT: '-5' }, overrides: [set('health.port', '99999'), set('health.prt', '1')] })
    const file = join(dir, 'default.yaml')
    expect(error.code).toBe('RM_CONFIG_INVALID')
    expect(problemAt(error, 'risk.max_open_positions')).toEqual({ code: 'RM_CONFIG_VALUE', path: 'risk.max_open_positions', value: 'found "many"', allowed: 'whole number 1 to 128', from: `${file}:10` })
    expect(problemAt(error, 'risk.max_exposure_usdx')).toMatchObject({ code: 'RM_CONFIG_UNKNOWN', allowed: expect.stringContaining('did you mean max_exposure_usdt?') as string, from: `${file}:11` })
    expect(problemAt(error, 'helth')).toMatchObject({ allowed: expect.stringContaining('did you mean health?') as string, from: `${file}:12` })
    expect(problemAt(error, 'book_depth')).toMatchObject({ value: 'found 51', allowed: '50 | 200', from: `${file}:13` })
    expect(problemAt(error, 'trading_pairs.1')).toMatchObject({ value: 'found 7', allowed: 'list of 1 to 128 different USDT pairs', from: `${file}:14` })
    expect(problemAt(error, 'log.level')).toMatchObject({ value: 'found "LOUD"', allowed: 'debug | info | warn | error', from: 'environment LOG_LEVEL' })
    expect(problemAt(error, 'risk.min_order_size_usdt')).toMatchObject({ value: 'found "-5"', allowed: 'decimal amount above 0' })
    expect(problemAt(error, 'health.port')).toMatchObject({ value: 'found 99999', from: '--set health.port' })
    expect(problemAt(error, 'health.prt').allowed).toBe('did you mean health.port?')
    expect(error.problems).toHaveLength(9)
    for (const { path } of error.problems) expect(error.message).toContain(`\n  ${path}: `)
  })

  it('refuses modes that this version cannot run, by a code of their own', () => {
    for (const mode of ['live-data-paper', 'testnet', 'live']) {
      const error = errorOf({ env: { RINGMASTER_MODE: mode } })
      expect(error.code).toBe('RM_CONFIG_MODE')
      expect(error.problems).toEqual([expect.objectContaining({ path: 'mode', allowed: 'paper | backtest', from: 'environment RINGMASTER_MODE' })])
    }
    expect(load({ env: { RINGMASTER_MODE: 'backtest' } }).config.mode).toBe('backtest')
    expect(errorOf({ env: { RINGMASTER_MODE: 'yolo' } }).code).toBe('RM_CONFIG_VALUE')
  })

  it('never starts a symbol whose profile lacks a regime, and lists every one that is missing', () => {
    const dir = folder({ 'default.yaml': `${MINIMAL}\ntrading_pairs: [XRPUSDT, ETHUSDT]\nsymbol_profiles:\n  XRP-USDT:\n    trending: { tp_percent: 8.8, sl_percent: 2.5 }\n    ranging: { tp_percent: 3.5, sl_percent: 2 }\n  ETHUSDT:\n    choppy: { tp_percent: 1, sl_percent: 1 }\n` })
    const error = errorOf({ dir })
    expect(error.code).toBe('RM_CONFIG_EXIT_MISSING')
    expect(error.problems.map(({ path }) => path)).toEqual(['symbol_profiles.XRPUSDT.choppy', 'symbol_profiles.ETHUSDT.trending', 'symbol_profiles.ETHUSDT.ranging'])
  })

  it('takes exit parameters of all regimes from exit.by_regime for a symbol without a profile, or says what is missing', () => {
    const withoutChoppy = MINIMAL.replace(/ {4}choppy.*\n/, '')
    const error = errorOf({ dir: folder({ 'default.yaml': withoutChoppy }) })
    expect(error.code).toBe('RM_CONFIG_EXIT_MISSING')
    expect(error.problems.map(({ path, value }) => [path, value])).toEqual(['BTCUSDT', 'ETHUSDT', 'XRPUSDT'].map((symbol) => ['exit.by_regime.choppy', `is missing, and ${symbol} has no profile of its own`]))
    const own = '\nsymbol_profiles: { BTCUSDT: { position_multiplier: 2 } }\n'
    expect(load({ dir: folder({ 'default.yaml': MINIMAL + own }) }).config.symbol_profiles['BTCUSDT']?.position_multiplier).toBe(2)
  })

  it('still lists missing exit parameters when other settings are wrong too', () => {
    const error = errorOf({ dir: folder({ 'default.yaml': 'exit: { by_regime: { trending: { tp_percent: 1 } } }\n' }), env: { TRADING_PAIRS: 'BTCUSDT' } })
    expect(error.problems.map(({ path }) => path).toSorted()).toEqual(['exit.by_regime.choppy', 'exit.by_regime.ranging', 'exit.by_regime.trending.sl_percent', 'order_executor'])
  })

  it('a default offset of 0 does not start', () => {
    expect(errorOf({ dir: folder({ 'default.yaml': MINIMAL.replace('0.05', '0') }) }).problems).toEqual([
      expect.objectContaining({ path: 'order_executor.limit_order.default_offset_percent', value: 'found 0', allowed: 'number above 0, up to 10' }),
    ])
  })

  it('reads every spelling of a pair as the same symbol, and refuses a table that names one twice', () => {
    expect(load({ env: { TRADING_PAIRS: 'btc-usdt, ETH/USDT,XRP_USDT' } }).config.trading_pairs).toEqual(['BTCUSDT', 'ETHUSDT', 'XRPUSDT'])
    expect(errorOf({ env: { TRADING_PAIRS: 'BTCUSDT,BTC-USDT' } }).problems).toEqual([expect.objectContaining({ path: 'trading_pairs', value: 'names BTCUSDT more than once' })])
    const twice = `${MINIMAL}\nsymbol_profiles:\n  XRP-USDT: { position_multiplier: 1 }\n  XRPUSDT: { position_multiplier: 2 }\n`
    expect(errorOf({ dir: folder({ 'default.yaml': twice }) }).code).toBe('RM_CONFIG_SYNTAX')
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9]{1,10}$/), fc.constantFrom('', '-', '/', '_'), (base, separator) => {
        expect(normaliseSymbol(`${base}${separator}usdt`.toLowerCase())).toBe(`${base}USDT`)
      }),
    )
    for (const text of ['', 'USDT', 'BTC', 'BTCUSD', 'BTC--USDT', 'BTC USDT', 'BTCUSDT;']) expect(normaliseSymbol(text)).toBe(null)
  })

  it('refuses settings that contradict each other', () => {
    const paths = (overrides: Record<string, string>) => errorOf({ overrides: Object.entries(overrides).map(([path, value]) => set(path, value)) }).problems.map(({ path }) => path)
    expect(paths({ 'exchange.market': 'replay' })).toEqual(['exchange.files'])
    expect(paths({ 'exchange.bybit_port': '8080' })).toEqual(['health.port'])
    expect(paths({ 'risk.min_order_size_usdt': '6000' })).toEqual(['risk.min_order_size_usdt'])
    expect(paths({ 'risk.max_exposure_usdt': String(AMOUNT_MAX + 1) })).toEqual(['risk.max_exposure_usdt'])
    expect(load({ overrides: [set('risk.max_exposure_usdt', String(AMOUNT_MAX))] }).config.risk.max_exposure_usdt).toBe(String(AMOUNT_MAX))
    expect(paths({ 'freshness.order_ms': '2500' })).toEqual(['freshness.order_ms'])
    expect(paths({ 'supervision.backoff.initial_ms': '6000' })).toEqual(['supervision.backoff.initial_ms'])
    expect(paths({ 'recovery.hanging_order_timeout_minutes': '1', 'order_executor.order_ttl_ms': '60001' })).toEqual(['order_executor.order_ttl_ms'])
    expect(paths({ 'exit.max_holding_s': '60', 'exit.by_regime.choppy.max_holding_s': '61', 'symbol_profiles.XRPUSDT.ranging.max_holding_s': '61' })).toEqual(['symbol_profiles.XRPUSDT.ranging.max_holding_s', 'exit.by_regime.choppy.max_holding_s'])
    expect(paths({ 'order_executor.limit_order.by_symbol.BTCUSDT.use_market_order': 'true' })).toEqual(['order_executor.limit_order.by_symbol.BTCUSDT.use_market_order'])
  })

  it('keeps amounts exact', () => {
    const { config } = load({ env: { MAX_EXPOSURE_USDT: '10000.123456789012345678901234567890' } })
    expect(config.risk.max_exposure_usdt).toBe('10000.123456789012345678901234567890')
    for (const text of ['1e3', '0x10', '1,000', ' ', 'NaN', '.5', '+5', '0']) expect(problemAt(errorOf({ overrides: [set('risk.max_exposure_usdt', text)] }), 'risk.max_exposure_usdt').allowed).toBe('decimal amount above 0')
  })

  it('never shows a secret: not in a listing, not in an error', () => {
    const secret = 'hunter2hunter2hunter2'
    const { config, sources } = load({ env: { RINGMASTER_HEALTH_TOKEN: secret, RINGMASTER_EXCHANGE_API_SECRET: `${secret}x` } })
    expect(config.health.token).toBe(secret)
    expect(secretValues(config)).toEqual(expect.arrayContaining([secret, `${secret}x`]))
    for (const text of [renderConfig(config), renderSources(config, sources), JSON.stringify(maskedConfig(config))]) {
      expect(text).not.toContain('hunter2')
      expect(text).toContain('***')
    }
    const error = errorOf({ env: { RINGMASTER_HEALTH_TOKEN: 'hunter2 with a space in it' } })
    expect(problemAt(error, 'health.token').value).toBe('found ***')
    expect(error.message).not.toContain('hunter2')
  })

  it('answers unreadable, absent, circular and repeated YAML with file and line', () => {
    expect(errorOf({ dir: join(root, 'nowhere') }).problems[0]).toMatchObject({ path: '(folder)', value: 'is no folder' })
    expect(errorOf({ dir: folder({}) }).problems[0]).toMatchObject({ path: '(folder)', value: 'has no configuration file' })
    const broken = folder({ 'default.yaml': 'log:\n  level: [info\nmode: paper\n' })
    expect(errorOf({ dir: broken }).problems[0]).toMatchObject({ code: 'RM_CONFIG_SYNTAX', from: expect.stringMatching(/default\.yaml:\d$/) as string })
    const twice = folder({ 'default.yaml': `mode: paper\nmode: live\n` })
    expect(errorOf({ dir: twice }).problems[0]).toMatchObject({ code: 'RM_CONFIG_SYNTAX', from: `${join(twice, 'default.yaml')}:2` })
    expect(errorOf({ dir: folder({ 'default.yaml': '- a\n- b\n' }) }).problems[0]).toMatchObject({ value: 'is not a section of settings' })
    const circular = folder({ 'default.yaml': 'log: &a\n  level: info\n  more: *a\n' })
    expect(errorOf({ dir: circular }).problems).toContainEqual(expect.objectContaining({ path: 'log.more', value: 'contains itself' }))
    expect(errorOf({ dir: folder({ 'default.yaml': '__proto__: { polluted: 1 }\nconstructor: 1\n' }) }).problems.map(({ path }) => path)).toEqual(expect.arrayContaining(['__proto__', 'constructor']))
    expect('polluted' in {}).toBe(false)
  })

  it('refuses unknown RINGMASTER_ names, leaves foreign ones alone, and says which known ones have no effect', () => {
    const error = errorOf({ env: { RINGMASTER_HELTH_PORT: '1', PATH: '/bin' } })
    expect(error.problems).toEqual([expect.objectContaining({ path: 'RINGMASTER_HELTH_PORT', allowed: 'did you mean RINGMASTER_HEALTH_PORT?' })])
    const { warnings } = load({ env: { APP_PASSWORD: 'x', LAYERING_MIN_ORDERS: '3', MIN_STRATEGIES: '2', HOME: '/', RINGMASTER_DATA: '../data' } })
    expect(warnings).toEqual([expect.stringMatching(/^LAYERING_MIN_ORDERS has no effect/), expect.stringMatching(/^MIN_STRATEGIES has no effect/)])
  })

  it('cannot be changed after loading', () => {
    const { config } = load()
    const risk = config.risk as { max_open_positions: number }
    expect(() => (risk.max_open_positions = 99)).toThrow(TypeError)
    expect(() => (config.trading_pairs as string[]).push('X')).toThrow(TypeError)
  })


  it('never throws anything but its own error, whatever the environment and the command line say', () => {
    const names = settings.flatMap(({ env }) => (env === null ? [] : [env]))
    const value = fc.oneof(fc.string(), fc.constantFrom('null', '[', '{a: 1}', '-1', '1e999', '&a *a', '!!js x', '[1, {}]', 'NaN'))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 }), fc.constantFrom(...settings.map(({ path }) => path), '', '.', 'a..b', '__proto__.x'), value, (env, path, text) => {
        try {
          const { config } = load({ env, overrides: [{ path, value: text, from: 'test' }] })
          expect(Object.isFrozen(config)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
      { numRuns: 60 },
    )
  })
})
