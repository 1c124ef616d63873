/** Signals by which a person or a supervisor cuts a run off. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const

/**
 * Runs `work`, and `cleanUp` after it, whatever ends it: a server of its own outlives the process that started it, and Ctrl-C runs no `finally`.
 * A second signal is not waited with.
 */
export async function cleanedUp(work: () => Promise<void>, cleanUp: () => Promise<void>): Promise<void> {
  let once: Promise<void> | null = null
  const clean = (): Promise<void> => (once ??= cleanUp())
  for (const [signal, number] of Object.entries(SIGNALS))
    process.once(signal, () => {
      console.error(`${signal}: cleaning up`)
      void clean().catch((error: unknown) => console.error(error)).finally(() => process.exit(128 + number))
    })
  try {
    await work()
  } finally {
    await clean()
  }
}
