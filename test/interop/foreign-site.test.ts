import { type ChildProcess, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { engineNames } from '../../harness/client/engine/engine-names.ts'
import { loadcell, readResult, scratchFolder } from '../e2e/cli/loadcell.ts'
import { type LoggedRequest, countsOfLog, countsOfResult } from '../support/foreign-site/access-log.ts'
import { pythonWith } from './python.ts'

const python = pythonWith('flask_wtf', 'Flask-WTF')
const visitor = resolve(import.meta.dirname, '../support/foreign-site/visitor.ts')
const script = resolve(import.meta.dirname, 'foreign/site.py')

/** Starts the site, and resolves with its URLs and the log that it keeps. */
async function startSite(): Promise<{ urls: { site: string; api: string }; log: LoggedRequest[] }> {
  const child: ChildProcess = spawn(python ?? '', [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout! })
  const log: LoggedRequest[] = []
  const urls = await new Promise<{ site: string; api: string }>((resolve, reject) => {
    child.once('exit', code => reject(new Error(`the site ended with ${code}`)))
    lines.once('line', line => {
      resolve(JSON.parse(line) as { site: string; api: string })
      lines.on('line', line => log.push(JSON.parse(line) as LoggedRequest))
    })
  })
  return { urls, log }
}

describe.skipIf(python === undefined)('a shop of Flask and Flask-WTF', () => {
  it.each(engineNames)(
    'has in its own log what a run with the engine %s counts, request for request and byte for byte',
    async engine => {
      const site = await startSite()
      const out = join(scratchFolder(), 'run')
      const host = `api=${site.urls.api}`
      const { code, output } = await loadcell([
        'run',
        visitor,
        '--target',
        site.urls.site,
        '--host',
        host,
        '--out',
        out,
        '--engine',
        engine,
      ])
      expect(code, output).toBe(0)
      const counts = countsOfResult(readResult(out))
      await expect.poll(() => countsOfLog(site.log)).toEqual(counts)
      expect(Object.fromEntries(Object.entries(counts).map(([what, { requests }]) => [what, requests]))).toEqual({
        'GET / 302': 6,
        'GET /login 200': 6,
        'POST /login 403': 6,
        'POST /login 302': 6,
        'GET /account 200': 6,
        'POST /photos 201': 6,
        'GET api:/v1/orders 200': 6,
        'POST api:/v1/answers 200': 6,
      })
      expect(site.log.filter(({ tells }) => tells.length > 0)).toEqual([])
      expect(site.log.filter(({ server, cookies }) => server === 'api' && cookies.length > 0)).toEqual([])
    },
  )
})
