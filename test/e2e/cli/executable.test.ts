import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeRuns } from '../../support/stored-runs.ts'
import { testTarget } from '../target/support.ts'
import { scratchFolder, startLoadcell } from './loadcell.ts'

/** Runs commands in a folder, each in a process of its own. */
async function executed(folder: string, commands: string[][]) {
  const env = { XDG_RUNTIME_DIR: folder, TMPDIR: folder }
  const finished = commands.map(args => startLoadcell(args, { cwd: folder, env }).finished)
  const ended = await Promise.all(finished)
  return Object.fromEntries(ended.map(({ code, output }, index) => [commands[index]![0]!, { code, output }]))
}

const outputOf = (code: number, pattern: RegExp) => ({ code, output: expect.stringMatching(pattern) as string })

/** Most tests of these commands share a process. The other commands have tests of their own with the executable. */
describe('the executable, as a user starts it', () => {
  it('works with results, and writes a scenario', async () => {
    const folder = scratchFolder()
    const base = writeRuns(folder, 'base', 3)
    const slower = writeRuns(folder, 'new', 3, { medians: { '/orders': 20, '/products': 5 } })
    const commands = [
      ['compare', ...base, '--with', ...slower],
      ['history', folder],
      ['init', 'first.ts'],
    ]
    expect(await executed(folder, commands)).toEqual({
      compare: outputOf(99, /slower by/),
      history: outputOf(0, /\/orders/),
      init: outputOf(0, /first\.ts/),
    })
  })

  it('asks a target, and looks for runs', async () => {
    const { url } = await testTarget()
    const faults = ['faults', 'apply', 'brownout', '--url', url]
    expect(await executed(scratchFolder(), [faults, ['ledger', '--url', url], ['ctl']])).toEqual({
      faults: outputOf(0, /brownout/),
      ledger: outputOf(0, /run default/),
      ctl: { code: 0, output: 'No run of this user goes on now.\n' },
    })
  })

  it('starts by the name that it had before, too', () => {
    const before = resolve(import.meta.dirname, '../../../cli/main.ts')
    expect(execFileSync(process.execPath, [before, '--help'], { encoding: 'utf8' })).toContain('Usage: loadcell')
  })
})
