/**
 * Actors and pure rooms get time, chance, timers, sockets and files handed to them. Here nothing may reach for them:
 * names are looked at in the syntax tree, so strings, comments, properties and types do not count.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exceptions, forbiddenGlobals, forbiddenMembers, forbiddenModules, harmlessImports, pureFolders, type Exception } from './purity-table.ts'
import { lineAt, literal, readSources, report, walk, type Node, type Source, type Violation } from './sources.ts'

export const rules = {
  reach: (name: string, why: string) => `a pure room does not reach for ${name}: ${why}`,
  stale: 'the table of exceptions (test/house/purity-table.ts) names only what is there and needed',
} as const

/** @param table of exceptions; the one of the house by default */
export function checkPurity(root: string, table: readonly Exception[] = exceptions): Violation[] {
  const violations: Violation[] = []
  const used = new Set<string>()
  for (const source of readSources(root, pureFolders)) {
    const allowed = new Set(table.filter((one) => one.file === source.path).flatMap((one) => one.allow))
    for (const { name, why, node } of reaches(source)) {
      if (allowed.has(name)) used.add(`${source.path} ${name}`)
      else violations.push({ file: source.path, line: lineAt(source.text, node.start), rule: rules.reach(name, why), found: firstLine(source.text.slice(node.start, node.end)) })
    }
  }
  for (const { file, allow } of table) {
    if (!existsSync(join(root, file))) violations.push({ file, line: 1, rule: rules.stale, found: 'no such file' })
    else for (const name of allow) if (!used.has(`${file} ${name}`)) violations.push({ file, line: 1, rule: rules.stale, found: `${name} is not used` })
  }
  return violations
}

interface Reach {
  readonly name: string
  readonly why: string
  readonly node: Node
}

function reaches(source: Source): Reach[] {
  const found: Reach[] = []
  walk(source.program, (node, parent, key) => {
    if (node.type.startsWith('TS') && !VALUE_TYPES.has(node.type)) return false
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration': {
        const name = moduleReached(node)
        if (name !== null) found.push({ name, why: forbiddenModules[name]!, node })
        // A named import of a global's name is a reach by the module, not by the name.
        return node.type === 'ExportNamedDeclaration' && node['declaration'] !== null
      }
      case 'ImportExpression': {
        const name = moduleName(literal(node['source']))
        if (name !== null) found.push({ name, why: forbiddenModules[name]!, node })
        break
      }
      case 'CallExpression': {
        const name = identifier(node['callee']) === 'require' ? moduleName(literal((node['arguments'] as readonly Node[])[0])) : null
        if (name !== null) found.push({ name, why: forbiddenModules[name]!, node })
        break
      }
      case 'MemberExpression': {
        const name = `${identifier(node['object'])}.${propertyOf(node)}`
        const why = forbiddenMembers[name]
        if (why !== undefined) found.push({ name, why, node })
        break
      }
      case 'Identifier': {
        const name = node['name'] as string
        const why = Object.hasOwn(forbiddenGlobals, name) ? forbiddenGlobals[name] : undefined
        if (why !== undefined && !isMerelyAName(parent, key)) found.push({ name, why, node })
        break
      }
    }
    return true
  })
  return found
}

/** Type nodes that hold a value expression inside. */
const VALUE_TYPES = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSTypeAssertion', 'TSInstantiationExpression', 'TSExportAssignment', 'TSParameterProperty', 'TSEnumDeclaration', 'TSEnumBody', 'TSEnumMember', 'TSModuleDeclaration', 'TSModuleBlock'])

/** The name of a member, of a property, of a label: not the global of that name. */
function isMerelyAName(parent: Node | null, key: string): boolean {
  if (parent === null || parent['computed'] === true) return false
  if (key === 'property') return parent.type === 'MemberExpression'
  // The key of `{ Date }` is a name; its value, at the same place, is the global.
  return key === 'label' || key === 'key'
}

const identifier = (node: unknown): string => {
  const found = node as Node | undefined
  return found?.type === 'Identifier' ? (found['name'] as string) : ''
}

function propertyOf(member: Node): string {
  return member['computed'] === true ? (literal(member['property']) ?? '') : identifier(member['property'])
}

function moduleName(specifier: string | null): string | null {
  if (specifier === null) return null
  if (Object.hasOwn(forbiddenModules, specifier)) return specifier
  return Object.hasOwn(forbiddenModules, `node:${specifier}`) ? `node:${specifier}` : null
}

/** The forbidden module that an import or export brings in as a value, or null. */
function moduleReached(node: Node): string | null {
  const name = moduleName(literal(node['source']))
  if (name === null || node['importKind'] === 'type' || node['exportKind'] === 'type') return null
  const specifiers = (node['specifiers'] ?? []) as readonly Node[]
  const values = specifiers.filter((one) => one['importKind'] !== 'type' && one['exportKind'] !== 'type')
  if (specifiers.length > 0 && values.length === 0) return null
  const harmless = harmlessImports[name] ?? []
  const isHarmless = values.length > 0 && values.every((one) => harmless.includes(identifier(one['imported'] ?? one['local'])) && one.type !== 'ImportDefaultSpecifier' && one.type !== 'ImportNamespaceSpecifier')
  return isHarmless ? null : name
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!.slice(0, 100)

if (import.meta.main) report('purity', checkPurity(join(import.meta.dirname, '../..')))
