/** Entry of the engine process. */
import { ENGINE_ENV, type EngineSettings } from './engine-messages.ts'
import { EngineMain } from './engine-main.ts'

const text = process.env[ENGINE_ENV]
if (text === undefined || process.send === undefined) {
  console.error(`the engine process is started by the supervisor: use \`make run\` (${ENGINE_ENV} is not set)`)
  process.exit(2)
}
// A person's Ctrl-C reaches the whole group of processes; only the supervisor acts on it.
process.on('SIGINT', () => {})
const engine = new EngineMain(JSON.parse(text) as EngineSettings)
process.on('SIGTERM', () => engine.stop('SIGTERM received'))
// The supervisor is gone: nobody would restart anything, so drain and end.
process.on('disconnect', () => engine.stop('the supervisor is gone'))
await engine.start()
