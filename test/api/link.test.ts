import fc from 'fast-check'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type FeedAddress, FeedClient, type FeedMessage, FeedServer, FrameCutter, packFrame } from '../../src/api/link/index.ts'
import { feedStory } from './fixture.ts'

describe('frames of the link', () => {
  it('come out as they went in, however the bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 8 }), fc.array(fc.nat(60), { minLength: 1 }), (messages, cuts) => {
        const plain = JSON.parse(JSON.stringify(messages)) as unknown[]
        const bytes = Buffer.concat(plain.map(packFrame))
        const cutter = new FrameCutter()
        const out: unknown[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const end = at + 1 + cuts[i % cuts.length]!
          out.push(...cutter.take(bytes.subarray(at, end)))
          at = end
        }
        expect(out).toEqual(plain)
      }),
      { numRuns: 200 },
    )
  })

  it('are refused when they are longer than any, or no msgpack', () => {
    const long = Buffer.alloc(4)
    long.writeUInt32LE(1001)
    expect(() => new FrameCutter(1000).take(long)).toThrow('RM_API_LINK')
    expect(() => new FrameCutter().take(Buffer.from([1, 0, 0, 0, 0x92]))).toThrow('RM_API_LINK')
  })
})

describe('the link between engine and gateway', () => {
  const ends: (() => void)[] = []
  afterEach(() => {
    for (const end of ends.splice(0)) end()
  })
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    for (let i = 0; i < 400 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
    expect([what, holds()]).toEqual([what, true])
  }
  async function feedAt(path?: string): Promise<{ readonly server: FeedServer; readonly address: FeedAddress; readonly said: string[] }> {
    const dir = mkdtempSync(join(tmpdir(), 'ringmaster-link-'))
    const said: string[] = []
    const server = new FeedServer({ path: path ?? join(dir, 'feed.sock'), token: 'right', hello: () => feedStory[0]!, say: (_level, words) => said.push(words) })
    ends.push(() => {
      server.close()
      rmSync(dir, { recursive: true, force: true })
    })
    return { server, address: await server.listen(), said }
  }
  function clientOf(token = 'right'): { readonly client: FeedClient; readonly heard: FeedMessage[]; readonly links: boolean[] } {
    const heard: FeedMessage[] = []
    const links: boolean[] = []
    const client = new FeedClient({ token, onMessage: (message) => heard.push(message), onLink: (up) => links.push(up), say: () => {} })
    ends.push(() => client.close())
    return { client, heard, links }
  }

  it('tells nothing to who has not the token, and costs nothing while nobody listens', async () => {
    const { server, address, said } = await feedAt()
    expect(server.send(feedStory[1]!)).toBe(false)
    if ('path' in address) expect(statSync(address.path).mode & 0o077).toBe(0)
    const { client, heard } = clientOf('wrong')
    client.at(address)
    await until('it is refused', () => said.length > 0)
    expect([heard, server.wanted]).toEqual([[], false])
    const mute = 'path' in address ? connect(address.path) : connect(address.port, address.host)
    ends.push(() => mute.destroy())
    await new Promise((resolve) => mute.once('connect', resolve))
    mute.write(Buffer.from([255, 255, 255, 255]))
    await new Promise((resolve) => mute.once('close', resolve))
  })

  it('brings frames and wishes across, and begins anew with the engine that runs now', async () => {
    const first = await feedAt()
    const { client, heard, links } = clientOf()
    client.want([0], [])
    client.at(first.address)
    await until('it is up', () => client.up)
    await until('the wish is known', () => first.server.wants.books.length === 1)
    first.server.send(feedStory[1]!)
    await until('a frame came', () => heard.length === 2)
    expect(heard).toEqual([feedStory[0], feedStory[1]])
    const second = await feedAt()
    client.at(second.address)
    await until('the wish is known to the next', () => second.server.wants.books.length === 1)
    expect(links).toEqual([true, false, true])
    await until('the first has nobody', () => !first.server.wanted)
  })

  it('leaves frames out for a reader that reads slowly, and never waits for it', async () => {
    const { server, address } = await feedAt()
    const slow = 'path' in address ? connect(address.path) : connect(address.port, address.host)
    ends.push(() => slow.destroy())
    await new Promise((resolve) => slow.once('connect', resolve))
    slow.write(packFrame({ type: 'token', token: 'right' }))
    await until('it is known', () => server.wanted)
    slow.pause()
    const big: FeedMessage = { type: 'books', atMs: 1, books: [{ index: 0, valid: true, updateId: 1, venueTimeMs: 1, bids: Array.from({ length: 50_000 }, (_, i) => i), asks: [] }] }
    const startMs = performance.now()
    let left = 0
    for (let i = 0; i < 100; i++) if (!server.send(big)) left++
    expect([left > 50, server.left, performance.now() - startMs < 5000]).toEqual([true, left, true])
  })

  it('falls back to loopback where the path of a local socket would be too long', async () => {
    const { address } = await feedAt(join(tmpdir(), 'x'.repeat(120), 'feed.sock'))
    expect(address).toMatchObject({ host: '127.0.0.1' })
  })
})
