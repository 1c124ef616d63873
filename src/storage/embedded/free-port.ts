import { createServer } from 'node:net'

/** A port of the loopback that is free at this moment: `wanted` when it is, else any. */
export async function freePort(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0))!
}

/** Whether it is free now. */
export const isPortFree = async (port: number): Promise<boolean> => (await tryPort(port)) !== null

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => {
      const { port: found } = server.address() as { readonly port: number }
      server.close(() => resolve(found))
    })
  })
}
