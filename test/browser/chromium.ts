import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const executablePath = process.env['LOADCELL_TEST_CHROMIUM'] ?? '/usr/bin/chromium'

/** Whether there is a browser to test with; if not, that is said aloud, once. */
export function hasChromium(): boolean {
  if (existsSync(executablePath)) return true
  process.stderr.write(
    `\n!!! SKIPPED: no browser at ${executablePath}; set LOADCELL_TEST_CHROMIUM. The report was NOT looked at in a browser.\n\n`,
  )
  return false
}

/** How long a page is waited for. A machine that runs other suites beside this one may be many times slower. */
export const PATIENCE_MS = 120_000

export async function launchChromium(...more: string[]): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath,
    timeout: PATIENCE_MS,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
  browser.on('context', context => context.setDefaultTimeout(PATIENCE_MS))
  return browser
}
