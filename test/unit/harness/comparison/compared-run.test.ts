import { describe, expect, it } from 'vitest'
import { comparedRun } from '../../../../harness/comparison/compared-run.ts'
import { storedRun } from '../../../support/stored-runs.ts'

describe('comparedRun', () => {
  const stored = storedRun({ id: 'one' })
  const names = (series: typeof stored.series) => [...comparedRun('one.json', { ...stored, series }).figures.keys()]
  const within = (load: string) => stored.series.map(one => ({ ...one, tags: { ...one.tags, load } }))

  it('has figures of each load of a run with several', () => {
    const both = names([...within('browse'), ...within('sale')])
    expect(both).toContain('http_req_duration{load:browse} p(95)')
    expect(both).toContain('http_req_duration{load:sale} p(50)')
    expect(both).toContain('http_req_failed{load:sale} rate')
    expect(both).toEqual(expect.arrayContaining(names(stored.series)))
  })

  it('has the usual figures only where one load is all of the run', () => {
    expect(names(within('browse'))).toEqual(names(stored.series))
  })
})
