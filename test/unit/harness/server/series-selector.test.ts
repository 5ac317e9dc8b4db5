import { describe, expect, it } from 'vitest'
import { choosesLabels, choosesName, parseSelectors } from '../../../../harness/server/series-selector.ts'

const idle = 'node_cpu_seconds_total{mode="idle"}'

describe('parseSelectors', () => {
  it.each([
    ['', []],
    ['up', ['up']],
    [`up, ${idle},go_*`, ['up', idle, 'go_*']],
    ['a{x="1,2",y!="}"},b', ['a{x="1,2",y!="}"}', 'b']],
    ['a,,b,', ['a', 'b']],
  ])('separates %s', (text, sources) => {
    expect(parseSelectors(text).map(({ source }) => source)).toEqual(sources)
  })

  it.each(['9up', 'up{mode="idle"', 'up{mode=idle}', 'up{mode}', 'up{="x"}', 'up down', 'up{mode="idle}', 'up}'])(
    'refuses %s',
    text => expect(() => parseSelectors(text)).toThrow(/^expected /),
  )

  it('chooses a metric by its own name or by that of a sample', () => {
    const [exact, prefix] = parseSelectors('http_request_duration_seconds,*_bucket')
    const name = 'http_request_duration_seconds'
    expect(choosesName(exact!, `${name}_bucket`, name)).toBe(true)
    expect(choosesName(prefix!, `${name}_bucket`, name)).toBe(true)
    expect(choosesName(prefix!, `${name}_sum`, name)).toBe(false)
  })

  it('chooses by labels, with * for any text, and takes a label that is missing for an empty one', () => {
    const [selector] = parseSelectors('x{mode="i*",cpu!="0"}')
    expect(choosesLabels(selector!, { mode: 'idle', cpu: '1' })).toBe(true)
    expect(choosesLabels(selector!, { mode: 'idle' })).toBe(true)
    expect(choosesLabels(selector!, { mode: 'idle', cpu: '0' })).toBe(false)
    expect(choosesLabels(selector!, { mode: 'user', cpu: '1' })).toBe(false)
  })
})
