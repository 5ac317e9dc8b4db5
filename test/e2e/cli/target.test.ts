import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { parse } from 'yaml'
import { loadcell, scratchFolder, startLoadcell } from './loadcell.ts'

describe('loadcell target', () => {
  const start = async ({ onTestFinished }: TestContext) => {
    const target = startLoadcell(['target', '--port', '0'])
    onTestFinished(() => void target.child.kill('SIGKILL'))
    await target.said(/listening on http\S+/)
    return { target, url: /listening on (http\S+)/.exec(target.output())![1]! }
  }

  it('listens on loopback only, prints its address and that of its live page, and answers', async test => {
    const { target, url } = await start(test)
    expect(new URL(url).hostname).toBe('127.0.0.1')
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ status: 'ok' })
    await target.said(/Watch and change it live: http\S+/)
    const [, pageUrl] = /change it live: (http\S+)/.exec(target.output()) ?? []
    expect(pageUrl).toBe(`${url}/_loadcell/ui`)
    const page = await (await fetch(pageUrl!)).text()
    expect(page).toContain('<title>Target · Loadcell</title>')
    const script = await fetch(`${url}/_loadcell/ui/target/main.js`)
    expect(script.headers.get('content-type')).toContain('text/javascript')
    await script.text()
    expect(target.output()).not.toContain('ExperimentalWarning')
  })

  it('ends the feeds of its live page when it stops', async test => {
    const { target, url } = await start(test)
    const feed = await fetch(`${url}/_loadcell/ui/feed`)
    const body = feed.text()
    target.child.kill('SIGTERM')
    expect(await body).toContain('event: hello')
    expect((await target.finished).code).toBe(0)
  })

  it('ends open streams cleanly and exits with 0 on SIGTERM', async test => {
    const { target, url } = await start(test)
    const token = await fetch(`${url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'notification-dashboard',
        client_secret: 'consumer-secret',
      }),
    })
    const { access_token } = (await token.json()) as { access_token: string }
    const stream = await fetch(`${url}/v1/streams/orders`, { headers: { authorization: `Bearer ${access_token}` } })
    const body = stream.text()
    target.child.kill('SIGTERM')
    // The promise would reject if the body were cut off.
    expect(await body).toContain('retry: 2000')
    expect((await target.finished).code).toBe(0)
  })

  it('reads defaults, file, environment and flags in that order, and prints the source of each value', async () => {
    const folder = scratchFolder()
    const file = join(folder, 'target.yaml')
    writeFileSync(
      file,
      'seed: 7\nstreams: { partitions: 4, historyEvents: 50 }\nauth: { tokenTtl: 5m }\ncontrol: { token: hidden-word }\n',
    )
    const { code, output } = await loadcell(['target', '--config', file, '--seed', '9', '--print-config'], {
      env: { LOADCELL_STREAMS_PARTITIONS: '16', LOADCELL_SEED: '8' },
    })
    expect(code).toBe(0)
    const printed = parse(output) as Record<string, Record<string, unknown>>
    expect(printed['seed']).toBe(9)
    expect(printed['streams']).toMatchObject({ partitions: 16, historyEvents: 50 })
    expect(printed['auth']).toMatchObject({ tokenTtl: '5m', mode: 'lenient' })
    expect(output).toMatch(/partitions: 16 .*LOADCELL_STREAMS_PARTITIONS/)
    expect(output).not.toMatch(/hidden-word|super-secret/)
  })

  it('gives an instruction if the port is taken', async test => {
    const { url } = await start(test)
    const { code, output } = await loadcell(['target', '--port', new URL(url).port])
    expect(code).toBe(104)
    expect(output).toMatch(/port \d+ .*(taken|in use)[^]*--port/)
  })
})
