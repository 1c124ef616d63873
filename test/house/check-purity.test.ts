import { describe, expect, it } from 'vitest'
import { checkPurity } from './check-purity.ts'
import { withFiles } from './planted.ts'
import type { Exception } from './purity-table.ts'

const check = (text: string, file = 'actors/ingest.ts', table: readonly Exception[] = []): string[] =>
  withFiles({ [file]: text }, (root) => checkPurity(root, table).map((one) => `${one.file}:${one.line} ${one.found}`))

describe('purity', () => {
  it.each([
    'Date.now()',
    'new Date()',
    'const { now } = Date',
    'performance.now()',
    'Math.random()',
    "Math['random']()",
    'setTimeout(f, 1)',
    'setInterval(f, 1)',
    'setImmediate(f)',
    'queueMicrotask(f)',
    'const later = setTimeout',
    'f(setTimeout)',
    'const timers = { setTimeout }',
    'const timers = { later: setTimeout }',
    'process.hrtime.bigint()',
    'process.env.KEY',
    'globalThis.Date.now()',
    'fetch(url)',
    'new WebSocket(url)',
    'crypto.randomUUID()',
    'crypto.getRandomValues(bytes)',
    '(Date as Clock).now()',
    'const clock = [Date]',
    'table[Date]',
    "import { readFileSync } from 'node:fs'",
    "import { readFileSync } from 'fs'",
    "import * as fs from 'node:fs/promises'",
    "import net from 'node:net'",
    "import { request } from 'node:http'",
    "import { WebSocket } from 'ws'",
    "import { randomUUID } from 'node:crypto'",
    "import { createHash, randomBytes } from 'node:crypto'",
    "import crypto from 'node:crypto'",
    "import { setTimeout as sleep } from 'node:timers/promises'",
    "import { performance as clock } from 'node:perf_hooks'",
    "import { Worker } from 'node:worker_threads'",
    "import 'node:fs'",
    "export { readFileSync } from 'node:fs'",
    "export * from 'node:fs'",
    "const fs = await import('node:fs')",
    "const fs = require('fs')",
  ])('finds %s', (text) => {
    expect(check(`\n${text}\n`)).toEqual([expect.stringMatching(/^actors\/ingest\.ts:2 /)])
  })

  it.each([
    'clock.Date',
    'venue.fetch(path)',
    'class Feed { fetch() {} setTimeout = 1 }',
    'const row = { Date: 1, process: 2 }',
    "const words = 'Date.now() and setTimeout'",
    '// Date.now()\nconst a = 1',
    'const f = (at: Date): void => {}',
    'interface Transport { fetch(url: string): void; WebSocket: string }',
    'type Late = typeof setTimeout',
    "import type { WebSocket } from 'ws'",
    "import { type Server } from 'node:http'",
    "import { createHash, createHmac } from 'node:crypto'",
    "import { Decimal } from 'decimal.js'",
    'Math.floor(1)',
    'const random = 1; random.random',
    'toString.constructor',
  ])('does not take "%s" for a reach', (text) => {
    expect(check(text)).toEqual([])
  })

  it('looks into every pure room and no other', () => {
    const text = 'Date.now()\n'
    for (const file of ['src/trading/fold.ts', 'src/exchange/matching/book.ts', 'src/venues/bybit/feed.ts', 'src/strategies/a.ts', 'src/model/gate.ts']) expect(check(text, file)).toHaveLength(1)
    for (const file of ['src/core/system-time.ts', 'workers/engine.ts', 'src/storage/pg.ts', 'test/a.test.ts']) expect(check(text, file)).toEqual([])
  })

  it('lets one file do what the table says, and nothing more', () => {
    const text = "import { openSync } from 'node:fs'\nexport const at = Date.now()\nexport { openSync }\n"
    const file = 'src/trading/journal.ts'
    expect(check(text, file, [{ file, allow: ['node:fs'], reason: 'owns the file' }])).toEqual([`${file}:2 Date`])
  })

  it('finds an exception that is not needed any more', () => {
    const file = 'src/trading/journal.ts'
    expect(check('export {}\n', file, [{ file, allow: ['node:fs'], reason: 'owned a file once' }])).toEqual([`${file}:1 node:fs is not used`])
    expect(check('export {}\n', file, [{ file: 'src/trading/gone.ts', allow: [], reason: 'gone' }])).toEqual(['src/trading/gone.ts:1 no such file'])
  })
})
