import { describe, expect, it } from 'vitest'
import { loadcell } from './loadcell.ts'

describe('a newcomer at the command line', () => {
  it('is told what to try first, and where the rest is', async () => {
    const { code, output } = await loadcell([])
    expect(output).toContain('loadcell run mixed-streaming')
    expect(output).toContain('loadcell --help')
    expect(code).toBe(0)
  })

  it('still learns that a command does not exist', async () => {
    const { code, output } = await loadcell(['scenario'])
    expect(output).toContain("unknown command 'scenario'")
    expect(output).toContain('Did you mean')
    expect(code).toBe(104)
  })

  it('finds the ready scenarios with their lessons, also as JSON', async () => {
    const { output: table } = await loadcell(['scenarios'])
    expect(table).toMatch(/^browse +lists, filters, paging by next, search/m)
    const { output, code } = await loadcell(['scenarios', '--json'])
    const rows = JSON.parse(output) as { name: string; lesson: string }[]
    expect(rows.find(({ name }) => name === 'shop')?.lesson).toContain('accounts from a CSV file')
    expect(rows.every(({ lesson }) => lesson !== '')).toBe(true)
    expect(code).toBe(0)
  })
})
