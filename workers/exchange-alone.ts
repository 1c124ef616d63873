/** `ringmaster exchange`: the built-in exchange without the engine, for other clients to trade on. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { StartRequest } from '../src/cli/index.ts'
import { secretValues } from '../src/config/index.ts'
import { createRootLog } from '../src/telemetry/root/index.ts'
import type { ExchangeProcessMessage } from './exchange.ts'
import { configuredRecordings, exchangeSettings } from './exchange-messages.ts'
import { withRecordedPairs } from './recordings.ts'

/** Runs until stopped. @returns the exit code of the exchange */
export async function exchangeAlone({ loaded, json, color }: StartRequest): Promise<number> {
  const config = await withRecordedPairs(loaded)
  const recordings = await configuredRecordings(config)
  const out = (text: string): void => void process.stdout.write(text)
  const root = createRootLog({ level: config.log.level, dir: config.log.dir, readable: !json, color: color && process.stdout.isTTY, secrets: secretValues(config), out, wallMs: () => Date.now() })
  const settings = exchangeSettings(config, recordings, config.exchange.bybit_port, config.exchange.okx_port)
  const child = fork(fileURLToPath(new URL('./exchange.ts', import.meta.url)), [], { env: { ...process.env, RINGMASTER_EXCHANGE: JSON.stringify(settings) }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.on('message', (message: ExchangeProcessMessage) => {
    if (message.type === 'log') root.accept(message.record)
    if (message.type === 'ready' && !json) {
      out(`Bybit V5: http://127.0.0.1:${message.port} and ws://127.0.0.1:${message.port}/v5/…\n`)
      out(`OKX V5:   http://127.0.0.1:${message.okxPort} and ws://127.0.0.1:${message.okxPort}/ws/v5/…\n`)
      out(`key "${config.exchange.api_key}", secret and passphrase: exchange.api_secret, exchange.passphrase   Ctrl-C stops\n`)
    }
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.connected && child.send({ type: 'stop' }))
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      root.close()
      resolve(code ?? 1)
    })
  })
}
