import { join } from 'node:path'
import { defineConfig } from 'vite'
import { precompressPlugin } from './precompress.ts'

const root = join(import.meta.dirname, '../../..')

/** RINGMASTER_DASHBOARD_OUT puts a build elsewhere, so that a test leaves the one in use alone. */
export default defineConfig({
  root: join(import.meta.dirname, '../app'),
  base: '/',
  cacheDir: join(root, 'node_modules/.cache/vite-dashboard'),
  build: {
    outDir: process.env['RINGMASTER_DASHBOARD_OUT'] ?? join(root, 'dist/dashboard'),
    emptyOutDir: true,
    target: 'es2023',
    // Fonts and icons as files: the content policy allows no data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      onLog(level, log, say) {
        // Marks for frameworks that render on a server, and the time that compressing takes: both are known.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE' && log.code !== 'PLUGIN_TIMINGS') say(level, log)
      },
    },
  },
  plugins: [precompressPlugin()],
})
