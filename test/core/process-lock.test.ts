import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { releaseProcessLock, takeProcessLock } from '../../src/core/index.ts'

let root = ''
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'ringmaster-lock-'))))
afterAll(() => rmSync(root, { recursive: true }))

describe('a process lock', () => {
  it('belongs to one at a time, and is free again when it is given back', () => {
    const path = join(root, 'one')
    expect([takeProcessLock(path), takeProcessLock(path)]).toEqual([null, process.pid])
    releaseProcessLock(path)
    expect(takeProcessLock(path)).toBe(null)
  })

  it('of another living process is named and left alone', async () => {
    const path = join(root, 'other')
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    writeFileSync(path, `${child.pid} `)
    expect(takeProcessLock(path)).toBe(child.pid)
    releaseProcessLock(path)
    expect(readFileSync(path, 'utf8')).toBe(`${child.pid} `)
    const gone = new Promise((resolve) => void child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    expect(takeProcessLock(path)).toBe(null)
  })

  it.each([
    ['a process that is gone', () => `${spawnSync(process.execPath, ['-e', '']).pid} 1`],
    ['a process whose number was given anew', () => `${process.ppid} 1`],
    ['nobody', () => ''],
    ['a text that is no process', () => 'hello'],
  ])('of %s is taken over', (_whose, text) => {
    const path = join(root, 'dead')
    rmSync(path, { force: true })
    writeFileSync(path, text())
    expect(takeProcessLock(path)).toBe(null)
  })

  it('in a folder that is not there fails with what the system says', () => {
    expect(() => takeProcessLock(join(root, 'absent', 'lock'))).toThrow('ENOENT')
  })
})
