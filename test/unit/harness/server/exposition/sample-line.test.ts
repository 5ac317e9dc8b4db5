import { describe, expect, it } from 'vitest'
import { MalformedExposition, parseSample } from '../../../../../harness/server/exposition/sample-line.ts'

describe('parseSample', () => {
  it.each([
    ['a bare name', 'up 1', { name: 'up', labels: {}, value: 1 }],
    [
      'labels',
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      { name: 'http_requests_total', labels: { method: 'post', code: '200' }, value: 1027 },
    ],
    [
      'escapes',
      String.raw`msdos{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9`,
      {
        name: 'msdos',
        labels: { path: String.raw`C:\DIR\FILE.TXT`, error: 'Cannot find file:\n"FILE.TXT"' },
        value: 1_458_255_915,
      },
    ],
    [
      'spaces and a comma at the end',
      'x { a = "1" , b="2", }  +Inf',
      { name: 'x', labels: { a: '1', b: '2' }, value: Number.POSITIVE_INFINITY },
    ],
    [
      'an infinite bound and a negative timestamp',
      'something_weird{problem="division by zero"} -Inf -3982045',
      { name: 'something_weird', labels: { problem: 'division by zero' }, value: Number.NEGATIVE_INFINITY },
    ],
    ['no number', 'rate NaN', { name: 'rate', labels: {}, value: Number.NaN }],
    [
      'an exemplar',
      'foo_bucket{le="10"} 17 1520879607.789 # {trace_id="KOO5S4vxi0o"} 9.8 1520879607.7',
      { name: 'foo_bucket', labels: { le: '10' }, value: 17 },
    ],
    [
      'an exemplar without a timestamp before it',
      'foo_total 17.0 # {trace_id="x # y"} 9.8',
      { name: 'foo_total', labels: {}, value: 17 },
    ],
    [
      'a quoted name',
      '{"http.server.duration", "net.host"="a"} 4',
      { name: 'http.server.duration', labels: { 'net.host': 'a' }, value: 4 },
    ],
    [
      'braces and commas in a value',
      'x{a="},{",b="="} 1e-3',
      { name: 'x', labels: { a: '},{', b: '=' }, value: 0.001 },
    ],
  ])('reads %s', (_what, line, sample) => {
    expect(parseSample(line)).toEqual(sample)
  })

  it('keeps a label that is called like a member of every object', () => {
    expect(Object.entries(parseSample('x{__proto__="1",constructor="2"} 3').labels)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
  })

  it.each([
    ['no name', '{a="1"} 2', 'expected the name of a metric'],
    ['a name that begins with a digit', '9lives 1', 'expected the name of a metric, got "9lives 1"'],
    ['no value', 'up', 'expected a value, got the end of the line'],
    ['no value behind labels', 'up{a="1"}', 'expected a value, got the end of the line'],
    ['a value that is no number', 'up yes', 'expected a number, got "yes"'],
    ['a hexadecimal number', 'up 0x1F', 'expected a number, got "0x1F"'],
    ['text behind the value', 'up 1 soon', 'expected a timestamp or the end of the line, got "soon"'],
    ['a label without quotes', 'up{a=1} 2', 'expected the value of a label in quotes, got "1} 2"'],
    ['an unclosed value', 'up{a="1} 2', 'expected the value of a label in quotes, got "\\"1} 2"'],
    ['unclosed labels', 'up{a="1"', 'expected a comma or } behind a label, got the end of the line'],
    ['an escape that does not exist', String.raw`up{a="\t"} 2`, 'expected the value of a label in quotes'],
    ['a label twice', 'up{a="1",a="2"} 2', 'expected the label a once'],
    ['two names', 'up{"down"} 2', 'expected one name'],
    ['HTML', '<!doctype html>', 'expected the name of a metric, got "<!doctype html>"'],
  ])('refuses %s', (_what, line, message) => {
    expect(() => parseSample(line)).toThrow(MalformedExposition)
    expect(() => parseSample(line)).toThrow(message)
  })
})
