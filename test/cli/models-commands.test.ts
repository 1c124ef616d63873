import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CliActions, type ModelsRequest, runCli } from '../../src/cli/index.ts'
import { modelsCommand } from '../../workers/models-commands.ts'

const golden = (file: string): string => join(import.meta.dirname, '../golden', file)
const names = ['mid_price', 'bid_ask_spread_abs', 'imbalance_5', 'depth_bid_5']

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'rm-models-cli-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function ran(what: ModelsRequest['what'], json = true): Promise<string> {
  let text = ''
  expect(await modelsCommand({ dir, what, who: 'ada', why: 'to see', json }, (line) => void (text += `${line}\n`), names)).toBe(0)
  return text
}
const imports = (version: string) => ran({ kind: 'import', file: golden('torch_model.onnx'), meta: golden('torch_model.json'), golden: golden('torch_model.npy'), version })
const states = async (): Promise<Record<string, string>> => Object.fromEntries((await ran({ kind: 'list' })).trimEnd().split('\n').map((line) => JSON.parse(line) as { version: string; state: string }).map((one) => [one.version, one.state]))
const coded = (code: string): unknown => expect.objectContaining({ code })

describe('ringmaster models', () => {
  it('takes a version through every state, and back to the one that was active before', async () => {
    expect(await ran({ kind: 'list' }, false)).toContain('no model is registered')
    for (const version of ['a', 'b', 'c']) await imports(version)
    expect(await ran({ kind: 'activate', version: 'a' }, false)).toContain('a is active: 16 golden windows within')
    await ran({ kind: 'shadow', version: 'b' })
    expect(await states()).toEqual({ a: 'active', b: 'shadow', c: 'registered' })
    await ran({ kind: 'activate', version: 'b' })
    await ran({ kind: 'activate', version: 'c' })
    await ran({ kind: 'archive', version: 'a' })
    expect(await states()).toEqual({ a: 'archived', b: 'registered', c: 'active' })
    await expect(ran({ kind: 'archive', version: 'c' })).rejects.toEqual(coded('RM_MODEL_STATE'))
    await expect(ran({ kind: 'shadow', version: 'c' })).rejects.toEqual(coded('RM_MODEL_STATE'))
    expect(JSON.parse(await ran({ kind: 'rollback' }))).toEqual({ active: 'b' })
    expect(JSON.parse(await ran({ kind: 'rollback' }))).toEqual({ active: 'a' })
    expect(await states()).toEqual({ a: 'active', b: 'registered', c: 'registered' })
    await expect(ran({ kind: 'rollback' })).rejects.toEqual(coded('RM_MODEL_ROLLBACK'))
    await ran({ kind: 'deactivate' })
    const history = (await ran({ kind: 'history' })).trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(history.map(({ action, version, activeBefore }) => [action, version, activeBefore])).toEqual([
      ['activate', 'a', null], ['shadow', 'b', 'a'], ['activate', 'b', 'a'], ['activate', 'c', 'b'], ['archive', 'a', 'c'], ['rollback', 'b', 'c'], ['rollback', 'a', 'b'], ['deactivate', null, 'a'],
    ])
    expect(history[0]).toMatchObject({ who: 'ada', why: 'to see', when: expect.stringMatching(/^20\d\d-/) as string })
    const shown = await ran({ kind: 'show', version: 'b' }, false)
    expect(shown).toContain('movement over 30 s beyond 0.100 %')
    expect(shown).toContain('16 golden windows within')
  })

  it('refuses what is not there, and what was imported already', async () => {
    await expect(ran({ kind: 'activate', version: 'nobody' })).rejects.toEqual(coded('RM_MODEL_BUNDLE'))
    await expect(ran({ kind: 'import', file: join(dir, 'no.onnx'), meta: null, golden: null, version: null })).rejects.toEqual(coded('RM_MODEL_IMPORT'))
    await imports('a')
    await expect(imports('a')).rejects.toEqual(coded('RM_MODEL_EXISTS'))
  })

  it('hands over what the command line says', async () => {
    const seen: ModelsRequest[] = []
    const actions = { models: (request: ModelsRequest) => Promise.resolve(seen.push(request) - seen.length) } as unknown as CliActions
    const cli = (line: string): Promise<number> => runCli(line.split(' '), actions, { out: () => {}, err: () => {}, env: {}, terminal: false, envFile: null }, '0')
    expect(await cli('models import net.onnx --meta net.json --as net-3 --dir somewhere')).toBe(0)
    expect(await cli('models shadow')).toBe(0)
    expect(await cli('models activate net-3 --why better --who ada --json')).toBe(0)
    expect(await cli('models activate')).toBe(2)
    expect(seen).toEqual([
      { dir: 'somewhere', what: { kind: 'import', file: 'net.onnx', meta: 'net.json', golden: null, version: 'net-3' }, who: null, why: '', json: false },
      { dir: './data/models', what: { kind: 'unshadow' }, who: null, why: '', json: false },
      { dir: './data/models', what: { kind: 'activate', version: 'net-3' }, who: 'ada', why: 'better', json: true },
    ])
  })
})
