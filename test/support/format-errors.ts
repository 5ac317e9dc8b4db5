import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './markdown.ts'

/** Returns the complaints of the formatter about files, which are written as the code of this repository is. */
export function formatErrors(files: Iterable<readonly [name: string, text: string]>): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-format-'))
  try {
    copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'))
    for (const [name, text] of files) writeFileSync(join(folder, name), text)
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
    const { status, stdout, stderr } = spawnSync(process.execPath, [biome, 'format', '.'], {
      cwd: folder,
      encoding: 'utf8',
    })
    return status === 0 ? '' : stdout + stderr
  } finally {
    rmSync(folder, { recursive: true })
  }
}
