import { createServer } from 'node:net'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RingmasterError } from '../../src/core/index.ts'
import { loadConfig } from '../../src/config/index.ts'
import { FileKillStore } from '../../src/trading/index.ts'
import { checkPort, EXIT, exitCodeOf, renderBanner, runCli, runDoctor, startProgress, type BacktestRequest, type CliActions, type CollectRequest, type SoakRequest, type StartRequest } from '../../src/cli/index.ts'
import { createHealthServer, healthToken, type HealthServer } from '../../src/runtime/health/index.ts'
import { type Log } from '../../src/telemetry/index.ts'
import { MetricsPage } from '../../src/telemetry/root/index.ts'
import { actor, killCommands, snapshot, way } from '../health/fixture.ts'

const CONFIG = ['--config', join(import.meta.dirname, '../../config')]
let root = ''
let recording = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ringmaster-cli-'))
  recording = join(root, 'monday.raw')
  writeFileSync(recording, '')
})
afterAll(() => rmSync(root, { recursive: true }))

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly calls: readonly (readonly [string, ...unknown[]])[]
}

async function cli(argv: readonly string[], more: { env?: Record<string, string>; terminal?: boolean; fails?: unknown } = {}): Promise<Ran> {
  const calls: [string, ...unknown[]][] = []
  let out = ''
  let err = ''
  const note =
    (name: string) =>
    (...details: unknown[]): Promise<number> => {
      calls.push([name, ...details])
      return more.fails === undefined ? Promise.resolve(0) : Promise.reject(more.fails as Error)
    }
  const actions: CliActions = {
    run: note('run'),
    exchange: note('exchange'),
    backtest: note('backtest'),
    soak: note('soak'),
    simulate: note('simulate'),
    journalCat: (path, view, print) => {
      print('a record')
      return note('cat')(path, view)
    },
    journalVerify: note('verify'),
    csvRebuild: note('csv rebuild'),
    database: note('database'),
    record: note('record'),
    alertsTest: note('alerts test'),
    strategyReplay: note('strategy replay'),
    dataCheck: note('check'),
    collect: note('collect'),
    label: note('label'),
    datasetInfo: note('info'),
    datasetCheck: note('set check'),
    train: note('train'),
    models: note('models'),
    modelServer: note('model server'),
  }
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text), env: more.env ?? {}, terminal: more.terminal ?? false, envFile: null }
  return { code: await runCli(argv, actions, io, '1.2.3'), out, err, calls }
}

const requestOf = ({ calls }: Ran): StartRequest => calls[0]![1] as StartRequest
const silent = (): Log => Object.assign(() => {}, { child: silent })

