import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadcell, readResult, scratchFolder, startLoadcell, targetOf, writeScenario } from './loadcell.ts'

const scenario = () =>
  writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-vus', vus: 2, duration: '3s', gracefulStop: '300ms' },
  users: [user('reader', { think: '50ms', iterate: ({ http }) => http.get('/products') })],
})`)

/** Runs against a server that answers twenty requests and then behaves as `last` says. */
async function runAgainst(last: 'ends' | 'hangs' | 'only lets one request wait') {
  let answered = 0
  const server = createServer((request, response) => {
    if (request.url !== '/products') return response.writeHead(404).end()
    answered += 1
    if (answered <= 20) return response.end('{}')
    if (last === 'only lets one request wait') return undefined
    server.close()
    if (last === 'ends') server.closeAllConnections()
    return undefined
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const out = scratchFolder()
  const { code } = await loadcell(['run', scenario(), '--target', target, '--warmup', '0', '--out', out])
  server.closeAllConnections()
  server.close()
  return { code, result: readResult(out) }
}

it.each(['ends', 'hangs'] as const)('a target that %s shortly before the run does is lost', async last => {
  const { code, result } = await runAgainst(last)
  expect(code).toBe(97)
  expect(result.outcome).toMatchObject({
    state: 'target_lost',
    detail: expect.stringMatching(/^The target has not answered since /),
  })
})

it('a target that still answers some requests is not lost', async () => {
  const { code, result } = await runAgainst('only lets one request wait')
  expect(result.outcome.state).toBe('completed')
  expect(code).toBe(0)
})

it('a target that stands still is named while the run goes on, and is not lost when it answers again', async () => {
  const run = startLoadcell([
    'run',
    writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-vus', vus: 2, duration: '1h', gracefulStop: '300ms' },
  users: [user('reader', { think: '50ms', iterate: ({ http }) => http.get('/products') })],
})`),
    '--warmup',
    '0',
  ])
  await run.said(/running 0:0\d/)
  const target = await targetOf(run.child.pid!)
  process.kill(target, 'SIGSTOP')
  await run.said(/target silent for \d+s/)
  process.kill(target, 'SIGCONT')
  await run.said(/running(?!.*silent).*\n[^]*target silent[^]*running(?!.*silent).*\n/)
  run.child.kill('SIGINT')
  expect((await run.finished).code).toBe(105)
})

describe('a server that stops answering', () => {
  /** Starts a server and a short run against it. */
  async function startAgainst(answer: (path: string, response: ServerResponse) => void) {
    const asked: string[] = []
    const server = createServer(({ url = '' }, response) => {
      asked.push(url)
      answer(url, response)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const run = startLoadcell(['run', scenario(), '--target', target, '--warmup', '0'])
    return { run, asked: () => asked.filter(path => path.startsWith('/_loadcell/ledger')) }
  }

  /** Answers what a run asks a target of Loadcell when it begins. */
  function answersAsLoadcell(path: string, response: ServerResponse): boolean {
    if (path === '/_loadcell/runs') response.end('{"boot":"b1"}')
    else if (path === '/_loadcell/usage') response.writeHead(404).end()
    else return false
    return true
  }

  it('is said to be waited for, and is not asked for a ledger if it is not one of Loadcell’s', async () => {
    let answered = 0
    const { run, asked } = await startAgainst((path, response) => {
      if (path === '/products' ? ++answered <= 20 : answered === 0) response.writeHead(404).end()
    })
    await run.said(/^waiting for an answer of the target …$/m)
    run.child.kill('SIGINT')
    expect((await run.finished).code).toBe(105)
    expect(asked()).toEqual([])
  })

  it('is asked for its ledger once if it was lost', async () => {
    let answered = 0
    const { run, asked } = await startAgainst((path, response) => {
      if (answersAsLoadcell(path, response)) return
      if (path === '/products' ? ++answered <= 20 : answered === 0) response.end('{}')
      else response.destroy()
    })
    const { code, output } = await run.finished
    expect({ code, output }).toEqual({ code: 97, output })
    expect(asked()).toEqual([expect.stringContaining('/ledger?run=')])
  })

  it('is said to be asked for its ledger', async () => {
    const { run } = await startAgainst((path, response) => {
      if (!answersAsLoadcell(path, response) && !path.startsWith('/_loadcell/')) response.end('{}')
    })
    await run.said(/^reading the ledger of the target …$/m)
    run.child.kill('SIGINT')
    run.child.kill('SIGTERM')
    await run.finished
  })
})
