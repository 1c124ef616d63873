import * as nodeFs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { FileKillStore, type KillFs, type KillOrder } from '../../../src/trading/index.ts'

const folders: string[] = []
const folder = (): string => {
  const dir = nodeFs.mkdtempSync(join(tmpdir(), 'ringmaster-kill-'))
  folders.push(dir)
  return dir
}
afterEach(() => {
  for (const dir of folders.splice(0)) nodeFs.rmSync(dir, { recursive: true, force: true })
})

const ORDER: KillOrder = { id: 'E1K1', by: 'trip', code: 'daily-loss', reason: 'the day has lost 12', flatten: true, values: { loss: '12' } }

describe('side file of the kill switch', () => {
  it('keeps an order and its release, and asks for nothing when nothing was ever engaged', () => {
    const store = new FileKillStore(join(folder(), 'new', 'data'))
    expect([store.look(), store.touched()]).toEqual([null, null])
    store.engage(ORDER, 5)
    expect(new FileKillStore(join(store.path, '..')).look()).toEqual(ORDER)
    store.release('E1K1', 6)
    expect(store.look()).toBeNull()
    store.engage(ORDER, 7)
    expect(store.look()).toEqual(ORDER)
  })

  it.each(['', '{', 'null', '[]', '"engaged"', '{}', '{"version":2,"engaged":false,"id":"x"}', '{"version":1,"engaged":"no","id":"x"}', '{"version":1,"engaged":false}', '{"version":1,"engaged":false,"id":""}', '\u0000\u0000'])('fails closed: %j in the file engages', (text) => {
    const store = new FileKillStore(folder())
    nodeFs.writeFileSync(store.path, text)
    expect(store.look()).toMatchObject({ id: '', code: 'unreadable', reason: expect.stringContaining(store.path) as string })
    store.release('x', 1)
    expect(store.look()).toBeNull()
  })

  it('fails closed: a file that cannot be read engages, with the reason', () => {
    const store = new FileKillStore(folder())
    nodeFs.mkdirSync(store.path)
    expect(store.look()).toMatchObject({ code: 'unreadable', reason: expect.stringContaining('EISDIR') as string })
  })

  it('reads an order with fields it does not know as engaged, with what it does know', () => {
    const store = new FileKillStore(folder())
    nodeFs.writeFileSync(store.path, '{"version":1,"engaged":true,"id":"z","by":"pigeon","flatten":"yes","values":[1]}')
    expect(store.look()).toEqual({ id: 'z', by: 'file', code: 'manual', reason: 'no reason was given', flatten: false, values: { 0: '1' } })
  })

  it('a touched KILL asks above all else; its words are the reason, and "flatten" among them closes positions', () => {
    const store = new FileKillStore(folder())
    store.release('E1K1', 6)
    nodeFs.writeFileSync(store.touchPath, '')
    expect(store.look()).toMatchObject({ id: '', by: 'file', code: 'manual', flatten: false, reason: `${store.touchPath} is there` })
    expect(store.touched()).toBe(store.touchPath)
    nodeFs.writeFileSync(store.touchPath, 'all wrong,\n please FLATTEN\n')
    expect(store.look()).toMatchObject({ flatten: true, reason: `${store.touchPath}: all wrong, please FLATTEN` })
    nodeFs.rmSync(store.touchPath)
    nodeFs.mkdirSync(store.touchPath)
    expect(store.touched()).toBe(store.touchPath)
    expect(store.look()).toMatchObject({ by: 'file' })
  })

  it('flushes the new file before it takes the place of the old one, and the folder after that', () => {
    const dir = folder()
    const calls: string[] = []
    const files = new Map<number, string>()
    const fs: KillFs = {
      ...nodeFs,
      openSync: (path: nodeFs.PathLike, ...rest: unknown[]) => {
        const fd = (nodeFs.openSync as (...args: unknown[]) => number)(path, ...rest)
        files.set(fd, String(path).slice(dir.length))
        return fd
      },
      fsyncSync: (fd: number) => {
        calls.push(`fsync ${files.get(fd)!}`)
        nodeFs.fsyncSync(fd)
      },
      renameSync: (from: nodeFs.PathLike, to: nodeFs.PathLike) => {
        calls.push('rename')
        nodeFs.renameSync(from, to)
      },
    } as KillFs
    new FileKillStore(dir, fs).engage(ORDER, 1)
    expect(calls).toEqual(['fsync /kill-switch.json.new', 'rename', 'fsync '])
  })

  it('says that it could not be kept, and leaves what was there', () => {
    const dir = folder()
    const store = new FileKillStore(dir)
    store.engage(ORDER, 1)
    const full = new FileKillStore(dir, { ...nodeFs, fsyncSync: () => { throw new Error('no space left on device') } } as KillFs)
    expect(() => full.release('E1K1', 2)).toThrow(/RM_KILL_FILE: .*kill-switch.json: Error: no space left on device/)
    expect(store.look()).toEqual(ORDER)
  })
})