describe('command line', () => {
  it('helps with every command, examples and exit codes', async () => {
    const { code, out, calls } = await cli(['--help'])
    expect(code).toBe(0)
    for (const word of ['run', 'exchange', 'backtest', 'collect', 'label', 'dataset', 'config', 'actors', 'journal', 'doctor', 'soak', 'status', 'Examples:', 'Exit codes:', '   98  a port is taken']) expect(out).toContain(word)
    for (const command of [['run'], ['backtest'], ['config', 'show'], ['actors', 'restart'], ['journal', 'cat'], ['doctor'], ['soak'], ['simulate'], ['alerts', 'test']]) expect(await cli([...command, '--help'])).toMatchObject({ code: 0, out: expect.stringContaining(`Usage: ringmaster ${command.join(' ')}`) as string })
    expect(calls).toEqual([])
    expect(await cli(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' })
  })

  it('ends with 2 and starts nothing on a wrong command line', async () => {
    for (const argv of [[], ['frob'], ['run', '--frob'], ['backtest'], ['run', '--set', 'novalue'], ['run', '--market', 'generated', 'more'], ['run', '--market', 'replay:'], ['run', '--market', 'replay:/no/such/file'], ['backtest', '/no/such/file'], ['journal', 'cat', 'x', '--from', '-1'], ['soak', '--minutes', '0'], ['actors', 'list', '--url', 'ftp://x'], ['run', '--set', 'mode=backtest']]) {
      const { code, err, calls } = await cli(argv.includes('run') ? [...argv, ...CONFIG] : argv)
      expect([argv, code, calls]).toEqual([argv, EXIT.usage, []])
      expect(err).not.toBe('')
    }
  })

  it('ends with 2 and the whole list on a wrong configuration', async () => {
    const { code, err, calls } = await cli(['run', ...CONFIG, '--set', 'risk.max_open_positions=none', '--set', 'book_depth=7'], { env: { LOG_LEVEL: 'x' } })
    expect([code, calls]).toEqual([EXIT.usage, []])
    for (const line of ['RM_CONFIG_VALUE: 3 setting(s)', 'risk.max_open_positions: found "none"; allowed: whole number 1 to 128 (--set risk.max_open_positions)', 'book_depth: found 7', 'environment LOG_LEVEL']) expect(err).toContain(line)
    expect(await cli(['run', ...CONFIG, '--set', 'mode=live'])).toMatchObject({ code: EXIT.usage, err: expect.stringMatching(/^RM_CONFIG_MODE/) as string })
  })

  it('gives the options to what it starts, the last one winning', async () => {
    const ran = await cli(['run', ...CONFIG, '--pairs', 'btc-usdt, XRPUSDT', '--market', `replay:${recording} ${recording}`, '--set', 'risk.max_open_positions=2', '--set', 'trading_pairs=ETHUSDT', '--json'], { terminal: true })
    const { loaded, json, color } = requestOf(ran)
    expect(ran.code).toBe(0)
    expect([json, color]).toEqual([true, true])
    expect(loaded.config.trading_pairs).toEqual(['ETHUSDT'])
    expect(loaded.config.exchange).toMatchObject({ market: 'replay', files: [recording, recording] })
    expect(loaded.config.risk.max_open_positions).toBe(2)
    expect(loaded.sources.get('trading_pairs')).toBe('--set trading_pairs')
    expect(loaded.sources.get('exchange.files')).toBe('--market')
  })

  it('uses colours only in a terminal that wants them', async () => {
    const color = async (argv: string[], env: Record<string, string>, terminal: boolean) => requestOf(await cli(['run', ...CONFIG, ...argv], { env, terminal })).color
    expect(await color([], {}, true)).toBe(true)
    expect(await color([], {}, false)).toBe(false)
    expect(await color(['--no-color'], {}, true)).toBe(false)
    expect(await color([], { NO_COLOR: '1' }, true)).toBe(false)
  })

  it('runs a backtest in its own mode on the files given', async () => {
    const ran = await cli(['backtest', recording, ...CONFIG, '--pairs', 'BTCUSDT', '--out', root])
    const { loaded, files, out } = requestOf(ran) as BacktestRequest
    expect([loaded.config.mode, loaded.config.exchange.market, loaded.config.trading_pairs, files, out]).toEqual(['backtest', 'replay', ['BTCUSDT'], [recording], root])
    expect((requestOf(await cli(['soak', ...CONFIG, '--minutes', '0.5'])) as SoakRequest).minutes).toBe(0.5)
    expect((await cli(['exchange', ...CONFIG])).calls[0]![0]).toBe('exchange')
  })

  it('turns what an action throws into an exit code and one line', async () => {
    expect(await cli(['run', ...CONFIG], { fails: new RingmasterError('RM_PORT_TAKEN', { host: 'h', port: 1, setting: 's', env: 'E' }) })).toMatchObject({ code: EXIT.portTaken, err: 'RM_PORT_TAKEN: port 1 on h is taken by another program: stop it, or set s (E) to a free one\n' })
    expect(await cli(['run', ...CONFIG], { fails: new TypeError('boom') })).toMatchObject({ code: EXIT.failure, err: 'TypeError: boom\n' })
    expect(exitCodeOf(new RingmasterError('RM_CONFIG_VALUE', { list: '' }))).toBe(EXIT.usage)
    expect(exitCodeOf(new RingmasterError('RM_NOT_RUNNING', { url: '', reason: '' }))).toBe(EXIT.unhealthy)
    expect(exitCodeOf('x')).toBe(EXIT.failure)
  })

  it('checks and shows the configuration, with sources and without secrets', async () => {
    expect(await cli(['config', 'check', ...CONFIG])).toMatchObject({ code: 0, out: expect.stringContaining('the configuration is good: paper') as string })
    expect((await cli(['config', 'check', ...CONFIG, '--set', 'x=1'])).code).toBe(EXIT.usage)
    const shown = await cli(['config', 'show', ...CONFIG], { env: { RINGMASTER_HEALTH_TOKEN: 'hunter2hunter2hunter2', DATABASE_URL: 'postgres://me:hunter2@db/x', APP_PASSWORD: 'hunter2hunter2', MIN_STRATEGIES: '2' } })
    expect(shown.out).toContain('token: "***"')
    expect(shown.out).not.toContain('hunter2')
    expect(shown.err).toMatch(/^warning: MIN_STRATEGIES has no effect/)
    const sources = await cli(['config', 'show', '--sources', ...CONFIG], { env: { LOG_LEVEL: 'debug' } })
    expect(sources.out).toMatch(/^log\.level = "debug" +# environment LOG_LEVEL$/m)
    expect(sources.out).toMatch(/^book_depth = 50 +# .*default\.yaml:\d+$/m)
  })

  it('shows a configuration that loads again as the same one', async () => {
    const { out } = await cli(['config', 'show', ...CONFIG, '--set', 'symbol_profiles.SOL-USDT.position_multiplier=2'])
    const dir = mkdtempSync(join(root, 'again-'))
    writeFileSync(join(dir, 'default.yaml'), out)
    const mask = { exchange: { api_key: '***', api_secret: '***', passphrase: '***' }, watchdog: { api_key: '***', api_secret: '***' } }
    const before = loadConfig({ dir: CONFIG[1]!, env: {}, envFile: null, overrides: [{ path: 'symbol_profiles.SOLUSDT.position_multiplier', value: '2', from: 'test' }] }).config
    const after = loadConfig({ dir, env: {}, envFile: null }).config
    expect(after).toEqual({ ...before, exchange: { ...before.exchange, ...mask.exchange }, watchdog: { ...before.watchdog, ...mask.watchdog } })
  })

  it('hands journal commands their path and range', async () => {
    const ran = await cli(['journal', 'cat', 'some/path', '--from', '5', '--limit', '2', '--json'])
    expect(ran).toMatchObject({ code: 0, out: 'a record\n', calls: [['cat', 'some/path', { from: 5, limit: 2, json: true }]] })
    expect((await cli(['journal', 'verify', 'p'])).calls[0]!.slice(0, 2)).toEqual(['verify', 'p'])
  })
})

describe('database', () => {
  it('hands what is asked, with the settings', async () => {
    const asked = async (argv: readonly string[]): Promise<unknown> => {
      const { code, calls } = await cli([...argv, ...CONFIG, '--set', 'database.url=postgres://me:secret@somewhere/base'])
      expect(code).toBe(0)
      const [name, request] = calls[0]! as [string, { readonly what: unknown; readonly json: boolean; readonly loaded: { readonly config: { readonly database: { readonly url: string } } } }]
      expect([name, request.loaded.config.database.url]).toEqual(['database', 'postgres://me:secret@somewhere/base'])
      return [request.what, request.json]
    }
    expect(await asked(['db', 'status', '--json'])).toEqual([{ kind: 'status' }, true])
    expect(await asked(['db', 'migrate'])).toEqual([{ kind: 'migrate' }, false])
    expect(await asked(['db', 'rollback'])).toEqual([{ kind: 'rollback', to: null, force: false }, false])
    expect(await asked(['db', 'rollback', '--to', '0', '--force'])).toEqual([{ kind: 'rollback', to: 0, force: true }, false])
    expect(await asked(['db', 'backup', 'file'])).toEqual([{ kind: 'backup', file: 'file' }, false])
    expect(await asked(['db', 'restore', 'file'])).toEqual([{ kind: 'restore', file: 'file' }, false])
    expect(await asked(['audit', 'verify', '--json'])).toEqual([{ kind: 'verify' }, true])
    expect(await asked(['explain', 'rmmainE1D0S0A0'])).toEqual([{ kind: 'explain', id: 'rmmainE1D0S0A0' }, false])
  })

  it.each([['db'], ['db', 'rollback', '--to', '-1'], ['db', 'backup'], ['explain'], ['audit'], ['db', 'status', '--set', 'database.url=mysql://x']])('refuses %j %j %j %j', async (...argv: string[]) => {
    expect((await cli([...argv, ...CONFIG])).code).toBe(EXIT.usage)
  })
})

describe('recordings', () => {
  it('hands the recorder venue, symbols, folder and limits', async () => {
    const { code, calls } = await cli(['record', '--venue', 'okx', '--pairs', 'BTCUSDT, eth-usdt BTCUSDT', '--out', 'folder', '--minutes', '0.5', '--rotate-mb', '2', '--compress', 'zstd', '--url', 'http://127.0.0.1:8011'])
    expect(code).toBe(0)
    expect(calls[0]!.slice(0, 2)).toEqual(['record', { venue: 'okx', symbols: ['BTCUSDT', 'ETHUSDT'], out: 'folder', depth: null, url: 'http://127.0.0.1:8011', minutes: 0.5, rotateBytes: 2_000_000, rotateMinutes: null, compress: 'zstd' }])
  })

  it.each([
    [['record', '--venue', 'kraken', '--pairs', 'BTCUSDT', '--out', 'x']],
    [['record', '--venue', 'okx', '--out', 'x']],
    [['record', '--venue', 'okx', '--pairs', 'BTCUSDT', '--out', 'x', '--minutes', '-1']],
    [['record', '--venue', 'okx', '--pairs', 'BTCUSDT', '--out', 'x', '--compress', 'rar']],
    [['data', 'check']],
  ])('refuses %j', async (argv) => {
    expect(await cli(argv)).toMatchObject({ code: EXIT.usage, calls: [] })
  })

  it('hands the check its files', async () => {
    expect((await cli(['data', 'check', 'a.gz', 'b.gz', '--json'])).calls[0]!.slice(0, 3)).toEqual(['check', ['a.gz', 'b.gz'], true])
  })
})

describe('commands for a running engine', () => {
  let server: HealthServer
  let dataDir = ''
  const restarted: string[] = []
  const asked: unknown[] = []
  let state = snapshot()
  beforeAll(async () => {
    dataDir = join(root, 'data')
    server = await createHealthServer({
      host: '127.0.0.1',
      port: 0,
      token: healthToken('auto', dataDir).token,
      provider: () => state,
      restartActor: (id) => {
        restarted.push(id)
        return id === 'features:BTCUSDT' ? { kind: 'accepted' } : { kind: 'unknown' }
      },
      ...killCommands(asked),
      resetBreaker: (group) => {
        restarted.push(`breaker ${group}`)
        return group === 'trade' ? { kind: 'accepted' } : { kind: 'unknown' }
      },
      setLimit: (limit, value) => {
        asked.push(`${limit}=${value}`)
        return limit === 'max_loss' ? 'there is no such limit' : null
      },
      strategies: {
        list: () => [
          { name: 'momentum', enabled: false, weight: 2, changed: [{ setting: 'rsi_min', value: '60', configured: '55' }], outcome: { name: 'momentum', trades: 4, wins: 1, net: '-3.2' } },
          { name: 'imbalance', enabled: true, weight: 1, changed: [], outcome: null },
        ],
        set: (strategy, setting, value) => {
          asked.push(`${strategy} ${setting}=${value}`)
          return setting === 'colour' ? 'there is no such setting' : null
        },
      },
      metrics: new MetricsPage(),
      log: silent(),
    })
  })
  afterAll(() => server.close())
  const target = (): string[] => ['--url', server.url, ...CONFIG, '--set', `data_dir=${dataDir}`]

  it('list, switch, weigh and set strategies', async () => {
    const list = await cli(['strategy', 'list', ...target()])
    expect(list.code).toBe(0)
    expect(list.out).toMatch(/momentum +off +2 +4 +25\.0 % +-3\.2 +rsi_min 60 \(configured 55\)/)
    expect(list.out).toMatch(/imbalance +votes +1 +- +- +-/)
    expect(JSON.parse((await cli(['strategy', 'list', '--json', ...target()])).out)).toHaveLength(2)
    asked.length = 0
    for (const words of [['enable', 'momentum'], ['disable', 'momentum'], ['weight', 'momentum', '3'], ['set', 'momentum', 'rsi_min', '60']]) expect((await cli(['strategy', ...words, ...target()])).code).toBe(0)
    expect(asked).toEqual(['momentum enabled=true', 'momentum enabled=false', 'momentum weight=3', 'momentum rsi_min=60'])
    const refused = await cli(['strategy', 'set', 'momentum', 'colour', '1', ...target()])
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('there is no such setting')])
  })

  it('play strategies over files of candles', async () => {
    const { code, calls } = await cli(['strategy', 'replay', 'a_1m.csv', 'b_1m.csv', '--each', ...CONFIG])
    expect([code, calls]).toEqual([0, [['strategy replay', expect.objectContaining({ files: ['a_1m.csv', 'b_1m.csv'], each: true, json: false }), expect.any(Function)]]])
    expect((await cli(['strategy', 'replay', ...CONFIG])).code).toBe(2)
  })

  it('list the actors as a table or as JSON', async () => {
    state = snapshot({ actors: [actor('features:BTCUSDT', { restarts: 2, ringDepth: 17, lastError: 'RM_X:\nbroke' })] })
    const { code, out } = await cli(['actors', 'list', ...target()])
    expect(code).toBe(0)
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([['ACTOR', 'STATE', 'THREAD', 'RESTARTS', 'HEARTBEAT', 'HANDLED', 'WAITING', 'LAST ERROR'], ['features:BTCUSDT', 'ready', 'shard-1', '2', '12 ms', '1000', '17', 'RM_X: broke'], ['']])
    expect(JSON.parse((await cli(['actors', 'list', '--json', ...target()])).out)).toEqual(state.actors)
  })

  it('restart one actor with the token of the data folder', async () => {
    expect(await cli(['actors', 'restart', 'features:BTCUSDT', ...target()])).toMatchObject({ code: 0, out: 'features:BTCUSDT: restart accepted\n' })
    expect(await cli(['actors', 'restart', 'nobody', ...target()])).toMatchObject({ code: EXIT.failure, err: expect.stringContaining('there is no actor "nobody"') as string })
    expect(restarted).toEqual(['features:BTCUSDT', 'nobody'])
  })

  it('restart nothing without the right token', async () => {
    restarted.length = 0
    expect(await cli(['actors', 'restart', 'features:BTCUSDT', '--token', 'wrong-token', ...target()])).toMatchObject({ code: EXIT.failure, err: expect.stringContaining('answered 401') as string })
    expect(await cli(['actors', 'restart', 'features:BTCUSDT', ...target()], { env: { RINGMASTER_HEALTH_TOKEN: 'another-wrong-token' } })).toMatchObject({ code: EXIT.failure })
    expect(await cli(['actors', 'restart', 'features:BTCUSDT', ...target(), '--set', `data_dir=${root}`])).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('--token') as string })
    expect(restarted).toEqual([])
  })

  it('show the breakers, and reset one with the token of the data folder', async () => {
    restarted.length = 0
    state = snapshot({ way: way({ breaker: 'open', failures: 5, openings: 2, opensInMs: 4200, utilisation: 0.8, waiting: 3 }, 9000) })
    const { code, out } = await cli(['breaker', 'list', ...target()])
    expect(code).toBe(0)
    expect(out).toContain('the venue bans this address for 9 s more')
    expect(out).toMatch(/^trade +open +5 +2 +4\.2 s +80 % +3$/m)
    expect(out).toMatch(/^market +closed +0 +0 +- +25 % +0$/m)
    expect(JSON.parse((await cli(['breaker', 'list', '--json', ...target()])).out)).toEqual(state.way)
    expect((await cli(['status', ...target()])).out).toMatch(/^trade +open/m)
    state = snapshot({ way: null })
    expect((await cli(['breaker', 'list', ...target()])).out).toBe('execution has not shown its breakers yet\n')
    expect(await cli(['breaker', 'reset', 'trade', ...target()])).toMatchObject({ code: 0, out: 'breaker trade: reset accepted\n' })
    expect(await cli(['breaker', 'reset', 'nothing', ...target()])).toMatchObject({ code: EXIT.failure, err: expect.stringContaining('there is no breaker "nothing"') as string })
    expect(await cli(['breaker', 'reset', 'trade', '--token', 'wrong-token', ...target()])).toMatchObject({ code: EXIT.failure, err: expect.stringContaining('answered 401') as string })
    expect(restarted).toEqual(['breaker trade', 'breaker nothing'])
  })

  it('change a limit with the token, and show limits, their use and the last refusals', async () => {
    asked.length = 0
    expect(await cli(['risk', 'set', 'max_exposure_usdt', '5000', ...target()])).toMatchObject({ code: 0, out: 'max_exposure_usdt 5000: passed on to execution, see "risk show"\n' })
    expect(await cli(['risk', 'set', 'max_loss', '5', ...target()])).toMatchObject({ code: EXIT.failure, err: expect.stringContaining('the limit max_loss is not changed: there is no such limit') as string })
    expect(await cli(['risk', 'set', 'max_exposure_usdt', '1', '--token', 'wrong-token', ...target()])).toMatchObject({ code: EXIT.failure, err: expect.stringContaining('answered 401') as string })
    expect(asked).toEqual(['max_exposure_usdt=5000', 'max_loss=5'])
    state = snapshot()
    const { code, out } = await cli(['risk', 'show', ...target()])
    expect([code, out.split('\n')[1]!.split(/ {2,}/)]).toEqual([0, ['max_exposure_usdt', '5000', '10000']])
    expect(out).toContain('exposure 4850 (long 4850, short 0), 1 positions')
    expect(out).toMatch(/^BTCUSDT +limit-exposure +5100 +5000 +3 +2026-/m)
    expect(JSON.parse((await cli(['risk', 'show', '--json', ...target()])).out)).toEqual(state.risk)
    state = snapshot({ risk: null })
    expect(await cli(['risk', 'show', ...target()])).toMatchObject({ code: EXIT.unhealthy, out: 'execution has not told its limits yet\n' })
  })

  it('say how the engine is, by exit code too', async () => {
    state = snapshot()
    const well = await cli(['status', ...target()])
    expect(well).toMatchObject({ code: 0, out: expect.stringContaining('ok: ringmaster 0.1.0, paper, up 01:02:03') as string })
    expect(well.out).toMatch(/^BTCUSDT +97123\.5 +40 ms +valid +ranging +long 0\.05 at 97000 +96500$/m)
    expect(well.out).toContain('dead-man switch armed; watchdog none')
    state = snapshot({ watchdog: { state: 'acting', silentMs: 12_000, flatten: true, lastAction: 'cancelled: BTCUSDT entry x' } })
    expect((await cli(['status', ...target()])).out).toContain('watchdog acting, closes positions, last cancelled: BTCUSDT entry x')
    state = snapshot({ archive: { state: 'waiting', records: 70, lagBytes: 1200, lagMs: 90, snapshotsDropped: 0, failures: 3, error: 'RM_DATABASE_FULL: no\nroom', retryInMs: 1500 } })
    expect((await cli(['status', ...target()])).out).toContain('database waiting, 70 records, 1200 bytes behind, next try in 2 s: RM_DATABASE_FULL: no room\n')
    expect(well.out).toMatch(/^BTCUSDT +limit-exposure +5100 +5000 +3 +2026-/m)
    expect(well.out).toMatch(/^tick to decision +120 us +300 us +1\.25 ms +9 ms +5000$/m)
    state = snapshot({ status: 'down', reasons: ['process engine is not there'] })
    expect(await cli(['status', ...target()])).toMatchObject({ code: EXIT.unhealthy, out: expect.stringContaining('process engine is not there') as string })
  })

  it('EX-2: kill and release ask the engine, with the reason, and tell its refusal', async () => {
    asked.length = 0
    expect(await cli(['kill', '--flatten', '--why', 'looks wrong', ...target()])).toMatchObject({ code: 0, out: 'kill switch engaged: looks wrong; positions are being closed\n' })
    expect(await cli(['kill', ...target()])).toMatchObject({ code: 0, out: 'kill switch engaged: by hand\n' })
    expect(await cli(['release', '--why', 'stands', ...target()])).toMatchObject({ code: EXIT.failure, err: expect.stringContaining('its cause stands: the day has lost 12') as string })
    expect(await cli(['release', '--why', 'stands', '--force', ...target()])).toMatchObject({ code: 0, out: 'kill switch released: stands\n' })
    expect(asked).toEqual([['kill', 'looks wrong', true], ['kill', 'by hand', false], ['release', 'stands', false], ['release', 'stands', true]])
    expect(await cli(['release', ...target()])).toMatchObject({ code: EXIT.usage })
  })

  it('EX-2: kill leaves its word in the side file when no engine answers or it refuses the token', async () => {
    const closed = await createHealthServer({ host: '127.0.0.1', port: 0, token: 'x'.repeat(16), provider: () => state, restartActor: () => ({ kind: 'unknown' }), resetBreaker: () => ({ kind: 'unknown' }), setLimit: () => null, ...killCommands(), metrics: new MetricsPage(), log: silent() })
    await closed.close()
    const folder = join(root, 'cold')
    const cold = ['--url', closed.url, ...CONFIG, '--set', `data_dir=${folder}`]
    expect(await cli(['kill', '--flatten', '--why', 'nobody answers', '--token', 'y'.repeat(16), ...cold])).toMatchObject({ code: 0, out: expect.stringMatching(/RM_NOT_RUNNING[^]*the next start begins engaged/) as string })
    expect(new FileKillStore(folder).look()).toMatchObject({ by: 'cli', code: 'manual', reason: 'nobody answers', flatten: true })
    expect(await cli(['release', '--why', 'enough', '--token', 'y'.repeat(16), ...cold])).toMatchObject({ code: EXIT.unhealthy })
    const wrong = join(root, 'wrong')
    expect(await cli(['kill', '--token', 'z'.repeat(16), '--url', server.url, ...CONFIG, '--set', `data_dir=${wrong}`])).toMatchObject({ code: EXIT.failure })
    expect(new FileKillStore(wrong).look()).toMatchObject({ by: 'cli', reason: 'by hand' })
  })

  it('EX-2: status shows the kill switch, in red on a terminal', async () => {
    state = snapshot({ kill: { engaged: true, by: 'trip', code: 'daily-loss', reason: 'the day has lost 12', since: '2026-03-04T12:00:00.000Z', flatten: false, values: {}, dayLoss: 12, drawdownPercent: 1 } })
    const words = 'KILL SWITCH ENGAGED (daily-loss) by trip since 2026-03-04T12:00:00.000Z: the day has lost 12'
    expect((await cli(['status', ...target()])).out).toContain(`${words}\n`)
    expect((await cli(['status', ...target()], { terminal: true })).out).toContain(`\x1b[1;31m${words}\x1b[0m\n`)
    expect((await cli(['status', ...target()], { terminal: true, env: { NO_COLOR: '1' } })).out).not.toContain('\x1b[')
    state = snapshot()
    expect((await cli(['status', ...target()])).out).not.toContain('KILL')
  })

  it('end with 3 and say what to do when no engine answers', async () => {
    const closed = await createHealthServer({ host: '127.0.0.1', port: 0, token: 'x'.repeat(16), provider: () => state, restartActor: () => ({ kind: 'unknown' }), resetBreaker: () => ({ kind: 'unknown' }), setLimit: () => null, ...killCommands(), metrics: new MetricsPage(), log: silent() })
    await closed.close()
    expect(await cli(['status', '--url', closed.url])).toMatchObject({ code: EXIT.unhealthy, err: expect.stringMatching(/^RM_NOT_RUNNING: no engine answers at .*ECONNREFUSED/) as string })
    expect(await cli(['actors', 'list', ...CONFIG, '--set', `health.port=${closed.port}`])).toMatchObject({ code: EXIT.unhealthy })
  })
})

