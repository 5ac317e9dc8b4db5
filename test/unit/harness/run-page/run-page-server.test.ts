import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { RunPageServer } from '../../../../harness/run-page/run-page-server.ts'
import type { RunView } from '../../../../harness/run-page/run-view.ts'

const FILES = '/proc/self/fd'

describe('the server of the page of a run', () => {
  it.runIf(existsSync(FILES))('closes a report whose reader leaves before its end', async () => {
    const server = await RunPageServer.open(0, {} as RunView)
    const folder = mkdtempSync(join(tmpdir(), 'loadcell-report-'))
    onTestFinished(() => {
      server.close()
      rmSync(folder, { recursive: true })
    })
    const path = join(folder, 'report.html')
    // More than the buffers of both ends hold.
    writeFileSync(path, Buffer.alloc(64 * 1024 * 1024))
    server.report(path)
    const { origin } = new URL(server.address)
    const leaving = new AbortController()
    const response = await fetch(`${origin}/report`, { signal: leaving.signal })
    expect({ status: response.status, isOpen: isOpen(path) }).toEqual({ status: 200, isOpen: true })
    leaving.abort()
    await vi.waitFor(() => expect(isOpen(path)).toBe(false), { timeout: 20_000 })
  })

  it('gives no place of a viewer to a HEAD of the feed, which would never end', async () => {
    const server = await RunPageServer.open(0, {} as RunView)
    onTestFinished(() => server.close())
    const { origin } = new URL(server.address)
    const { status } = await fetch(`${origin}/feed`, { method: 'HEAD' })
    expect({ status, viewers: server.viewers.count }).toEqual({ status: 404, viewers: 0 })
  })

  it('refuses commands without the key, and says where the key is', async () => {
    const server = await RunPageServer.open(0, {} as RunView)
    onTestFinished(() => server.close())
    const { origin } = new URL(server.address)
    const response = await fetch(`${origin}/commands`, { method: 'POST', body: '{}' })
    expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({
      status: 401,
      type: 'application/problem+json',
    })
    expect(await response.json()).toEqual({ status: 401, detail: expect.stringContaining('behind the #') })
  })
})

/** Tells whether this process has the file open. */
function isOpen(path: string): boolean {
  return readdirSync(FILES).some(descriptor => {
    try {
      return readlinkSync(join(FILES, descriptor)) === path
    } catch {
      // The descriptor of the listing itself is closed by now.
      return false
    }
  })
}
