import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Server } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'

/** Servers and generators live on different cores, so that neither's load is the other's noise. */
export type Role = 'server' | 'generator'

/** A process of the bench that talks over its IPC channel: it says something once it is ready, then answers orders. */
export interface Child<Ready> {
  readonly ready: Ready
  /** One order at a time. */
  ask: <Answer>(order: unknown) => Promise<Answer>
  /** CPU time it has used so far, all threads; NaN where there is no /proc. */
  cpuSeconds: () => number
  stop: () => Promise<void>
}

/** The message of every server once it listens. */
export interface ServerAddress {
  url: string
}

/** The message of a generator. */
export type Idle = 'idle'

const STARTS_WITHIN_MS = 20_000
const ANSWERS_WITHIN_MS = 120_000
const STOPS_WITHIN_MS = 5000
/** Linux reports CPU time in these whatever the kernel's tick is. */
const PROC_TICKS_PER_SECOND = 100

const cores = allowedCores()

/** The cores that servers and generators are pinned to; undefined when there are not two, or no taskset. */
export const pinnedTo: Record<Role, number> | undefined =
  cores.length >= 2 && spawnSync('taskset', ['--version']).status === 0
    ? { server: cores[0] as number, generator: cores[1] as number }
    : undefined

/** The words of a command line that keeps the command on its role's core. */
export function pinned(role: Role, ...command: string[]): [executable: string, ...args: string[]] {
  const words = pinnedTo === undefined ? command : ['taskset', '-c', String(pinnedTo[role]), ...command]
  return words as [string, ...string[]]
}

/** Starts a module of ours on its role's core. */
export async function startChild<Ready>(role: Role, module: URL): Promise<Child<Ready>> {
  const file = fileURLToPath(module)
  const [executable, ...words] = pinned(role, process.execPath, file)
  const child = spawn(executable, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ready = (await nextMessage(child, STARTS_WITHIN_MS, file)) as Ready
  return {
    ready,
    async ask<Answer>(order: unknown) {
      const answer = nextMessage(child, ANSWERS_WITHIN_MS, file)
      child.send(order as object)
      return (await answer) as Answer
    },
    cpuSeconds: () => cpuSeconds(child.pid as number),
    stop: () => end(child),
  }
}

/** The child's side: says what `startChild` waits for, and ends when the bench does. */
export function sayReady(ready: ServerAddress | Idle): void {
  process.on('disconnect', () => process.exit())
  process.send?.(ready)
}

/** The child's side: answers what `ask` sends. The child knows which requests it is sent. */
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

function nextMessage(child: ChildProcess, withinMs: number, file: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer)
      child.off('message', answered)
      child.off('exit', exited)
      act()
    }
    const answered = (message: unknown) => settle(() => resolve(message))
    const exited = (code: number | null, signal: string | null) =>
      settle(() => reject(new Error(`${file} ended with ${signal ?? `exit code ${String(code)}`}`)))
    const timer = setTimeout(
      () => settle(() => reject(new Error(`${file} said nothing within ${withinMs / 1000} s`))),
      withinMs,
    )
    child.once('message', answered)
    child.once('exit', exited)
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

function cpuSeconds(pid: number): number {
  try {
    // Nanoseconds, where the kernel keeps them; threads that ended are left out, and servers here end none.
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
    // The command's name may hold spaces; what follows its closing bracket does not.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / PROC_TICKS_PER_SECOND
  } catch {
    return Number.NaN
  }
}

/** Most files that one of our processes may have open; without /proc no limit is known. */
export function mostOpenFiles(): number {
  try {
    // Node raises the soft limit to the hard one when it starts.
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return Number(limit ?? Number.POSITIVE_INFINITY)
  } catch {
    return Number.POSITIVE_INFINITY
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

/** Listens on a free loopback port and tells the bench where. */
export function listen(server: Server | NetServer): void {
  server.listen(0, '127.0.0.1', () => sayReady({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
}
