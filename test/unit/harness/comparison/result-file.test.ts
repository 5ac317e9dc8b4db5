import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { comparedRun } from '../../../../harness/comparison/compared-run.ts'
import { readResultFile, UnusableResult } from '../../../../harness/comparison/result-file.ts'
import { storedRun, writeRun } from '../../../support/stored-runs.ts'

const folder = mkdtempSync(join(tmpdir(), 'loadcell-results-'))
afterAll(() => rmSync(folder, { recursive: true }))

const good = storedRun({ id: 'good' })
const [series] = good.series
const withSeries = (value: object) => ({ ...good, series: [{ ...series, ...value }] })
const read = (path: string) => readResultFile(path, comparedRun)

describe('readResultFile', () => {
  it('reads a result from its file or its folder', () => {
    const path = writeRun(join(folder, 'good/result.json'), good)
    expect(read(path)).toMatchObject({ path, id: 'good', defects: [] })
    expect(read(join(folder, 'good')).figures).toEqual(read(path).figures)
  })

  it('reads a result that an editor has saved with a byte order mark', () => {
    const path = join(folder, 'marked.json')
    writeFileSync(path, `\ufeff${JSON.stringify(good)}`)
    expect(read(path)).toMatchObject({ id: 'good', defects: [] })
  })

  it('says that a run was changed while it ran', () => {
    const liveControl = { changes: [{ atMs: 1, kind: 'pause' }], pausedMs: 1, scheduleEndMs: 2 }
    expect(read(writeRun(join(folder, 'changed.json'), { ...good, liveControl })).defects).toEqual([
      'it was changed while it ran, so its load is not the one that was planned',
    ])
  })

  it('skips metrics that this version does not know', () => {
    const { figures } = read(
      writeRun(join(folder, 'more.json'), {
        ...good,
        series: [...good.series, { metric: 'constructor', tags: {}, value: { kind: 'counter', total: 1 } }],
      }),
    )
    expect(figures.size).toBe(comparedRun('good', good).figures.size)
  })

  it('reads the metrics that a scenario declared, unless they are of another kind or have a name of the harness', () => {
    const declared = { unit: 'EUR', better: 'higher' }
    const { figures } = read(
      writeRun(join(folder, 'custom.json'), {
        ...good,
        customMetrics: [
          { name: 'sold', kind: 'counter', ...declared },
          { name: 'left', kind: 'gauge', ...declared },
          { name: 'http_reqs', kind: 'trend', ...declared },
        ],
        series: [
          ...good.series,
          { metric: 'sold', tags: { kind: 'book' }, value: { kind: 'counter', total: 50 } },
          { metric: 'left', tags: {}, value: { kind: 'counter', total: 1 } },
          { metric: 'unheard_of', tags: {}, value: { kind: 'counter', total: 1 } },
        ],
      }),
    )
    expect(figures.get('sold rate')?.statistic).toMatchObject({ custom: { unit: 'EUR', better: 'higher' } })
    expect([...figures.keys()].filter(name => /^(left|unheard_of)/.test(name))).toEqual([])
    expect(figures.size).toBe(comparedRun('good', good).figures.size + 1)
  })

  it.each<[string, unknown, RegExp]>([
    [
      'a metric of an unknown kind',
      { ...good, customMetrics: [{ name: 'sold', kind: 'sum', unit: '', better: 'higher' }] },
      /customMetrics\[0\]\.kind: expected .*, got "sum"/,
    ],
    ['null', 'null', /is not the result of a Loadcell run/],
    ['an array', '[1]', /is not the result of a Loadcell run/],
    ['bytes', '\u0000\u0001', /is not JSON, or only a part of it/],
    ['no run', { ...good, run: undefined }, /is damaged, or not the result of a run: run: expected .*, got nothing/],
    [
      'a duration below zero',
      { ...good, run: { ...good.run, durationMs: -1 } },
      /run\.durationMs: expected .*, got -1/,
    ],
    ['series that are none', { ...good, series: {} }, /series: expected an array, got an object/],
    [
      'a counter below zero',
      withSeries({ metric: 'http_reqs', value: { kind: 'counter', total: -1 } }),
      /series\[0\]\.value\.total: expected .*, got -1/,
    ],
    [
      'a counter whose sum with others is infinite',
      withSeries({ metric: 'http_reqs', value: { kind: 'counter', total: 1.7e308 } }),
      /series\[0\]\.value\.total: expected .*, got/,
    ],
    [
      'more hits than samples',
      withSeries({ metric: 'http_req_failed', value: { kind: 'rate', hits: 3, total: 2 } }),
      /is damaged: series\[0\]\.value has 3 hits of 2/,
    ],
    ['a start that is no date', { ...good, run: { ...good.run, startedAt: 1e300 } }, /run\.startedAt: expected/],
    ['a timeline that is none', { ...good, timeline: [{ atMs: 1 }] }, /timeline\[0\]\.requestsPerSecond: expected/],
    [
      'a damaged histogram',
      withSeries({
        metric: 'http_req_duration',
        value: { kind: 'trend', histogram: { hdr: 'AAAA', count: 1, sumMs: 1, minMs: 1, maxMs: 1 } },
      }),
      /is damaged: expected an encoded histogram/,
    ],
  ])('rejects %s', (what, content, message) => {
    const path = writeRun(join(folder, `${what}.json`), content)
    expect(() => read(path)).toThrow(message)
    expect(() => read(path)).toThrow(UnusableResult)
  })

  it('rejects what is not a file, and waits for no writer of a pipe', () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(() => read(pipe)).toThrow(/pipe is not a file/)
    expect(() => read('x'.repeat(10_000))).toThrow(/cannot be read: ENAMETOOLONG/)
    expect(() => read('/dev/null')).toThrow(/is not a file/)
    expect(() => read(join(folder, 'none'))).toThrow(/there is no file/)
  })
})
