/** Entry of the engine process. */
import type { EngineSettings } from './engine-messages.ts'
import { importQuickly } from './quick-imports.ts'

importQuickly()
const { ThreadSupervisor } = await import('../src/runtime/index.ts')
const { ENGINE_ENV } = await import('./engine-messages.ts')
const { planFor } = await import('./place.ts')
const text = process.env[ENGINE_ENV]
if (text === undefined || process.send === undefined) {
  console.error(`the engine process is started by the supervisor: use \`make run\` (${ENGINE_ENV} is not set)`)
  process.exit(2)
}
// A person's Ctrl-C reaches the whole group of processes; only the supervisor acts on it.
process.on('SIGINT', () => {})
// The same holds for the signal of the kill switch.
process.on('SIGUSR2', () => {})
const settings = JSON.parse(text) as EngineSettings
// The threads load their modules while this one loads its own and asks the venue: time that a restart does not have.
const blanks = planFor(settings).map(() => ThreadSupervisor.blank(new URL('./thread.ts', import.meta.url)))
const { EngineMain } = await import('./engine-main.ts')
const engine = new EngineMain(settings, blanks)
process.on('SIGTERM', () => engine.stop('SIGTERM received'))
// The supervisor is gone: nobody would restart anything, so drain and end.
process.on('disconnect', () => engine.stop('the supervisor is gone'))
await engine.start()
