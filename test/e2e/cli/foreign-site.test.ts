import { join, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { countsOfLog, countsOfResult } from '../../support/foreign-site/access-log.ts'
import { startNodeSite } from '../../support/foreign-site/node-site.ts'
import { loadcell, readResult, scratchFolder } from './loadcell.ts'

const visitor = resolve(import.meta.dirname, '../../support/foreign-site/visitor.ts')

it('a visitor of a foreign site logs in, uploads and asks an API, and the logs of both servers agree with the result', async () => {
  const site = await startNodeSite()
  onTestFinished(() => site.close())
  const out = join(scratchFolder(), 'run')
  const { code, output } = await loadcell([
    'run',
    visitor,
    '--target',
    site.urls.site,
    '--host',
    `api=${site.urls.api}`,
    '--out',
    out,
    '--quiet',
  ])
  expect(code, output).toBe(0)
  const counts = countsOfLog(site.log)
  expect(countsOfResult(readResult(out))).toEqual(counts)
  expect(counts['POST /photos 201']).toMatchObject({ requests: 6 })
  expect(counts['POST api:/v1/answers 200']).toMatchObject({ requests: 6 })
  // Neither server learns who sends the load, and the API, on another host, sees no cookies of the site.
  expect(site.log.filter(({ tells, agent }) => tells.length > 0 || agent !== null)).toEqual([])
  expect(site.log.filter(({ server, cookies }) => server === 'api' && cookies.length > 0)).toEqual([])
})
