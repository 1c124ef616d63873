import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const HOOK = JSON.stringify(join(ROOT, 'workers/quick-imports.ts'))

describe('what a process or thread loads', () => {
  let dir = ''
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'ringmaster-loading-'))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  /** Runs a module and reads what it prints. */
  const run = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return execFileSync(process.execPath, [join(dir, name)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  it('brings no HTTP client of the browser kind into an engine thread, whose start would wait for it', () => {
    const loaded = JSON.parse(run('thread.mjs', `(await import(${HOOK})).importQuickly(); await import(${JSON.stringify(join(ROOT, 'workers/wiring.ts'))}); console.log(JSON.stringify(process.moduleLoadList))`)) as string[]
    expect(loaded.length).toBeGreaterThan(100)
    expect(loaded.filter((name) => name.includes('undici'))).toEqual([])
  })

  it('is the same file with and without the short way, and a package is left to Node', () => {
    writeFileSync(join(dir, 'value.ts'), `export const where: string = import.meta.url\n`)
    writeFileSync(join(dir, 'all.ts'), `import { join } from 'node:path'\nimport { where } from './value.ts'\nconsole.log(where, typeof join)\n`)
    expect(run('quick.mjs', `(await import(${HOOK})).importQuickly(); await import('./all.ts')`)).toBe(run('plain.mjs', `await import('./all.ts')`))
  })

  it('names the file that is not there', () => {
    writeFileSync(join(dir, 'lost.ts'), `import './nowhere.ts'\n`)
    expect(() => run('lost.mjs', `(await import(${HOOK})).importQuickly(); await import('./lost.ts')`)).toThrow(/nowhere\.ts/)
  })
})
