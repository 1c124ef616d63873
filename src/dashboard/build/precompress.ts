import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Endings of files that shrink; fonts of the kind woff2 are compressed in themselves. */
const TEXT = /\.(?:js|css|html|svg|json|txt)$/
/** Below it the head of an answer is larger than what is saved. */
const SMALL_BYTES = 1024

/** Bytes of one file of the build, as it lies on the disk and as it is sent. */
export interface BuiltFile {
  /** From the folder of the build, with forward slashes. */
  readonly path: string
  readonly bytes: number
  readonly gzipBytes: number
  readonly brotliBytes: number
}

/** Writes `.gz` and `.br` beside every text file of a folder, with the highest effort: it is paid once, here. */
export function precompress(folder: string): void {
  for (const path of filesOf(folder)) {
    if (!TEXT.test(path)) continue
    const bytes = readFileSync(join(folder, path))
    if (bytes.length < SMALL_BYTES) continue
    writeFileSync(join(folder, `${path}.gz`), gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }))
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
    writeFileSync(join(folder, `${path}.br`), brotliCompressSync(bytes, { params }))
  }
}

/** What a build consists of, compressed copies told with the file that they are copies of. */
export function builtFiles(folder: string): BuiltFile[] {
  const paths = filesOf(folder)
  const size = (path: string, instead: number): number => (paths.includes(path) ? statSync(join(folder, path)).size : instead)
  return paths
    .filter((path) => !/\.(?:gz|br)$/.test(path))
    .map((path) => {
      const bytes = statSync(join(folder, path)).size
      return { path, bytes, gzipBytes: size(`${path}.gz`, bytes), brotliBytes: size(`${path}.br`, bytes) }
    })
}

/** The plugin that does it after a build. */
export function precompressPlugin(): Plugin {
  let folder = ''
  return {
    name: 'ringmaster-precompress',
    apply: 'build',
    configResolved(config) {
      folder = config.build.outDir
    },
    closeBundle() {
      precompress(folder)
    },
  }
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1).replaceAll('\\', '/'))
    .sort()
