/** `ringmaster model-server`: the models over HTTP, without the engine. */
import { EXIT, type StartRequest } from '../src/cli/index.ts'
import { type Config, secretValues } from '../src/config/index.ts'
import { SystemClock } from '../src/core/index.ts'
import { featureNames } from '../src/features/index.ts'
import { ModelRegistry, type ModelServiceParts } from '../src/model/index.ts'
import { type ModelServer, startModelServer } from '../src/model/server/index.ts'
import { healthToken } from '../src/runtime/health/index.ts'
import { createRootLog } from '../src/telemetry/root/index.ts'
import { registrySource } from './model-source.ts'

/** The model server of these settings, which keeps up with the registry until it is closed. @throws RM_PORT_TAKEN, RM_LISTEN, RM_TOKEN_FILE */
export async function modelServer(config: Pick<Config, 'model' | 'health' | 'data_dir'>, log: ModelServiceParts['log']): Promise<ModelServer> {
  const { dir, budget_ms: budgetMs, drift_fallback: fallback, reload_s, server_host: host, server_port: port } = config.model
  const clock = new SystemClock(process.hrtime.bigint())
  const registry = new ModelRegistry(dir, clock)
  const features = featureNames()
  const { token } = healthToken(config.health.token, config.data_dir)
  const server = await startModelServer({ host, port, token, registry, source: registrySource(registry, features), features, clock, budgetMs, fallbackFrom: fallback === 'never' ? null : fallback, log })
  const timer = setInterval(() => void server.refresh(), reload_s * 1000)
  return {
    ...server,
    close: () => {
      clearInterval(timer)
      return server.close()
    },
  }
}

/** Runs until it is told to stop. @returns 0 */
export async function modelServerAlone({ loaded: { config }, json, color }: StartRequest): Promise<number> {
  const out = (text: string): void => void process.stdout.write(text)
  const root = createRootLog({ level: config.log.level, dir: config.log.dir, readable: !json, color: color && process.stdout.isTTY, secrets: secretValues(config), out, wallMs: () => Date.now() })
  const server = await modelServer(config, (level, message, data) => root.log(level, message, data))
  if (!json) out(`models: ${server.url}   Ctrl-C stops\n`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await server.close()
  root.close()
  return EXIT.ok
}
