import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openEvent } from './event.ts'
import type { LoadOrder, LoadReading } from './load-order.ts'
import { pinned } from './process.ts'

const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

export function wrkIsHere(): boolean {
  return spawnSync('wrk', ['--version']).error === undefined
}

export async function runWrk({ url, connections, seconds, token }: LoadOrder): Promise<LoadReading> {
  const { before, after } = openEvent()
  const publish = token === undefined ? [] : ['--', token, before, after]
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script]
  const [executable, ...words] = pinned('generator', 'wrk', ...flags, url, ...publish)
  const { stdout } = await promisify(execFile)(executable, words)
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as LoadReading
}