describe('doctor', () => {
  it('names each failed check with its remedy and ends with 3', async () => {
    let out = ''
    const code = await runDoctor(
      [
        { name: 'good', run: () => ({ name: 'good', status: 'ok', detail: 'fine', remedy: '' }) },
        { name: 'meagre', run: () => ({ name: 'meagre', status: 'warn', detail: 'little', remedy: 'get more' }) },
        {
          name: 'broken',
          run: () => {
            throw new Error('no such thing')
          },
        },
      ],
      (text) => void (out += text),
    )
    expect(code).toBe(EXIT.unhealthy)
    expect(out).toMatch(/^ok +good +fine\nwarn +meagre +little\n +get more\nfail +broken +cannot be checked: Error: no such thing\n/)
    expect(out).toContain('1 of 3 checks failed')
    expect(await runDoctor([{ name: 'w', run: () => ({ name: 'w', status: 'warn', detail: '', remedy: '' }) }], () => {})).toBe(EXIT.ok)
  })

  it('finds a taken port and says which setting to change', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    expect(await checkPort('health port', '127.0.0.1', port, 'health.port')).toEqual({ name: 'health port', status: 'fail', detail: `127.0.0.1:${port} is taken`, remedy: 'stop what listens there (an engine that already runs?), or set health.port' })
    await new Promise((resolve) => server.close(resolve))
    expect(await checkPort('health port', '127.0.0.1', port, 'health.port')).toMatchObject({ status: 'ok' })
  })

  it('looks at the machine even when the configuration is wrong, and lists what is wrong with it', async () => {
    const { code, out } = await cli(['doctor', ...CONFIG, '--set', 'log.level=loud', '--set', `data_dir=${root}`])
    expect(code).toBe(EXIT.unhealthy)
    expect(out).toMatch(/^ok +shared memory /m)
    expect(out).toMatch(/^(ok|warn) +node +v2\d\./m)
    expect(out).toMatch(/^ok +onnx runtime +loads$/m)
    expect(out).toMatch(/^fail +configuration +1 problem\(s\)\n +log\.level: found "loud"; allowed: debug \| info \| warn \| error \(--set log\.level\)$/m)
    expect(out).toMatch(/^warn +health port +not checked$/m)
  })

  it('takes back the folders that it made to see whether it could', async () => {
    const dir = join(root, 'fresh/data')
    const blocked = join(recording, 'logs')
    const { out } = await cli(['doctor', ...CONFIG, '--set', `data_dir=${dir}`, '--set', `log.dir=${blocked}`, '--set', 'health.port=0', '--set', 'exchange.bybit_port=0'])
    expect(out).toContain(`${dir} is writable`)
    expect(out).toMatch(/^fail +log folder +E/m)
    expect(() => readFileSync(join(root, 'fresh'))).toThrow(/ENOENT/)
  })
})

