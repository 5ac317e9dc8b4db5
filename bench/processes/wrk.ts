import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openEvent } from '../wire/event.ts'
import type { FixedRequest, LoadOrder, LoadReading } from './load.ts'
import { pinned } from './process.ts'

/** wrk counts a later answer as failed. Its default of 2 s is too short on a busy machine. */
const TIMEOUT_SECONDS = 20

const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

export function wrkIsHere(): boolean {
  return spawnSync('wrk', ['--version']).error === undefined
}

export async function runWrk({ url, connections, seconds, request, token }: LoadOrder): Promise<LoadReading> {
  const flags = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    `--timeout=${TIMEOUT_SECONDS}s`,
    '-s',
    script,
    ...headerFlags(request),
  ]
  const [executable, ...words] = pinned('generator', 'wrk', ...flags, url, '--', ...scriptWords(request, token))
  const { stdout } = await promisify(execFile)(executable, words)
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as LoadReading
}

function headerFlags(request: FixedRequest | undefined): string[] {
  return Object.entries(request?.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
}

function scriptWords(request: FixedRequest | undefined, token: string | undefined): string[] {
  if (request !== undefined) return ['send', request.method, ...(request.body === undefined ? [] : [request.body])]
  if (token === undefined) return []
  const { before, after } = openEvent()
  return ['publish', token, before, after]
}
