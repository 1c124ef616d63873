/*
 * A root supervisor in small, over an exchange that is somebody else's: starts engine and watchdog as the real one does
 * and restarts them, but can be killed without taking the exchange along.
 */
import { loadConfig } from '../../src/config/index.ts'
import { SystemClock, SystemTimers, systemOriginNs } from '../../src/core/index.ts'
import { type ChildMessage, ProcessSupervisor } from '../../src/runtime/index.ts'
import { ENGINE_ENV, type EngineSettings } from '../../workers/engine-messages.ts'
import { tradingSettings } from '../../workers/trading-settings.ts'
import { venueAt } from '../../workers/venue.ts'
import { watchdogSettings, watchdogSpec } from '../../workers/watchdog-child.ts'

const { configDir, set, ports, silentMs, settleMs } = JSON.parse(process.env['WATCHDOG_ROOT']!) as { configDir: string; set: readonly [string, string][]; ports: { bybit: number; okx: number }; silentMs: number; settleMs: number }
const config = loadConfig({ dir: configDir, env: {}, envFile: null, overrides: set.map(([path, value]) => ({ path, value, from: 'test' })) }).config
const originNs = systemOriginNs()
const clock = new SystemClock(originNs)
const timers = new SystemTimers()
const venue = venueAt(config, '127.0.0.1', ports)
const limits = { max: 20, windowMs: 60_000, backoffMs: 50, backoffMaxMs: 2000 }
const say = (message: Record<string, unknown>): void => void process.send!(message)

const engine = new ProcessSupervisor(
  {
    name: 'engine',
    entry: new URL('../../workers/engine.ts', import.meta.url),
    env: () => ({ [ENGINE_ENV]: JSON.stringify({ config, trading: tradingSettings(config), venue, originNs: originNs.toString(), feedToken: null } satisfies EngineSettings) }),
    silentMs: 60_000,
    fatalCodes: [2],
    onMessage: (message: ChildMessage) => {
      if (message.type === 'beat') say({ type: 'beat', pid: engine.status.pid, ready: (message['state'] as { ready: boolean }).ready })
      if (message.type === 'log' || message.type === 'fatal') say(message)
    },
    onExit: (error) => say({ type: 'engine-exit', error: error.message }),
    onGiveUp: (error) => say({ type: 'gave-up', error: error.message }),
  },
  clock,
  timers,
  limits,
)

const settings = watchdogSettings(config, venue, originNs.toString())
const watchdog = new ProcessSupervisor(
  watchdogSpec(
    { ...settings, guard: { ...settings.guard, silentMs, settleMs } },
    { message: (message) => say({ ...message, type: `watchdog-${message.type}`, pid: watchdog.status.pid }), exit: (error) => say({ type: 'watchdog-exit', error: error.message }), giveUp: (error) => say({ type: 'gave-up', error: error.message }) },
  ),
  clock,
  timers,
  limits,
)
watchdog.start()
engine.start()

process.on('message', (message: ChildMessage) => {
  if (message.type === 'fault') engine.send(message)
  if (message.type === 'stop') void engine.stop({ type: 'stop', reason: 'test' }, 20_000).then(() => say({ type: 'stopped' }))
})