describe('banner', () => {
  it('says where everything is and how to stop it', () => {
    const { config } = loadConfig({ dir: CONFIG[1]!, env: {}, envFile: null })
    const facts = { version: '1.2.3', config, healthUrl: 'http://127.0.0.1:8080', exchangeUrl: 'http://127.0.0.1:8010', journal: 'data/journal', freshToken: null, plan: 'shard-1: ingest:BTCUSDT\nexecution: execution' }
    const text = renderBanner(facts)
    for (const word of ['ringmaster 1.2.3', 'paper', 'seed 1', 'BTCUSDT ETHUSDT XRPUSDT', 'http://127.0.0.1:8080/health', 'http://127.0.0.1:8010', 'data/journal', './logs', 'Ctrl-C', 'shard-1: ingest:BTCUSDT', 'execution: execution']) expect(text).toContain(word)
    expect(text).not.toContain('token')
    expect(renderBanner({ ...facts, freshToken: { token: 'abc', file: 'data/health.token' } })).toContain('abc   (shown once, kept in data/health.token)')
  })
})

describe('progress bar', () => {
  it('appears after two seconds of work, in a terminal only', () => {
    const draw = (isTTY: boolean, seconds: readonly number[]): string => {
      let text = ''
      let nowMs = 0
      const stream = { isTTY, columns: 80, write: (chunk: string) => ((text += chunk), true), cursorTo: () => true, clearLine: () => true, moveCursor: () => true, clearScreenDown: () => true, on: () => stream, once: () => stream, removeListener: () => stream } as unknown as NodeJS.WriteStream
      const progress = startProgress({ label: 'replay', total: 100, unit: 'frames', stream, nowMs: () => nowMs })
      for (const [i, second] of seconds.entries()) {
        nowMs = second * 1000
        progress.update(i + 1)
      }
      progress.stop()
      return text
    }
    expect(draw(true, [0.5, 1, 1.9])).toBe('')
    expect(draw(true, [1, 2.1, 3])).toContain('replay')
    expect(draw(false, [1, 2.1, 3])).toBe('')
  })
})

