import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Builds the page, without a name into a new folder that the caller removes: the build in use is left alone. */
export function buildPage(folder = mkdtempSync(join(tmpdir(), 'ringmaster-dashboard-'))): string {
  execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--config', 'src/dashboard/build/vite.config.ts', '--logLevel', 'warn'], { cwd: root, env: { ...process.env, RINGMASTER_DASHBOARD_OUT: folder }, stdio: ['ignore', 'inherit', 'inherit'] })
  return folder
}
