import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeBundleFolder, removeStaleBundles } from '../../../../harness/bundle/bundle-folder.ts'

/** Makes the folder that another process on this host would have made. */
function folderOf(pid: number): string {
  const own = makeBundleFolder()
  rmSync(own, { recursive: true })
  const path = join(tmpdir(), basename(own).replace(`-${process.pid}-`, `-${pid}-`))
  mkdirSync(path)
  writeFileSync(join(path, 'shop.ts'), 'secret')
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

it('folders of bundles are removed when their process is gone, and no others', () => {
  const { pid: dead } = spawnSync(process.execPath, ['--version'])
  const other = join(tmpdir(), `loadcell-bundle-0123abcd-${dead}-xxxxxx`)
  mkdirSync(other)
  onTestFinished(() => rmSync(other, { recursive: true, force: true }))
  const [stale, used, earlier] = [folderOf(dead), folderOf(process.ppid), folderOf(process.pid)]
  removeStaleBundles()
  expect([stale, used, earlier, other].map(path => existsSync(path))).toEqual([false, true, false, true])
})
