import { isAlias, isMap, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml'
import type { Draft } from './draft.ts'
import type { ConfigProblem } from './problems.ts'
import { isSection, isSymbolTable } from './settings.ts'
import { normaliseSymbol } from './symbols.ts'

/** Lays the values of one YAML text over the draft; every value carries file and line. */
export function readYaml(file: string, text: string, draft: Draft, problems: ConfigProblem[]): void {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeAt = (offset: number): string => `${file}:${lines.linePos(offset).line}`
  for (const error of [...document.errors, ...document.warnings])
    problems.push({ code: 'RM_CONFIG_SYNTAX', path: '(file)', value: error.message, allowed: 'YAML', from: placeAt(error.pos[0]) })
  if (document.errors.length > 0 || document.contents === null) return
  if (!isMap(document.contents)) {
    problems.push({ code: 'RM_CONFIG_SYNTAX', path: '(file)', value: 'is not a section of settings', allowed: 'key: value lines', from: placeAt(0) })
    return
  }
  new Reader(file, document, draft, problems, placeAt).walk(document.contents, [])
}

class Reader {
  readonly #file: string
  readonly #document: Document
  readonly #draft: Draft
  readonly #problems: ConfigProblem[]
  readonly #placeAt: (offset: number) => string
  readonly #open = new Set<unknown>()

  constructor(file: string, document: Document, draft: Draft, problems: ConfigProblem[], placeAt: (offset: number) => string) {
    this.#file = file
    this.#document = document
    this.#draft = draft
    this.#problems = problems
    this.#placeAt = placeAt
  }

  walk(node: unknown, path: readonly string[]): void {
    const value = isAlias(node) ? node.resolve(this.#document) : node
    if (!isMap(value)) return
    if (this.#open.has(value)) {
      this.#problem(path, 'contains itself', 'no circular alias', this.#file)
      return
    }
    this.#open.add(value)
    const seen = new Map<string, string>()
    for (const pair of value.items) {
      const place = this.#placeAt((pair.key as Node | null)?.range?.[0] ?? 0)
      const written = isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
      const key = isSymbolTable(path) ? (normaliseSymbol(written) ?? written) : written
      const before = seen.get(key)
      if (before !== undefined) this.#problem([...path, key], `is given as "${written}" and as "${before}"`, 'one of them', place)
      seen.set(key, written)
      this.#put(pair.value, [...path, key], place)
    }
    this.#open.delete(value)
  }

  #put(node: unknown, path: readonly string[], place: string): void {
    const value = isAlias(node) ? node.resolve(this.#document) : node
    if (isMap(value)) {
      this.#draft.section(path, place)
      this.walk(value, path)
      return
    }
    const plain: unknown = value === null || value === undefined ? null : (value as Node).toJS(this.#document)
    if (plain === null && isSection(path)) this.#draft.section(path, place)
    else this.#draft.set(path, plain, place)
  }

  #problem(path: readonly string[], value: string, allowed: string, from: string): void {
    this.#problems.push({ code: 'RM_CONFIG_SYNTAX', path: path.join('.'), value, allowed, from })
  }
}
