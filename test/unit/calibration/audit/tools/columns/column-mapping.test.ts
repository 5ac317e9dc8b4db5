import { describe, expect, it } from 'vitest'
import { parseColumnMapping } from '../../../../../../calibration/audit/tools/columns/column-mapping.ts'
import { ReportError } from '../../../../../../calibration/audit/tool.ts'

describe('parseColumnMapping', () => {
  it('takes columns, units and a value that means failure', () => {
    expect(parseColumnMapping('name=label, elapsed=took:us ,status=code,startedAt=at:iso,failed=ok:no')).toEqual({
      name: { column: 'label' },
      elapsed: { column: 'took', msPerUnit: 0.001 },
      status: { column: 'code' },
      startedAt: { column: 'at', msPerUnit: 'iso' },
      failed: { column: 'ok', value: 'no' },
    })
  })

  it('takes a unit within the name of a member', () => {
    expect(parseColumnMapping('elapsedMs=took,startedAtMs=at')).toEqual({
      elapsed: { column: 'took', msPerUnit: 1 },
      startedAt: { column: 'at', msPerUnit: 1 },
    })
  })

  it('takes names with separators in quotes', () => {
    expect(parseColumnMapping('elapsed="time, total: all":s,failed="a=b":"x,y"')).toEqual({
      elapsed: { column: 'time, total: all', msPerUnit: 1000 },
      failed: { column: 'a=b', value: 'x,y' },
    })
  })

  it.each([
    ['', /expected a column for elapsed, got ""/],
    ['name=label', /expected a column for elapsed/],
    ['elapsed=took', /expected a unit of elapsed \(ns, us, µs, ms, s\), got none/],
    ['elapsed=took:min', /got "min"/],
    ['elapsed=took:constructor', /got "constructor"/],
    ['elapsed=took:ms,startedAt=at', /expected a unit of startedAt \(.*iso\), got none/],
    ['elapsedMs=took:s', /elapsedMs is in ms, got the unit "s"/],
    ['elapsed=a:ms,elapsed=b:ms', /elapsed is mapped twice/],
    ['elapsed=a:ms,stauts=b', /expected one of name, .*got "stauts". Did you mean status\?/],
    ['elapsed=a:ms,status=b:c', /status has no unit or value, got "c"/],
    ['elapsed', /expected member=column/],
    ['elapsed=:ms', /expected member=column/],
    ['elapsed=a:ms,,status=b', /expected a list like/],
    ['elapsed="a:ms', /expected a list like/],
  ])('refuses %j', (text, message) => {
    expect(() => parseColumnMapping(text)).toThrow(ReportError)
    expect(() => parseColumnMapping(text)).toThrow(message)
  })
})
