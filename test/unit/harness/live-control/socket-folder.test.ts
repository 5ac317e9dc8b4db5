import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ownSocketFolder,
  socketFolders,
  socketPath,
  socketsIn,
} from '../../../../harness/live-control/socket-folder.ts'

function runtimeFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'loadcell-runtime-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const withRuntime = (path: string) => ({ XDG_RUNTIME_DIR: path })

describe('the folder of sockets', () => {
  it('is made for this user alone, in the folder that the session has for such files', () => {
    const runtime = runtimeFolder()
    const folder = ownSocketFolder(withRuntime(runtime))
    expect(folder).toBe(join(runtime, 'loadcell'))
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(ownSocketFolder(withRuntime(runtime))).toBe(folder)
    expect(socketFolders(withRuntime(runtime))).toContain(folder)
  })

  it('is among the temporary files where the session has none', () => {
    expect(ownSocketFolder(withRuntime('/nowhere/at/all'))).toMatch(/loadcell-\d+$/)
    expect(ownSocketFolder({})).toMatch(/loadcell-\d+$/)
  })

  it('is refused if others may enter it, or if it is something else', () => {
    const [open, file, link] = [runtimeFolder(), runtimeFolder(), runtimeFolder()]
    mkdirSync(join(open, 'loadcell'))
    chmodSync(join(open, 'loadcell'), 0o755)
    expect(() => ownSocketFolder(withRuntime(open))).toThrow(/others may enter .* its mode is 755, expected 700/)
    expect(() => socketFolders(withRuntime(open))).toThrow('others may enter')
    writeFileSync(join(file, 'loadcell'), '')
    expect(() => ownSocketFolder(withRuntime(file))).toThrow('is not a folder')
    symlinkSync(open, join(link, 'loadcell'))
    expect(() => ownSocketFolder(withRuntime(link))).toThrow('is not a folder')
  })
})

describe('socketPath', () => {
  it('names the process, and refuses a path that no socket can have', () => {
    expect(socketPath('/run/user/1/loadcell', 42)).toBe('/run/user/1/loadcell/42.sock')
    expect(() => socketPath(`/${'x'.repeat(100)}`, 42)).toThrow('is longer than 103 bytes')
  })
})

describe('socketsIn', () => {
  it('leaves out everything that is no socket of a run', () => {
    const folder = runtimeFolder()
    for (const name of ['7.sock', 'notes.txt', 'x.sock', '12.sock']) writeFileSync(join(folder, name), '')
    expect(socketsIn(folder)).toEqual([join(folder, '12.sock'), join(folder, '7.sock')])
  })
})
