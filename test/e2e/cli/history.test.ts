import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunHistory } from '../../../harness/comparison/history.ts'
import { schemaErrors } from '../../support/published-schema.ts'
import { type StoredRunOptions, storedRun, writeRun } from '../../support/stored-runs.ts'
import { scratchFolder } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')

/** Writes one result a day, whose folders are not in the order of time. */
function writeDays(
  folder: string,
  days: number,
  optionsOf: (day: number) => Omit<StoredRunOptions, 'id'> = () => ({}),
) {
  for (let day = 0; day < days; day++) {
    const run = storedRun({ id: `day-${day}`, day, requests: 100, deviation: 0.02, ...optionsOf(day) })
    writeRun(join(folder, String((day * 7) % 31), 'result.json'), run)
  }
}

describe('loadcell history', () => {
  it('marks since which run a name is slower, and writes a page', async () => {
    const folder = scratchFolder()
    writeDays(folder, 24, day => ({
      medians: { '/orders': day < 15 ? 10 : 12, '/products': 5 },
      tags: { commit: `c${day}` },
    }))
    const html = join(folder, 'history.html')
    const { code, output } = await loadcell(['history', folder, '--html', html])
    expect(output).toMatch(
      /✗ http_req_duration\{method:GET,name:\/orders\} p\(50\)\n {4}[▁-█]{24}\n {4} {15}↑\n.*\n +↑ slower by [12]\d\.\d %/,
    )
    expect(oneLine(output)).toMatch(/from 2026-12-05 09:30 on: \S+\/12\/result\.json, commit=c15/)
    expect(output).toContain(`The page: `)
    expect(code).toBe(0)
    expect(readFileSync(html, 'utf8')).toContain('<h1>WORSE</h1>')
  })

  it('prints JSON, of the newest runs only, with the same answer for the same seed', async () => {
    const folder = scratchFolder()
    writeDays(folder, 12)
    const args = ['history', folder, '--json', '--last', '10', '--seed', '3']
    const [one, other] = await Promise.all([loadcell(args), loadcell(args)])
    const document = JSON.parse(one.output) as RunHistory
    const { format, groups } = document
    expect(schemaErrors('history-1.json', document)).toEqual([])
    expect({ format, runs: groups[0]?.runs.map(({ id }) => id), older: groups[0]?.olderRuns }).toEqual({
      format: 'loadcell.history/1',
      runs: Array.from({ length: 10 }, (_, index) => `day-${index + 2}`),
      older: 2,
    })
    expect(one.output).toBe(other.output)
  })

  it('leaves out what cannot be used and tells why, and shows the rest', async () => {
    const folder = scratchFolder()
    writeDays(folder, 3)
    const whole = JSON.stringify(storedRun({ id: 'whole' }))
    const invalid = { ...storedRun({ id: 'invalid' }), validity: { state: 'invalid', findings: [] } }
    const interrupted = { ...storedRun({ id: 'cut' }), outcome: { state: 'interrupted', detail: 'Stopped by SIGINT.' } }
    for (const [name, content] of [
      ['empty', ''],
      ['part', whole.slice(0, 700)],
      ['foreign', '{"metrics":{}}'],
      ['newer', whole.replace('loadcell.run/1', 'loadcell.run/9')],
      ['copy', JSON.stringify(storedRun({ id: 'day-1', day: 1 }))],
      ['invalid', invalid],
      ['interrupted', interrupted],
      ['later', whole.replace(/"startedAt":\d+/, '"startedAt":1e300')],
    ] as const)
      writeRun(join(folder, 'x', name, 'result.json'), content)
    const { code, output } = await loadcell(['history', folder])
    const said = oneLine(output)
    for (const reason of [
      /left out: \S+empty\/result\.json is empty/,
      /left out: \S+part\/result\.json is not JSON, or only a part of it/,
      /left out: \S+foreign\/result\.json is not the result of a Loadcell run/,
      /left out: \S+newer\/result\.json has the format loadcell\.run\/9/,
      /left out: \S+copy\/result\.json is the same run as /,
      /left out: \S+invalid\/result\.json: it is invalid/,
      /left out: \S+interrupted\/result\.json: it is not a complete run/,
      /left out: \S+later\/result\.json is damaged, .* run\.startedAt: expected/,
    ])
      expect(said).toMatch(reason)
    expect(said).toContain('checkout: 3 runs from')
    expect(code).toBe(0)
    const forced = await loadcell(['history', folder, '--force'])
    expect(oneLine(forced.output)).toContain('checkout: 5 runs from')
  })

  it('rejects folders and options that cannot be used with 104, and overwrites nothing', async () => {
    const folder = scratchFolder()
    writeDays(folder, 2)
    mkdirSync(join(folder, 'none'))
    writeRun(join(folder, 'bad/result.json'), '{}')
    writeFileSync(join(folder, 'mine.html'), 'mine')
    const ends = await Promise.all(
      (
        [
          [[join(folder, 'none')], /there is no result\.json in \S+none/],
          [[join(folder, 'nowhere')], /none of these results can be used:\n {2}there is no file \S+nowhere/],
          [[join(folder, 'bad')], /none of these results can be used:\n {2}\S+ is not the result of a Loadcell run/],
          [[folder, '--html', join(folder, 'mine.html')], /mine\.html exists already, and nothing is overwritten/],
          [[folder, '--html', join(folder, 'no/such.html')], /such\.html cannot be written to: ENOENT/],
          [[folder, '--last', '1'], /expected an integer 2…1000, got "1"/],
          [[], /missing required argument 'results'/],
        ] as [string[], RegExp][]
      ).map(async ([args, message]) => ({ ...(await loadcell(['history', ...args])), message })),
    )
    for (const { code, output, message } of ends) {
      expect(output).toMatch(message)
      expect(code).toBe(104)
    }
    expect(readFileSync(join(folder, 'mine.html'), 'utf8')).toBe('mine')
  })

  it('leaves no page behind if there is nothing to show', async () => {
    const folder = scratchFolder()
    writeRun(join(folder, 'bad/result.json'), '{}')
    const html = join(folder, 'history.html')
    expect((await loadcell(['history', folder, '--html', html])).code).toBe(104)
    expect(existsSync(html)).toBe(false)
  })
})
