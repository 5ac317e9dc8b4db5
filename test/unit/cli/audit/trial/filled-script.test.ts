import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hey } from '../../../../../calibration/audit/tools/hey.ts'
import { tsung } from '../../../../../calibration/audit/tools/tsung.ts'
import { fill, withFilledScript } from '../../../../../cli/audit/trial/filled-script.ts'

const address = { url: 'http://127.0.0.1:4711', host: '127.0.0.1', port: 4711 }

function scriptWith(server: string): { file: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-script-'))
  const file = join(folder, 'load.xml')
  writeFileSync(file, `<tsung><servers><server ${server} type="tcp"/></servers></tsung>`)
  return { file, folder: mkdtempSync(join(folder, 'copy-')) }
}

describe('fill', () => {
  it('puts the address in place of its names, wherever they stand', () => {
    expect(fill('{target}/x {host}:{port} {ws}/y {other}', address)).toBe(
      'http://127.0.0.1:4711/x 127.0.0.1:4711 ws://127.0.0.1:4711/y {other}',
    )
  })
})

describe('the script of a tool that learns the address nowhere else', () => {
  it('has it in a copy, and stays as it is', () => {
    const { file, folder } = scriptWith('host="{host}" port="{port}"')
    const before = readFileSync(file, 'utf8')
    for (const named of [['-f', file], [`-f${file}`]]) {
      const { args, added } = withFilledScript(tsung, [...named, 'start'], address, folder)
      expect(args.join(' ')).toMatch(new RegExp(`^-f ?${folder}/load.xml start$`))
      expect(added).toEqual([`the target’s address, in a copy of ${file}`])
    }
    expect(readFileSync(join(folder, 'load.xml'), 'utf8')).toContain('host="127.0.0.1" port="4711"')
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it('is used as it is where it names the target already', () => {
    const { file, folder } = scriptWith('host="localhost" port="4711"')
    expect(withFilledScript(tsung, ['-f', file, 'start'], address, folder)).toEqual({
      args: ['-f', file, 'start'],
      added: [],
    })
  })

  it('is refused where it names another address, or cannot be read', () => {
    const { file, folder } = scriptWith('host="shop.example" port="80"')
    expect(() => withFilledScript(tsung, ['-f', file, 'start'], address, folder)).toThrow(
      /load\.xml does not name the target 127\.0\.0\.1:4711, and tsung has no option for it/,
    )
    expect(() => withFilledScript(tsung, ['-f', `${file}.none`, 'start'], address, folder)).toThrow(/cannot be read/)
  })

  it('is not looked for where a tool has an option for the address, or the command names no script', () => {
    const { folder } = scriptWith('')
    expect(withFilledScript(hey, ['-f', 'x'], address, folder)).toEqual({ args: ['-f', 'x'], added: [] })
    expect(withFilledScript(tsung, ['start'], address, folder)).toEqual({ args: ['start'], added: [] })
  })
})
