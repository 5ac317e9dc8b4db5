import { describe, expect, it } from 'vitest'
import { gatling } from '../../../../../calibration/audit/tools/gatling.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }
const binary = () => toolSample('gatling-3.15.1/simulation.log')
const text = () => toolSample('gatling-3.10.5/simulation.log')
const report = (file: string) => toolSample(`gatling-3.10.5/${file}`)

describe('gatling', () => {
  it.each([
    { version: '3.15.1', source: binary, sentAgain: 1 },
    { version: '3.10.5', source: text, sentAgain: 2 },
  ])(
    'counts in version $version what the ledger has, but requests that it sent again once',
    ({ version, source, sentAgain }) => {
      const { total, version: written } = gatling.read([source()])
      const { arrivals, statuses, unanswered } = ledgerOfSample(`gatling-${version}/simulation.log`)
      const errors = Object.values(total.errors ?? {}).reduce((sum, count) => sum + count, 0)
      expect({ version: written, requests: total.requests, failures: total.failures, errors }).toEqual({
        version,
        requests: arrivals - sentAgain,
        // A check expects the 404.
        failures: (statuses[503] ?? 0) + unanswered - sentAgain,
        errors: unanswered - sentAgain,
      })
    },
  )

  it.each([
    { version: '3.15.1', source: binary },
    { version: '3.10.5', source: text },
  ])('has names of version $version with their groups, in any script', ({ source }) => {
    expect(gatling.read([source()]).rows.map(({ name, requests }) => ({ name, requests }))).toEqual(
      ['list', 'GET /api/v1/products/{id} – größer 東京', 'shop / one product', 'missing'].map(name => ({
        name,
        requests: 20,
      })),
    )
  })

  it('computes the percentiles that Gatling 3.15.1 printed', () => {
    const { latency } = gatling.read([binary()]).total
    expect(latency).toMatchObject({ minMs: 15, maxMs: 369, meanMs: 87.5 })
    expect(latency?.percentiles.filter(({ percentile }) => percentile === 99)).toEqual([
      { percentile: 99, valueMs: 369 },
    ])
  })

  it('knows when each request began', () => {
    expect(gatling.read([binary()]).samples?.[0]).toEqual({
      name: 'list',
      startedAt: 1795949832551,
      elapsedMs: 118,
      status: 0,
      failed: false,
    })
  })

  it('has errors apart from failed checks', () => {
    expect(gatling.read([text()]).total.errors).toEqual({ 'j.i.IOException: Premature close': 1 })
  })

  it('reads the numbers of its report when the log is gone', () => {
    const stats = gatling.read([report('global_stats.json'), report('stats.json')])
    const log = gatling.read([text()])
    expect(stats.sources).toEqual(['stats.json'])
    const countsOf = ({ rows }: typeof log) =>
      Object.fromEntries(rows.map(({ name, requests, failures }) => [name, { requests, failures }]))
    expect(countsOf(stats)).toEqual(countsOf(log))
    expect(gatling.read([report('global_stats.json')]).total).toEqual(stats.total)
  })

  it('reads the log of a whole folder, and the latest of several', () => {
    const folder = [report('stats.json'), sourceOfText('<html></html>'), text(), binary()]
    const { version, remarks } = gatling.read(folder)
    expect(version).toBe('3.10.5')
    expect(remarks).toContain('2 runs are in the folder: this is the latest')
  })

  it('says when users have no end in the log', () => {
    const lines = text().bytes.toString().split('\n')
    const stopped = lines.filter((line, index) => !(line.includes('\tEND\t') && index > lines.length - 12)).join('\n')
    expect(gatling.read([sourceOfText(stopped)]).remarks.at(-1)).toMatch(
      /^\d+ users have no end in the log: the run was stopped, or the log is cut off$/,
    )
  })

  it('is refused with the byte where a binary log ends or is damaged', () => {
    const { name, bytes } = binary()
    const damaged = Buffer.from(bytes)
    damaged[0x6f] = 9
    expect({
      cut: refusalOf(gatling, { name, bytes: bytes.subarray(0, 200) }),
      damaged: refusalOf(gatling, { name, bytes: damaged }),
    }).toEqual({
      cut: expect.stringMatching(
        /^simulation\.log: expected a simulation\.log of Gatling 3\.15\.1, but it ends in the middle of a record at byte \d+ of 200\. It is cut off, or/,
      ),
      damaged: expect.stringMatching(
        /but it has a record of kind 9 at byte 112 of 3002\. It is cut off, or of a version whose log is not known/,
      ),
    })
  })

  it('is refused with the line of a text log that is damaged, cut off or too old', () => {
    const log = text().bytes.toString()
    expect({
      cut: refusalOf(gatling, sourceOfText(log.slice(0, -3))),
      damaged: refusalOf(gatling, sourceOfText(log.replace('\tOK\t', '\tMAYBE\t'))),
      old: refusalOf(gatling, sourceOfText(log.replace('3.10.5', '2.3.1'))),
    }).toEqual({
      cut: expect.stringMatching(
        /^report: line \d+: the log ends in the middle of a line\. Let Gatling end by itself\.$/,
      ),
      damaged: expect.stringMatching(/^report: line \d+: expected group, name, start, end, OK or KO, and message/),
      old: expect.stringMatching(
        /^report: line 3: expected a run of Gatling 3\.4 or newer, got "RUN Small small \d+ {3}2\.3\.1"/,
      ),
    })
  })

  it.each([
    { command: 'gatling.sh -s Small', added: ['-rf', '/audit'] },
    { command: 'java -cp lib/* io.gatling.app.Gatling -s Small', added: ['-rf', '/audit'] },
    { command: 'mvn gatling:test', added: ['-Dgatling.resultsFolder=/audit'] },
  ])('is asked for its log by $command', ({ command, added }) => {
    const [program = '', ...args] = command.split(' ')
    expect(gatling.prepare({ program, args }, target, '/audit')).toMatchObject({
      args: [...args, ...added],
      files: ['/audit'],
    })
  })

  it('keeps its own folder', () => {
    const command = { program: 'gatling.sh', args: ['-rf', 'mine'] }
    expect(gatling.prepare(command, target, '/audit')).toMatchObject({ args: command.args, added: [], files: ['mine'] })
  })
})
