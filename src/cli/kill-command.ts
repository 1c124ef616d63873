import { errorLine, fail, RingmasterError } from '../core/index.ts'
import { readHealthToken } from '../runtime/health/index.ts'
import { EXIT } from './exit-codes.ts'
import { HealthClient } from './health-client.ts'

export interface KillTarget {
  readonly url: string
  /** As given; undefined: the one kept in the data folder. */
  readonly token: string | undefined
  readonly dataDir: string
}

const BY_HAND = 'by hand'

/**
 * Engages the kill switch. Whether or not an engine answers, the side file says so afterwards: one that runs without
 * answering reads it within a second, one that is down begins engaged.
 * @throws RM_KILL_FILE when neither way worked
 */
export async function engageKillSwitch({ url, token, dataDir }: KillTarget, request: { readonly why: string | undefined; readonly flatten: boolean }, print: (text: string) => void): Promise<number> {
  const why = request.why ?? BY_HAND
  try {
    const used = token ?? readHealthToken(dataDir)
    if (used === null) fail('RM_NOT_RUNNING', { url, reason: `no engine has ever started in ${dataDir}` })
    await new HealthClient(url).kill(used, why, request.flatten)
    print(`kill switch engaged: ${why}${request.flatten ? '; positions are being closed' : ''}\n`)
    return EXIT.ok
  } catch (error) {
    const { FileKillStore } = await import('../trading/index.ts')
    const store = new FileKillStore(dataDir)
    store.engage({ id: `cli-${process.pid}-${Date.now()}`, by: 'cli', code: 'manual', reason: why, flatten: request.flatten, values: {} }, Date.now())
    print(`${errorLine(error)}\nkill switch engaged in ${store.path}: an engine of this folder that runs reads it within a second, the next start begins engaged\n`)
    return error instanceof RingmasterError && error.code === 'RM_NOT_RUNNING' ? EXIT.ok : EXIT.failure
  }
}

/** Releases it. @throws RM_NOT_RUNNING, RM_HEALTH_ANSWER with the cause that stands, RM_USAGE */
export async function releaseKillSwitch({ url, token, dataDir }: KillTarget, request: { readonly why: string; readonly force: boolean }, print: (text: string) => void): Promise<number> {
  const used = token ?? readHealthToken(dataDir) ?? fail('RM_USAGE', { what: '--token', problem: `there is none in ${dataDir} either; the engine prints it at its first start` })
  await new HealthClient(url).release(used, request.why, request.force)
  print(`kill switch released: ${request.why}\n`)
  return EXIT.ok
}
