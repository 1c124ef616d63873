/** The feed thread of the engine: reads the shared memory for the gateway. It writes to none of it and nobody waits for it. */
import { parentPort, workerData } from 'node:worker_threads'
import { FeedServer } from '../src/api/link/index.ts'
import { SystemClock } from '../src/core/index.ts'
import { EngineMemory } from './engine-memory.ts'
import type { FeedData, FromFeed } from './feed-data.ts'
import { FeedReader } from './feed-reader.ts'
import { richInstrument } from './thread-data.ts'

const LOOK_MS = 100

const { buffers, threads, instruments, originNs, token, path } = workerData as FeedData
const tell = (message: FromFeed): void => parentPort!.postMessage(message)
const reader = new FeedReader(EngineMemory.attach(buffers, threads), instruments.map(richInstrument), new SystemClock(BigInt(originNs)))
const server = new FeedServer({
  path,
  token,
  hello: () => {
    reader.begin()
    return reader.hello
  },
  say: (level, words) => tell({ type: 'log', level, words }),
})
tell({ type: 'at', address: await server.listen() })
setInterval(() => {
  if (!server.wanted) return
  for (const message of reader.look(server.wants.books, server.wants.features)) server.send(message)
}, LOOK_MS)
