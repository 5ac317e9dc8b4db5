import { describe, expect, it } from 'vitest'
import { helpOf } from '../../../../../cli/audit/trial/tool-help.ts'
import { locust } from '../../../../../calibration/audit/tools/locust.ts'

const node = { ...locust, programs: ['node'], helpOption: '--version' }

describe('the help of a tool', () => {
  it('is what the tool prints for its option, and not for the options of the command', async () => {
    const command = { program: process.execPath, args: ['--throw-deprecation', 'script.js'] }
    expect((await helpOf(node, command))?.trim()).toBe(process.version)
  })

  it('is asked through a launcher', async () => {
    const command = { program: 'env', args: [process.execPath, 'script.js'] }
    expect((await helpOf(node, command))?.trim()).toBe(process.version)
  })

  it('is absent when nobody needs it, when the tool refuses the option, and when there is no such program', async () => {
    const command = { program: process.execPath, args: [] }
    const { helpOption: _, ...silent } = node
    expect(await helpOf(silent, command)).toBeUndefined()
    expect(await helpOf({ ...node, helpOption: '--no-such-option' }, command)).toBeUndefined()
    expect(await helpOf(node, { program: '/nowhere/node', args: [] })).toBeUndefined()
    expect(await helpOf(node, { program: './run', args: ['5'] })).toBeUndefined()
  })
})
