import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkImports, rules } from './check-imports.ts'
import { withFiles } from './planted.ts'

const sound = {
  'src/core/index.ts': `export * from './money.ts'\n`,
  'src/core/money.ts': `export const zero = 0\n`,
  'src/memory/index.ts': `import { zero } from '../core/index.ts'\nexport const ring = zero\n`,
  'src/venues/index.ts': `export type Venue = 'bybit'\n`,
  'src/trading/index.ts': `import type { Venue } from '../venues/index.ts'\nexport const venue: Venue = 'bybit'\n`,
  'src/features/index.ts': `export const count = 1\n`,
  'src/exchange/index.ts': `import { zero } from '../core/index.ts'\nexport const fee = zero\n`,
  'actors/ingest.ts': `import { ring } from '../src/memory/index.ts'\nexport const ingest = ring\n`,
  'workers/engine.ts': `import { ingest } from '../actors/ingest.ts'\nimport { fee } from '../src/exchange/index.ts'\nexport const all = [ingest, fee]\nnew Worker(new URL('./shard.ts', import.meta.url))\n`,
  'workers/shard.ts': `import './engine.ts'\n`,
  'test/core/money.test.ts': `import { zero } from '../../src/core/money.ts'\nimport '../../workers/engine.ts'\nexport const t = zero\n`,
}

const check = (files: Record<string, string>): string[] => withFiles({ ...sound, ...files }, (root) => checkImports(root).map(({ file, line, rule }) => `${file}:${line} ${rule}`))

describe('import rules', () => {
  it('finds nothing in a sound house', () => {
    expect(check({})).toEqual([])
  })

  it.each<[string, Record<string, string>, string]>([
    ['a room that imports a higher one', { 'src/memory/cell.ts': `\nimport '../trading/index.ts'\n` }, `src/memory/cell.ts:2 ${rules.upward}`],
    ['a type taken from a higher room', { 'src/core/ids.ts': `import type { Venue } from '../venues/index.ts'\nexport type V = Venue\n` }, `src/core/ids.ts:1 ${rules.upward}`],
    ['an inline type import from a higher room', { 'src/core/ids.ts': `export type V = import('../venues/index.ts').Venue\n` }, `src/core/ids.ts:1 ${rules.upward}`],
    ['a re-export from a higher room', { 'src/core/ids.ts': `export { venue } from '../trading/index.ts'\n` }, `src/core/ids.ts:1 ${rules.upward}`],
    ['a star re-export from a higher room', { 'src/core/ids.ts': `export * from '../trading/index.ts'\n` }, `src/core/ids.ts:1 ${rules.upward}`],
    ['a late import of a higher room', { 'src/core/ids.ts': `export const late = () => import('../trading/index.ts')\n` }, `src/core/ids.ts:1 ${rules.upward}`],
    ['a room of the same rank that is no peer', { 'src/trading/exits.ts': `import '../features/index.ts'\n` }, `src/trading/exits.ts:1 ${rules.upward}`],
    ['src that imports an actor', { 'src/trading/exits.ts': `import '../../actors/ingest.ts'\n` }, `src/trading/exits.ts:1 ${rules.srcUp}`],
    ['src that starts a worker', { 'src/trading/exits.ts': `export const at = new URL('../../workers/shard.ts', import.meta.url)\n` }, `src/trading/exits.ts:1 ${rules.srcUp}`],
    ['an actor that imports a worker', { 'actors/features.ts': `import '../workers/shard.ts'\n` }, `actors/features.ts:1 ${rules.upward}`],
    ['the exchange that imports more than core', { 'src/exchange/fill.ts': `import '../memory/index.ts'\n` }, `src/exchange/fill.ts:1 ${rules.only('src/exchange', ['src/core', 'src/capture'])}`],
    ['the engine that imports the exchange', { 'actors/features.ts': `import '../src/exchange/index.ts'\n` }, `actors/features.ts:1 ${rules.importedBy('src/exchange', ['src/cli', 'workers'])}`],
    ['an import past a door', { 'actors/features.ts': `import '../src/core/money.ts'\n` }, `actors/features.ts:1 ${rules.door}`],
    ['an import of a test', { 'actors/features.ts': `import '../test/core/money.test.ts'\n` }, `actors/features.ts:1 ${rules.onlooker}`],
    ['an import of nothing', { 'actors/features.ts': `import './gone.ts'\n` }, `actors/features.ts:1 ${rules.unresolved}`],
    ['a room that the table does not know', { 'src/helpers/index.ts': `export {}\n` }, `src/helpers/index.ts:1 ${rules.noRoom}`],
    ['a file of src in no room', { 'src/util.ts': `export {}\n` }, `src/util.ts:1 ${rules.noRoom}`],
  ])('finds %s', (_, files, violation) => {
    expect(check(files)).toEqual([violation])
  })

  it('finds a circle once, and names its way', () => {
    const files = { ...sound, 'src/core/a.ts': `import './b.ts'\n`, 'src/core/b.ts': `\nimport type {} from './c.ts'\n`, 'src/core/c.ts': `export * from './a.ts'\n` }
    expect(withFiles(files, checkImports)).toEqual([{ file: 'src/core/a.ts', line: 1, rule: rules.circle, found: 'src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts' }])
  })

  it('finds a file that imports its own door, and one that imports itself', () => {
    expect(check({ 'src/core/money.ts': `import './index.ts'\nexport const zero = 0\n` })).toEqual([`src/core/index.ts:1 ${rules.circle}`])
    expect(check({ 'src/core/self.ts': `import './self.ts'\n` })).toEqual([`src/core/self.ts:1 ${rules.circle}`])
  })

  it('takes a worker that imports its starter for no circle', () => {
    expect(check({ 'workers/shard.ts': `import './engine.ts'\n` })).toEqual([])
  })

  it('does not take words in strings and comments for imports', () => {
    expect(check({ 'src/core/words.ts': `// import '../trading/index.ts'\nexport const words = "import '../trading/index.ts'"\n` })).toEqual([])
  })

  it('stops at a file that does not parse instead of passing it', () => {
    expect(() => check({ 'src/core/broken.ts': `export const = 1\n` })).toThrow('src/core/broken.ts does not parse')
  })

  it('ends with exit code 1 and file:line when something is broken, with 0 otherwise', () => {
    withFiles({ ...sound, 'package.json': '{"type":"module"}' }, (root) => {
      for (const file of ['check-imports.ts', 'rooms.ts', 'sources.ts']) cpSync(join(import.meta.dirname, file), join(root, 'test/house', file))
      cpSync(join(import.meta.dirname, '../../node_modules/oxc-parser'), join(root, 'node_modules/oxc-parser'), { recursive: true })
      cpSync(join(import.meta.dirname, '../../node_modules/@oxc-parser'), join(root, 'node_modules/@oxc-parser'), { recursive: true })
      const command = [join(root, 'test/house/check-imports.ts')]
      expect(execFileSync(process.execPath, command, { encoding: 'utf8' })).toBe('imports: ok\n')
      cpSync(join(root, 'test/core/money.test.ts'), join(root, 'src/core/up.ts'))
      const broken = spawnSync(process.execPath, command, { encoding: 'utf8' })
      expect(broken.status).toBe(1)
      expect(broken.stderr).toContain('src/core/up.ts:2: src never imports actors or workers')
    })
  })
})
