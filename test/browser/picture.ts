/**
 * Takes the picture of a report that README.md shows: `npm run picture -- <report.html> docs/images/report.png`.
 * Run `npm start` on a quiet machine first.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { launchChromium } from './chromium.ts'

const [report = '', picture = ''] = process.argv.slice(2)
const browser = await launchChromium()
const page = await browser.newPage({ viewport: { width: 1300, height: 1600 } })
await page.goto(pathToFileURL(resolve(report)).href)
await page.screenshot({ path: picture })
await browser.close()
