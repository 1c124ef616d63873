import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable']

/** The Chromium of the system, or null; CHROMIUM_PATH names another one. */
export const chromiumPath: string | null = [process.env['CHROMIUM_PATH'], ...PLACES].find((path) => path !== undefined && existsSync(path)) ?? null

/** Starts it without a window. @throws where there is none */
export function startBrowser(): Promise<Browser> {
  if (chromiumPath === null) throw new Error('there is no Chromium on this machine')
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'] })
}
