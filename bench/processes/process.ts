import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { AddressInfo, Server as NetServer } from 'node:net'

/** Servers and generators run on different cores, so that neither disturbs the other. */
export type Role = 'server' | 'generator'

/** A process that serves. */
export interface ServerProcess {
  /** Empty for a generator. */
  readonly url: string
  /** CPU time used so far by all threads; NaN where there is no /proc. */
  cpuSeconds: () => number
  stop: () => Promise<void>
}

/** A process of the bench, which answers orders over its IPC channel. */
export interface Child extends ServerProcess {
  /** Sends one order at a time. */
  ask: <Answer>(order: unknown) => Promise<Answer>
}

/** The first message of every child. */
type ReadyMessage = Pick<Child, 'url'>

const STARTS_WITHIN_MS = 20_000
/** A JVM on a busy core takes several seconds. */
const PROGRAM_STARTS_WITHIN_MS = 60_000
const STARTING_ASKED_EVERY_MS = 100
const ANSWERS_WITHIN_MS = 120_000
const STOPS_WITHIN_MS = 5000
/** Unit of CPU time in `/proc/<pid>/stat`, whatever the kernel's own tick is. */
const PROC_TICKS_PER_SECOND = 100

const cores = allowedCores()

/** The cores that servers and generators are pinned to; undefined without two cores or without `taskset`. */
export const pinnedTo: Record<Role, number> | undefined =
  cores.length >= 2 && spawnSync('taskset', ['--version']).status === 0
    ? { server: cores[0] as number, generator: cores[1] as number }
    : undefined

/** Returns a command line that keeps the command on the core of its role. */
export function pinned(role: Role, ...command: string[]): [executable: string, ...args: string[]] {
  const words = pinnedTo === undefined ? command : ['taskset', '-c', String(pinnedTo[role]), ...command]
  return words as [string, ...string[]]
}

/**
 * Starts a module of the bench on the core of its role.
 * @param path relative to `bench/`.
 * @param argument value that the module reads with `childArgument`.
 */
export async function startChild(role: Role, path: string, argument?: unknown): Promise<Child> {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url))
  const [executable, ...words] = pinned(role, process.execPath, file, JSON.stringify(argument ?? null))
  const child = spawn(executable, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const { url } = (await nextMessage(child, STARTS_WITHIN_MS, file)) as ReadyMessage
  return {
    url,
    async ask<Answer>(order: unknown) {
      const answer = nextMessage(child, ANSWERS_WITHIN_MS, file)
      child.send(order as object)
      return (await answer) as Answer
    },
    cpuSeconds: () => cpuSecondsOf(child.pid as number),
    stop: () => end(child),
  }
}

/** A program of others that serves HTTP. */
export interface Program {
  cwd: string
  url: string
  /** It is ready when it answers this path with 200. */
  path: string
}

/** Starts a program of others on the core of its role. @throws Error if it does not answer in time */
export async function startProgram(
  role: Role,
  command: readonly [string, ...string[]],
  { cwd, url, path }: Program,
): Promise<ServerProcess> {
  const [executable, ...words] = pinned(role, ...command)
  const child = spawn(executable, words, { cwd, stdio: 'ignore' })
  let failure: string | undefined
  child.once('error', ({ message }) => (failure = message))
  child.once('exit', (code, signal) => (failure ??= `it ended with ${signal ?? `exit code ${String(code)}`}`))
  const stopWith = () => child.kill('SIGKILL')
  process.once('exit', stopWith)
  const startsUntil = performance.now() + PROGRAM_STARTS_WITHIN_MS
  while (!(await answers(url + path))) {
    failure ??= performance.now() > startsUntil ? `no answer within ${PROGRAM_STARTS_WITHIN_MS / 1000} s` : undefined
    if (failure !== undefined) {
      await end(child)
      throw new Error(`${command[0]} did not start: ${failure}`)
    }
    await sleep(STARTING_ASKED_EVERY_MS)
  }
  return {
    url,
    cpuSeconds: () => cpuSecondsOf(child.pid as number),
    stop: () => end(child).finally(() => process.off('exit', stopWith)),
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/** Called in a child: returns the argument of `startChild`. */
export function childArgument(): unknown {
  return JSON.parse(process.argv[2] as string)
}

/** Called in a child: tells `startChild` that it is ready, and makes it end with the bench. */
export function sayReady(url = ''): void {
  process.on('disconnect', () => process.exit())
  process.send?.({ url } satisfies ReadyMessage)
}

/** Called in a child: answers the orders of `ask`. Each child knows the type of its orders. */
export function serveOrders(fulfil: (order: never) => Promise<object | null>): void {
  process.on('message', order => {
    fulfil(order as never).then(
      answer => process.send?.(answer),
      error => {
        process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`)
        process.exit(1)
      },
    )
  })
}

/** Called in a child: listens on a free loopback port and tells the bench its URL. */
export function listen(server: NetServer): void {
  server.listen(0, '127.0.0.1', () => sayReady(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
}

function nextMessage(child: ChildProcess, withinMs: number, file: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const exited = (code: number | null, signal: string | null) =>
    reject(new Error(`${file} ended with ${signal ?? `exit code ${String(code)}`}`))
  const timer = setTimeout(() => reject(new Error(`${file} sent no message within ${withinMs / 1000} s`)), withinMs)
  child.once('message', resolve)
  child.once('exit', exited)
  return promise.finally(() => {
    clearTimeout(timer)
    child.off('message', resolve)
    child.off('exit', exited)
  })
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

/** Returns the CPU time that all threads of a process have used; NaN where there is no /proc. */
export function cpuSecondsOf(pid: number): number {
  try {
    // In nanoseconds, if the kernel counts them. Threads that have ended are missing, but no server here ends one.
    const threads = readdirSync(`/proc/${pid}/task`)
    const spent = threads.map(thread =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    )
    return spent.reduce((sum, ns) => sum + ns, 0) / 1e9
  } catch {
    return coarseCpuSeconds(pid)
  }
}

function coarseCpuSeconds(pid: number): number {
  try {
    // The name of the command may contain spaces, so the fields are counted from its closing bracket.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / PROC_TICKS_PER_SECOND
  } catch {
    return Number.NaN
  }
}

function allowedCores(): number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
    return list.split(',').flatMap(range => {
      const [first = 0, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
  } catch {
    return []
  }
}
