import { type ChildProcess, fork } from 'node:child_process'
import { extname, resolve } from 'node:path'
import { InputError } from './input-error.ts'
import type { TargetMessage } from './serve.ts'

/** A target in a process of its own, so that it shares no event loop with the generator. */
export interface EmbeddedTarget extends TargetMessage {
  /** Says how the process ended, if it ended before it was told to. */
  lost(): string | undefined
  stop(): Promise<void>
}

const STARTS_WITHIN_MS = 20_000
const STOPS_WITHIN_MS = 8000

/**
 * @param settings of its configuration, as text by dotted key.
 * @throws InputError when the target does not come up, with what it said.
 */
export async function startEmbeddedTarget(settings: Record<string, string>): Promise<EmbeddedTarget> {
  const main = resolve(import.meta.dirname, `main${extname(import.meta.filename)}`)
  const flags = Object.entries({ 'log.level': 'warn', ...settings }).flatMap(([key, value]) => [
    '--set',
    `${key}=${value}`,
  ])
  const child = fork(main, ['target', '--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let said = ''
  const keep = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000))
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const urls = await listening(child, () => said)
  let stopping = false
  return {
    ...urls,
    lost() {
      if (stopping || (child.exitCode === null && child.signalCode === null)) return undefined
      return `the embedded target ended with ${child.signalCode ?? `exit code ${child.exitCode}`}${said === '' ? '' : `: ${said.trim()}`}`
    },
    async stop() {
      stopping = true
      await end(child)
    },
  }
}

function listening(child: ChildProcess, said: () => string): Promise<TargetMessage> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new InputError(`the embedded target did not start: ${why}`, said().trim() || undefined))
    }
    const timer = setTimeout(() => fail(`it said nothing within ${STARTS_WITHIN_MS / 1000} s`), STARTS_WITHIN_MS)
    child.once('message', (message: TargetMessage) => {
      clearTimeout(timer)
      child.removeAllListeners('exit')
      resolve(message)
    })
    child.once('exit', (code, signal) => fail(`it ended with ${signal ?? `exit code ${code}`}`))
  })
}

/** Closing the channel asks it to stop; a target that does not is ended. */
function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    if (child.connected) child.disconnect()
  })
}
