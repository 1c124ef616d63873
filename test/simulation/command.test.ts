import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCli, type SimulateRequest } from '../../src/cli/index.ts'
import { FAULT_KINDS } from '../../workers/simulation/fault-kinds.ts'
import { parseCase } from '../../workers/simulation/plan.ts'
import { simulateCommand } from '../../workers/simulation/simulate.ts'
import { actions } from '../../workers/actions.ts'

const KINDS = new Set<string>(FAULT_KINDS)
const REQUEST: SimulateRequest = { seeds: 1, seed: 1, faults: [], venue: 'both', minutes: 0.2, plan: null, threads: 1, shrink: false }

let folder: string
let errors: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulate-'))
  errors = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors.push(String(text))
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

async function command(more: Partial<SimulateRequest>): Promise<{ code: number; out: string; err: string }> {
  const lines: string[] = []
  const code = await simulateCommand({ ...REQUEST, ...more }, (line) => void lines.push(line))
  return { code, out: lines.join('\n'), err: errors.join('') }
}

// A pool of threads loads the whole engine first.
describe('ringmaster simulate', { timeout: 120_000 }, () => {
  it('plays a seed, prints its hash, and ends with 0', async () => {
    const first = await command({ seed: 7 })
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toMatch(/seed 7 on (bybit|okx): .* sha256 [0-9a-f]{64}/)
    expect(first.out).toContain('every invariant held in 1 of 1 seeds')
    const hash = /sha256 ([0-9a-f]{64})/.exec(first.out)![1]
    expect((await command({ seed: 7 })).out).toContain(hash)
  })

  it('plays a kept plan', async () => {
    const path = join(folder, 'plan.json')
    writeFileSync(path, JSON.stringify({ seed: 3, venue: 'okx', minutes: 0.2, plan: [{ atMs: 3000, kind: 'kill', fields: { downMs: 100 } }] }))
    expect(await command({ plan: path })).toMatchObject({ code: 0, out: expect.stringMatching(/seed 3 on okx: .* 2 processes/) as string })
  })

  it('names the kinds of faults when it is asked for one that is not there', async () => {
    expect(await command({ faults: ['earthquake'] })).toMatchObject({ code: 2, err: expect.stringMatching(/RM_USAGE: --fault: there is no fault "earthquake"; there are drop-frames, /) as string })
  })

  it.each([
    ['', 'the text is no JSON'],
    ['[]', 'it is no object'],
    ['{"seed":-1,"venue":"okx","minutes":1,"plan":[]}', 'seed -1'],
    ['{"seed":1,"venue":"kraken","minutes":1,"plan":[]}', 'venue kraken'],
    ['{"seed":1,"venue":"okx","minutes":0,"plan":[]}', 'minutes 0'],
    ['{"seed":1,"venue":"okx","minutes":1}', 'plan is no list'],
    ['{"seed":1,"venue":"okx","minutes":1,"plan":[1]}', 'step 0 is no object'],
    ['{"seed":1,"venue":"okx","minutes":1,"plan":[{"atMs":5,"kind":"kill","fields":{}},{"atMs":4,"kind":"kill","fields":{}}]}', 'step 1: atMs 4'],
    ['{"seed":1,"venue":"okx","minutes":1,"plan":[{"atMs":5,"kind":"flood","fields":{}}]}', 'there is no fault "flood"'],
    ['{"seed":1,"venue":"okx","minutes":1,"plan":[{"atMs":5,"kind":"kill","fields":{"a":[]}}]}', 'fields are not plain values'],
  ])('refuses the plan %s', async (text, problem) => {
    expect(() => parseCase(text, KINDS)).toThrow(problem)
    const path = join(folder, 'bad.json')
    writeFileSync(path, text)
    const { code, err } = await command({ plan: path })
    expect(code).toBe(1)
    expect(err).toContain('RM_SIMULATION_PLAN')
  })

  it('says which file it cannot read', async () => {
    expect((await command({ plan: join(folder, 'nothing.json') })).err).toContain('nothing.json cannot be read')
  })

  it.each([['--seeds', '0'], ['--seed', '-1'], ['--seed', '1.5'], ['--venue', 'kraken'], ['--minutes', '0'], ['--threads', 'two']])('ends with 2 on %s %s', async (...argv) => {
    let err = ''
    expect(await runCli(['simulate', ...argv], actions, { out: () => {}, err: (text) => void (err += text), env: {}, terminal: false, envFile: null }, '1')).toBe(2)
    expect(err).toContain(argv[0])
  })
})
