import { type ChildProcess, fork } from 'node:child_process'
import { resolve } from 'node:path'
import type { OpenFiles } from '../../harness/results/circumstances.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError } from '../process/input-error.ts'
import { OpenFilesWatch } from './open-files.ts'
import type { TargetMessage } from './serve.ts'

/** A target in a process of its own, so that it does not share an event loop with the generator. */
export interface EmbeddedTarget extends TargetMessage {
  /** Returns how the process ended, if it ended before `stop`. */
  lost(): string | undefined
  /** Returns the number of open files, once it has reached the limit. */
  outOfFiles(): OpenFiles | undefined
  /** Stops the target. It may drain until `hurry` aborts. */
  stop(hurry?: AbortSignal): Promise<void>
}

const STARTS_WITHIN_MS = 60_000
const STOPS_WITHIN_MS = 8000

/**
 * @param settings its configuration, as text by dotted key.
 * @param options `signal` aborts the start with its reason; `config` is a file with more of its configuration.
 * @throws InputError with the target's output when it does not start.
 */
export async function startEmbeddedTarget(
  settings: Record<string, string>,
  { signal, config }: { signal?: AbortSignal; config?: string | undefined } = {},
): Promise<EmbeddedTarget> {
  const main = resolve(import.meta.dirname, '../main.js')
  const flags = Object.entries({ 'log.level': 'warn', ...settings }).flatMap(([key, value]) => [
    '--set',
    `${key}=${value}`,
  ])
  const file = config === undefined ? [] : ['--config', config]
  const child = fork(main, ['target', '--port', '0', ...file, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let said = ''
  const keep = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000))
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const urls = await listening(child, () => said, signal)
  const files = new OpenFilesWatch(child.pid!)
  let stopping = false
  return {
    ...urls,
    lost() {
      if (stopping || (child.exitCode === null && child.signalCode === null)) return undefined
      return `the embedded target ended with ${child.signalCode ?? `exit code ${child.exitCode}`}${said === '' ? '' : `: ${said.trim()}`}`
    },
    outOfFiles: () => files.exhausted,
    async stop(hurry) {
      stopping = true
      files.stop()
      await end(child, hurry)
    },
  }
}

/** Calls `use` with the URL of a target that was started for it, and stops the target afterwards: at once after `stop`. */
export async function withEmbeddedTarget<T>(
  settings: Record<string, string>,
  use: (targetUrl: string) => Promise<T>,
  stop: AbortSignal,
): Promise<T> {
  const target = await startEmbeddedTarget(settings, { signal: stop })
  try {
    return await use(target.url)
  } finally {
    await target.stop(stop)
  }
}

async function listening(
  child: ChildProcess,
  said: () => string,
  signal: AbortSignal | undefined,
): Promise<TargetMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<TargetMessage>()
  const fail = (why: string, exitCode: number = exitCodes.badInput) =>
    reject(new InputError(`the embedded target did not start: ${why}`, said().trim() || undefined, exitCode))
  const giveUp = () => reject(signal!.reason as Error)
  const timer = setTimeout(() => fail(`it did not listen within ${STARTS_WITHIN_MS / 1000} s`), STARTS_WITHIN_MS)
  signal?.addEventListener('abort', giveUp)
  if (signal?.aborted === true) giveUp()
  child.once('message', resolve)
  // The machine may be at its limit of processes or open files.
  child.on('error', error => fail(`${error.message}; see \`ulimit -n\` and \`ulimit -u\``, exitCodes.invalidRun))
  child.once('exit', (code, signal) => fail(`it ended with ${signal ?? `exit code ${code}`}`))
  try {
    return await promise
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}

/** Asks the target to stop by closing its channel, and kills one that does not. */
function end(child: ChildProcess, hurry: AbortSignal | undefined): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  if (hurry?.aborted) {
    // Nothing can delay its end, so there is no need to wait.
    child.kill('SIGKILL')
    return Promise.resolve()
  }
  return new Promise(resolve => {
    const cut = () => child.kill('SIGKILL')
    const timer = setTimeout(cut, STOPS_WITHIN_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      hurry?.removeEventListener('abort', cut)
      resolve()
    })
    hurry?.addEventListener('abort', cut)
    if (child.connected) child.disconnect()
  })
}
