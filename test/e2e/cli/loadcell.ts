import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import type { RunResult } from '../../../harness/results/run-result.ts'

export const main = resolve(import.meta.dirname, '../../../cli/main.js')
const scratch = mkdtempSync(join(tmpdir(), 'loadcell-'))

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

export interface Finished {
  code: number | null
  output: string
}

export interface Started {
  child: ChildProcess
  /** Everything it has printed so far on stdout and stderr. */
  output(): string
  /** Resolves once its output matches. */
  said(pattern: RegExp): Promise<void>
  finished: Promise<Finished>
}

/** Starts the command line as a user does, in a process of its own. */
export function startLoadcell(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}): Started {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? scratchFolder(),
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const listeners = new Set<() => void>()
  const keep = (chunk: Buffer) => {
    output += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const finished = new Promise<Finished>(resolve => child.once('close', code => resolve({ code, output })))
  const said = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(output)) return
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      look()
      void finished.then(({ code }) =>
        reject(new Error(`ended with ${code} without saying ${String(pattern)}:\n${output}`)),
      )
    })
  return { child, output: () => output, said, finished }
}

export const loadcell = (args: string[], options: Parameters<typeof startLoadcell>[1] = {}): Promise<Finished> =>
  startLoadcell(args, options).finished

export function scratchFolder(): string {
  return mkdtempSync(join(scratch, 'folder-'))
}

export function writeScenario(source: string, file = 'scenario.ts'): string {
  const path = join(scratchFolder(), file)
  writeFileSync(path, source)
  return path
}

export function readResult(folder: string): RunResult {
  return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as RunResult
}

/** Returns the process id of the embedded target, a child of the command. */
export async function targetOf(parent: number): Promise<number> {
  const ps = spawn('ps', ['-o', 'pid=,args=', '--ppid', String(parent)])
  let listed = ''
  for await (const chunk of ps.stdout) listed += String(chunk)
  return Number(/(\d+) \S+ .*main\.js target/.exec(listed)![1])
}
