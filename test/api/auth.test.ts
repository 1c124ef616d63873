import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hashPassword, isPassword, Operator, Sessions } from '../../src/api/index.ts'

/** By test/golden/password_hash.py: argon2-cffi, the reference implementation. */
const GOLDEN = '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRfb2ZfMTZfYg$naQhFCHZnyEh0+mIiJmvcP6vbTTNQrKoD9ensRIBqik'
const CHEAP = { memoryKib: 64, passes: 1 }

describe('passwords', () => {
  it('are kept as a hash that says how it was made, another one each time, and are known again', async () => {
    const [one, two] = [await hashPassword('grüße', CHEAP), await hashPassword('grüße', CHEAP)]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(one).not.toBe(two)
    expect(await isPassword('grüße', one)).toBe(true)
    // The same letters, written with a combining mark.
    expect(await isPassword('gru\u0308ße', one)).toBe(true)
    expect(await isPassword('grusse', one)).toBe(false)
    await expect(isPassword('x', 'plain')).rejects.toThrow('RM_API_CREDENTIALS')
  })

  it('cost what they should: 64 MiB and three passes', async () => {
    expect(await hashPassword('x')).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/)
  })

  it('fit the reference implementation of argon2id', async () => {
    expect(await isPassword('password', GOLDEN)).toBe(true)
    expect(await isPassword('passwords', GOLDEN)).toBe(false)
  })
})

describe('the account of the operator', () => {
  const dirs: string[] = []
  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
  })
  const folder = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'ringmaster-operator-'))
    dirs.push(dir)
    return dir
  }

  it('gets a password once where none is configured, and keeps it', async () => {
    const dir = folder()
    const first = await Operator.open(dir, 'auto', 'auto', 1, CHEAP)
    expect(first.fresh).toMatch(/^[\w-]{20}$/)
    expect(readFileSync(join(dir, 'gateway.operator.json'), 'utf8')).not.toContain(first.fresh)
    const second = await Operator.open(dir, 'auto', 'auto', 2, CHEAP)
    expect(second.fresh).toBeNull()
    expect(await second.operator.knows(first.fresh!)).toBe(true)
    expect(second.operator.key).toEqual(first.operator.key)
    expect((await Operator.open(dir, 'auto', 'a secret of some length', 2, CHEAP)).operator.key).not.toEqual(first.operator.key)
  })

  it('keeps a password that was changed until another one is configured', async () => {
    const dir = folder()
    const { operator } = await Operator.open(dir, 'configured', 'auto', 1, CHEAP)
    const { key } = operator
    await operator.change('changed', 2)
    expect(operator.key).not.toEqual(key)
    expect(await (await Operator.open(dir, 'configured', 'auto', 3, CHEAP)).operator.knows('changed')).toBe(true)
    const renewed = (await Operator.open(dir, 'configured anew', 'auto', 4, CHEAP)).operator
    expect([await renewed.knows('configured anew'), await renewed.knows('changed')]).toEqual([true, false])
  })

  it('refuses a file that is not what was written', async () => {
    const dir = folder()
    writeFileSync(join(dir, 'gateway.operator.json'), '{"version":1}')
    await expect(Operator.open(dir, 'auto', 'auto', 1, CHEAP)).rejects.toThrow('RM_API_CREDENTIALS')
    writeFileSync(join(dir, 'gateway.sessions.json'), 'no')
    expect(() => new Sessions(dir, 1000, () => 1)).toThrow('RM_API_CREDENTIALS')
  })

  it('keeps sessions over a restart, and ends those that nobody used', () => {
    const dir = folder()
    let nowMs = 1000
    const before = new Sessions(dir, 500, () => nowMs)
    const { id, refreshToken } = before.open()
    const after = new Sessions(dir, 500, () => nowMs)
    expect(after.lives(id)).toBe(true)
    nowMs = 1400
    const next = after.refresh(refreshToken)
    nowMs = 1899
    expect(after.lives(id)).toBe(true)
    nowMs = 1900
    expect(after.lives(id)).toBe(false)
    expect(() => after.refresh(next.refreshToken)).toThrow('RM_API_UNAUTHORISED')
    expect(readFileSync(join(dir, 'gateway.sessions.json'), 'utf8')).not.toContain(refreshToken.split('.')[1])
  })
})
