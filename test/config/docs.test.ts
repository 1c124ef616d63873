import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { renderConfigPage } from '../../src/config/docs.ts'
import { settings } from '../../src/config/index.ts'

const ROOT = join(import.meta.dirname, '../..')

describe('configuration page', () => {
  it('is current (otherwise: node src/config/write-docs.ts)', () => {
    expect(readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8')).toBe(renderConfigPage())
  })

  it('explains every setting', () => {
    for (const setting of settings) expect([setting.path, setting.meaning.length > 10, setting.allowed.includes('undefined')]).toEqual([setting.path, true, false])
  })

  it('has no environment name twice', () => {
    const names = settings.flatMap(({ env }) => (env === null ? [] : [env]))
    expect(new Set(names).size).toBe(names.length)
  })

  it('knows every name of .env.example', () => {
    const names = new Set(settings.map(({ env }) => env))
    const used = Object.keys(parseEnv(readFileSync(join(ROOT, '.env.example'), 'utf8')))
    expect(used.length).toBeGreaterThan(5)
    expect(used.filter((name) => !names.has(name))).toEqual([])
  })
})
