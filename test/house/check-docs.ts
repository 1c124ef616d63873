/** What the pages say is so: the first lines of the readme, the list of dependencies, the list of errors, every link. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { ERRORS_DOC, errorsDoc } from './errors-doc.ts'
import { lineAt, listFiles, report, type Violation } from './sources.ts'

const README = 'README.md'
const DEPENDENCIES_DOC = 'docs/dependencies.md'
const FIRST_LINES = 5

export const rules = {
  readme: `the first ${FIRST_LINES} lines of ${README} say how to run and how to test`,
  missing: 'the page is there',
  undocumented: `every dependency of package.json has a row in ${DEPENDENCIES_DOC}`,
  leftOver: `every row of ${DEPENDENCIES_DOC} is a dependency of package.json`,
  errors: `${ERRORS_DOC} is what the catalogue says: run \`make docs\``,
  link: 'every relative link of a page leads to a file',
  anchor: 'every link into a page leads to one of its headings',
} as const

/** @param expectedErrors text that docs/errors.md has to be */
export function checkDocs(root: string, expectedErrors: string): Violation[] {
  return [...checkReadme(root), ...checkDependencies(root), ...checkErrors(root, expectedErrors), ...checkLinks(root)]
}

const absent = (file: string): Violation => ({ file, line: 1, rule: rules.missing, found: 'no such file' })

function checkReadme(root: string): Violation[] {
  if (!existsSync(join(root, README))) return [absent(README)]
  const first = read(root, README).split('\n').slice(0, FIRST_LINES).join('\n')
  return ['make run', 'make test'].filter((words) => !first.includes(words)).map((words) => ({ file: README, line: 1, rule: rules.readme, found: `"${words}" is not there` }))
}

function checkDependencies(root: string): Violation[] {
  if (!existsSync(join(root, DEPENDENCIES_DOC))) return [absent(DEPENDENCIES_DOC)]
  const manifest = JSON.parse(read(root, 'package.json')) as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>
  const wanted = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) => Object.keys(manifest[kind] ?? {}))
  const text = read(root, DEPENDENCIES_DOC)
  const rows = [...text.matchAll(/^\|\s*`([^`]+)`\s*\|/gm)].map((match) => ({ name: match[1]!, offset: match.index }))
  const named = new Set(rows.map((row) => row.name))
  return [
    ...wanted.filter((name) => !named.has(name)).map((found) => ({ file: 'package.json', line: 1, rule: rules.undocumented, found })),
    ...rows.filter((row) => !wanted.includes(row.name)).map((row) => ({ file: DEPENDENCIES_DOC, line: lineAt(text, row.offset), rule: rules.leftOver, found: row.name })),
  ]
}

function checkErrors(root: string, expected: string): Violation[] {
  if (!existsSync(join(root, ERRORS_DOC))) return [absent(ERRORS_DOC)]
  const lines = read(root, ERRORS_DOC).split('\n')
  const wanted = expected.split('\n')
  const at = wanted.findIndex((line, i) => line !== lines[i])
  if (at < 0 && lines.length === wanted.length) return []
  const line = at < 0 ? wanted.length : at
  return [{ file: ERRORS_DOC, line: line + 1, rule: rules.errors, found: `expected "${wanted[line] ?? 'the end'}"` }]
}

function checkLinks(root: string): Violation[] {
  const violations: Violation[] = []
  for (const file of listFiles(root, ['.'], ['.md'])) {
    const text = withoutCode(read(root, file))
    for (const match of text.matchAll(/\[[^\]]*\]\(([^()\s]+(?:\([^()\s]*\))?)(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s+(\S+)/gm)) {
      const target = match[1] ?? match[2]!
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue
      const [path, anchor] = target.split('#', 2) as [string, string | undefined]
      const to = path === '' ? file : path.startsWith('/') ? path.slice(1) : normalize(join(dirname(file), decodeURIComponent(path)))
      const at = { file, line: lineAt(text, match.index), found: target }
      if (!existsSync(join(root, to))) violations.push({ ...at, rule: rules.link })
      else if (anchor !== undefined && to.endsWith('.md') && !headings(read(root, to)).has(anchor)) violations.push({ ...at, rule: rules.anchor })
    }
  }
  return violations
}

/** The same text with code blanked out, so that offsets and lines stay. */
function withoutCode(text: string): string {
  const blank = (code: string): string => code.replace(/[^\n]/g, ' ')
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, blank).replace(/`[^`\n]*`/g, blank)
}

/** Anchors of the headings of a page, as the usual renderers make them. */
function headings(text: string): Set<string> {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  for (const match of text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const slug = match[1]!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    anchors.add(times === 0 ? slug : `${slug}-${times}`)
  }
  return anchors
}

const read = (root: string, file: string): string => readFileSync(join(root, file), 'utf8')

if (import.meta.main) report('docs', checkDocs(join(import.meta.dirname, '../..'), await errorsDoc()))
