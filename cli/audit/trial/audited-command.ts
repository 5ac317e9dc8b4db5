import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Clock } from '../../../core/clock.ts'
import type { CommandOutcome } from '../../../calibration/audit/audit-result.ts'
import { InputError } from '../../process/input-error.ts'
import { LeftBehind } from './left-behind.ts'

/** Most bytes of the command's output that are kept as its report. */
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024
/** Most of its error output that is looked at, from the end. */
const MOST_ERROR_CHARACTERS = 1000
/** Time that an ended command has to write its report, before it is killed. */
const STOPS_WITHIN_MS = 15_000
/** Time in which the rest of an ended command's output is read, if something outside of its group keeps it open. */
const OUTPUT_ENDS_WITHIN_MS = 2000
const CPU_EVERY_MS = 1000
/** Clock ticks a second in /proc, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

export interface CommandOptions {
  program: string
  args: readonly string[]
  env: Record<string, string>
  clock: Clock
  timeoutMs: number
  /** Ends the command gracefully. */
  signal: AbortSignal
  /** Ends it at once. */
  atOnce: AbortSignal
  /** Passes the command's output on to this process's own. */
  showsOutput: boolean
}

export interface EndedCommand extends Omit<CommandOutcome, 'added'> {
  stdout: Buffer
  /** Last line of its error output; empty without one. */
  lastError: string
}

/**
 * Runs a command to its end, in a process group of its own and with a mark in its environment, so that nothing it started is left behind.
 * @throws InputError when it cannot be started.
 */
export async function runCommand(options: CommandOptions): Promise<EndedCommand> {
  const { program, args, clock, timeoutMs } = options
  const startedAt = clock.wallTime()
  const startedMs = clock.now()
  const leftBehind = new LeftBehind(`${process.pid}.${Math.round(startedAt)}`)
  const child = start(options, leftBehind.env)
  const output = collect(child, options.showsOutput)
  const ended = endOf(child, program)
  const cpu = new CpuWatch(child.pid)
  let stopped: CommandOutcome['stopped']
  const stop = (reason: NonNullable<CommandOutcome['stopped']>) => {
    stopped ??= reason
    signalGroup(child, 'SIGINT')
    setTimeout(() => signalGroup(child, 'SIGKILL'), STOPS_WITHIN_MS).unref()
  }
  const timer = setTimeout(() => stop('timeout'), timeoutMs)
  const onSignal = () => stop('interrupted')
  const onKill = () => signalGroup(child, 'SIGKILL')
  options.signal.addEventListener('abort', onSignal)
  options.atOnce.addEventListener('abort', onKill)
  if (options.signal.aborted) onSignal()
  try {
    const { exitCode, signal } = await ended
    const cpuShare = cpu.share()
    return {
      program,
      args: [...args],
      startedAt,
      durationMs: clock.now() - startedMs,
      exitCode,
      ...(signal && { signal }),
      ...(stopped && { stopped }),
      ...(cpuShare !== undefined && { cpuShare }),
      ...output(),
    }
  } finally {
    clearTimeout(timer)
    cpu.stop()
    leftBehind.end()
    options.signal.removeEventListener('abort', onSignal)
    options.atOnce.removeEventListener('abort', onKill)
  }
}

/** @throws InputError where not even a process can be made. */
function start({ program, args, env }: CommandOptions, mark: Record<string, string>): ChildProcess {
  try {
    return spawn(program, args, {
      env: { ...process.env, ...env, ...mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Leads a group, which can be ended as a whole.
      detached: true,
    })
  } catch (error) {
    throw new InputError(`${JSON.stringify(program)} cannot be started: ${(error as Error).message}`)
  }
}

/** Keeps what the command prints, and passes it on. Beyond the limit the beginning is dropped: reports stand at the end. */
function collect(child: ChildProcess, shows: boolean): () => Pick<EndedCommand, 'stdout' | 'lastError'> {
  const chunks: Buffer[] = []
  let bytes = 0
  let errors = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    while (bytes > MOST_OUTPUT_BYTES && chunks.length > 1) bytes -= chunks.shift()!.length
    if (shows) process.stdout.write(chunk)
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-MOST_ERROR_CHARACTERS)
    if (shows) process.stderr.write(chunk)
  })
  return () => ({ stdout: Buffer.concat(chunks), lastError: errors.trim().split('\n').at(-1)!.trim() })
}

function endOf(child: ChildProcess, program: string): Promise<{ exitCode: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'ENOENT'
          ? 'there is no such program'
          : error.code === 'EACCES'
            ? 'it is not executable'
            : error.message
      reject(new InputError(`${program} cannot be started: ${reason}`, 'Is it installed, and on the PATH?'))
    })
    child.once('exit', () => {
      // What it has left in the background would keep its output open.
      signalGroup(child, 'SIGKILL')
      setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, OUTPUT_ENDS_WITHIN_MS).unref()
    })
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }))
  })
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // All of it has ended.
  }
}

/** Watches the CPU time of a process group, where /proc tells it. */
class CpuWatch {
  readonly #group: number | undefined
  readonly #timer: NodeJS.Timeout
  #previous: { ticks: number; atMs: number } | undefined
  /** Shares of one core, second by second. */
  readonly #shares: number[] = []

  constructor(group: number | undefined) {
    this.#group = group
    this.#timer = setInterval(() => this.#look(), CPU_EVERY_MS)
    this.#timer.unref()
    this.#look()
  }

  /** Returns the median: the start of a virtual machine takes all it gets for a second or two, which says nothing about the load. */
  share(): number | undefined {
    return this.#shares.toSorted((a, b) => a - b)[this.#shares.length >> 1]
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const ticks = this.#group === undefined ? undefined : groupTicks(this.#group)
    if (ticks === undefined) return
    const atMs = performance.now()
    if (this.#previous !== undefined) {
      const seconds = (atMs - this.#previous.atMs) / 1000
      const share = (ticks - this.#previous.ticks) / TICKS_PER_SECOND / seconds
      // Less than before: one of its processes has ended.
      if (share >= 0) this.#shares.push(share)
    }
    this.#previous = { ticks, atMs }
  }
}

/** Returns the CPU time of a process group in clock ticks; undefined where there is no /proc. */
function groupTicks(group: number): number | undefined {
  let ids: string[]
  try {
    ids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  } catch {
    return undefined
  }
  let ticks = 0
  for (const id of ids) {
    try {
      // Fields behind the name, which may hold spaces: state ppid pgrp … utime (12th) stime (13th).
      const stat = readFileSync(`/proc/${id}/stat`, 'latin1')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(fields[2]) === group) ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // It ended meanwhile.
    }
  }
  return ticks
}