describe('data sets', () => {
  it('hands collecting its files or its time, the folder and the settings', async () => {
    const live = await cli(['collect', '--minutes', '2', '--pairs', 'ETHUSDT', '--dir', 'set', '--set', 'collect.every=3', ...CONFIG])
    expect([live.code, live.calls[0]![0]]).toEqual([0, 'collect'])
    const request = requestOf(live) as CollectRequest
    expect([request.files, request.minutes, request.loaded.config.mode, request.loaded.config.trading_pairs]).toEqual([[], 2, 'paper', ['ETHUSDT']])
    expect(request.loaded.config.collect).toMatchObject({ enabled: true, every: 3, dir: 'set' })
    const played = requestOf(await cli(['collect', recording, ...CONFIG])) as CollectRequest
    expect([played.files, played.minutes, played.loaded.config.mode, played.loaded.config.exchange.market]).toEqual([[recording], null, 'backtest', 'replay'])
  })

  it('hands the others the folder and the settings of labels', async () => {
    const label = await cli(['label', '--force', '--set', 'label.gap_s=9', '--json', ...CONFIG])
    expect(label.calls[0]!.slice(0, 2)).toEqual(['label', { dir: './data/ml_training', label: { threshold_percent: 0.1, volatility_scale: 0, tolerance_s: 6, gap_s: 9 }, json: true, force: true }])
    expect((await cli(['dataset', 'info', '--dir', 'set', '--html', 'page', ...CONFIG])).calls[0]!.slice(0, 2)).toMatchObject(['info', { dir: 'set', html: 'page', json: false }])
    expect((await cli(['dataset', 'check', ...CONFIG])).calls[0]!.slice(0, 2)).toMatchObject(['set check', { dir: './data/ml_training', json: false }])
    for (const command of [['collect'], ['label'], ['dataset', 'info'], ['dataset', 'check']]) expect(await cli([...command, '--help'])).toMatchObject({ code: 0, calls: [], out: expect.stringContaining(`Usage: ringmaster ${command.join(' ')}`) as string })
  })

  it.each([
    [['collect', '--minutes', '0']],
    [['collect', '/no/such/file']],
    [['collect', 'RECORDING', '--minutes', '3']],
    [['collect', '--set', 'mode=backtest']],
    [['collect', '--set', 'collect.every=0']],
    [['label', '--set', 'label.gap_s=none']],
    [['label', 'file']],
    [['dataset']],
    [['dataset', 'info', '--html']],
  ])('refuses %j', async (argv) => {
    expect(await cli([...argv.map((word) => (word === 'RECORDING' ? recording : word)), ...(argv.length > 1 ? CONFIG : [])])).toMatchObject({ code: EXIT.usage, calls: [] })
  })
})
