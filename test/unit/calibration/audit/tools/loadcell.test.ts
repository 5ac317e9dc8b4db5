import { describe, expect, it } from 'vitest'
import { loadcell } from '../../../../../calibration/audit/tools/loadcell.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const sample = 'loadcell-0.1.0/faulty.json'
const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }

describe('a result of the harness', () => {
  it('has the requests, statuses and bytes of the ledger', () => {
    const { total, rows } = loadcell.read([toolSample(sample)])
    const { arrivals, statuses, bytesOut } = ledgerOfSample(sample)
    expect({ requests: total.requests, statuses: total.statuses, bytes: total.receivedBytes }).toEqual({
      requests: arrivals,
      statuses,
      bytes: bytesOut,
    })
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(arrivals)
    expect(rows.map(({ name }) => name)).toContain('GET /api/v1/products/{id}')
  })

  it('tells failed requests, thresholds and checks, and the run that it names in its requests', () => {
    const { total, failedThresholds, failedChecks, run } = loadcell.read([toolSample(sample)])
    expect(total.failures).toBe(ledgerOfSample(sample).statuses['503'])
    expect(failedThresholds).toContain('http_req_failed: rate==0')
    expect(Object.values(failedChecks ?? {}).every(count => count > 0)).toBe(true)
    expect(run).toMatch(/^browse-/)
  })

  it('is refused when it is of another version', () => {
    const text = toolSample(sample).bytes.toString().replace('loadcell.run/1', 'loadcell.run/9')
    expect(refusalOf(loadcell, sourceOfText(text, 'result.json'))).toMatch(/result\.json: expected result\.json of/)
  })
})

describe('a command of the harness', () => {
  it('gets the address and a folder for its result, unless it has them', () => {
    const command = { program: 'loadcell', args: ['run', 'browse', '--vus', '5'] }
    expect(loadcell.prepare(command, target, '/tmp/a')).toMatchObject({
      args: ['run', 'browse', '--vus', '5', '--target', target.url, '--out', '/tmp/a/loadcell'],
      files: ['/tmp/a/loadcell/result.json'],
      requested: { users: 5 },
    })
    const own = { program: 'loadcell', args: ['run', 'x.ts', '--target=http://a', '--out', 'here'] }
    expect(loadcell.prepare(own, target, '/tmp/a')).toMatchObject({
      args: own.args,
      added: [],
      files: ['here/result.json'],
    })
  })
})
