import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'

/** A target in a process of its own, with the memory limit of its container. */
export interface FencedTarget {
  readonly url: string
  readonly port: number
  readonly child: ChildProcess
  /** Resident memory of the process, in MB. */
  rssMb(): number
  /** Values of the metrics of this name, by the value of their only label, or by ''. */
  metrics(name: string): Promise<Record<string, number>>
  /** Publishes an event, and returns the status. */
  publish(data: object, headers?: Record<string, string>): Promise<number>
}

const MAIN = resolve(import.meta.dirname, '../../cli/main.js')
/** V8's default in a container of 512 MB. */
const HEAP_MB = 256

/** Starts a target without an ambient feed. It is stopped after the test and must not have ended before. */
export async function fencedTarget(settings: Record<string, string> = {}): Promise<FencedTarget> {
  const quiet = { 'log.level': 'error', 'feed.orders': '0', 'feed.inventory': '0', 'feed.pricing': '0' }
  const flags = Object.entries({ ...quiet, 'auth.issueCost': '0s', ...settings }).flatMap(([key, value]) => [
    '--set',
    `${key}=${value}`,
  ])
  const child = fork(MAIN, ['target', '--port', '0', ...flags], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
  })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await ended
    }
  })
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  const token = await tokenOf(url)
  let ordinal = 0
  return {
    url,
    port: Number(new URL(url).port),
    child,
    rssMb() {
      const [, pages] = readFileSync(`/proc/${child.pid}/statm`, 'utf8').split(' ')
      return (Number(pages) * 4096) / 2 ** 20
    },
    async metrics(name) {
      const text = await (await fetch(`${url}/metrics`)).text()
      const found = text.matchAll(new RegExp(`^${name}(?:\\{\\w+="([^"]*)"\\})? (\\S+)$`, 'gm'))
      return Object.fromEntries([...found].map(([, label = '', value]) => [label, Number(value)]))
    },
    async publish(data, headers = {}) {
      ordinal += 1
      const body = JSON.stringify({ event_type: 'order.created', event_id: `e${ordinal}`, partition_key: 'k', data })
      const answer = await fetch(`${url}/v1/events/publish`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        body,
      })
      await answer.arrayBuffer()
      return answer.status
    },
  }
}

async function tokenOf(url: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'producer-service',
    client_secret: 'producer-secret',
  })
  const answer = await fetch(`${url}/oauth/token`, { method: 'POST', body })
  return ((await answer.json()) as { access_token: string }).access_token
}
