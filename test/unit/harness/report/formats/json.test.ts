import { describe, expect, it } from 'vitest'
import { resultJson } from '../../../../../harness/report/formats/json.ts'
import { failedRun } from '../fixture.ts'

describe('result.json', () => {
  it('is the result, with a line for each list of numbers', () => {
    const run = failedRun()
    run.run.description = '[\n  1,\n  2\n]'
    const text = resultJson(run)
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(run)))
    expect(text).toContain(
      `"toMs": ${JSON.stringify(run.breakdown.names.toMs).replaceAll(/(?<=[[,])|(?=\])/g, ' ')},\n`,
    )
    const heat = text.slice(text.indexOf('"heat"')).split('\n')
    expect(heat[1]).toMatch(/^ +\[ \d+(, \d+)+ \],$/)
    expect(text).toContain('\n  "run": {\n    "id": "r-7f3a",\n')
  })
})
