/**
 * Takes the pictures of the documents from real runs, light and dark: `npm run pictures`, or `npm run pictures -- lab report` for
 * some of them. It takes about four minutes on a quiet machine, and writes docs/images/<name>.webp and <name>-dark.webp.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../support/markdown.ts'
import { launchChromium } from '../chromium.ts'
import { Camera } from './camera.ts'
import { subjects } from './subjects.ts'

const names = Object.keys(subjects)
const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !names.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`There is no picture ${unknown.join(', ')}. There are: ${names.join(', ')}.\n`)
  process.exit(1)
}
const browser = await launchChromium()
try {
  for (const [name, take] of Object.entries(subjects)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const { light, dark } = await take(new Camera(browser))
    for (const [file, picture] of [
      [`${name}.webp`, light],
      [`${name}-dark.webp`, dark],
    ] as const) {
      writeFileSync(join(root, 'docs/images', file), picture)
      process.stdout.write(`docs/images/${file}: ${Math.round(picture.length / 1024)} KB\n`)
    }
  }
} finally {
  await browser.close()
}
