import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { LeftBehind } from '../../../../../cli/audit/trial/left-behind.ts'

async function sleeper(env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn('sleep', ['60'], { env: { ...process.env, ...env }, detached: true, stdio: 'ignore' })
  await once(child, 'spawn')
  return child
}

it.runIf(existsSync('/proc/self/environ'))('ends processes of one command, and no others', async () => {
  const [ours, others] = [new LeftBehind('1.a'), new LeftBehind('1.ab')]
  const [daemon, stranger] = [await sleeper(ours.env), await sleeper(others.env)]
  const ended = once(daemon, 'exit')
  ours.end()
  expect(await ended).toEqual([null, 'SIGKILL'])
  expect({ code: stranger.exitCode, signal: stranger.signalCode }).toEqual({ code: null, signal: null })
  stranger.kill('SIGKILL')
})
