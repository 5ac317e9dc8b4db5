import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitCodes } from '../../../harness/results/exit-codes.ts'
import { root } from '../../support/markdown.ts'

const main = join(root, 'cli/main.js')

/** A folder for the files of a picture, which goes with the process. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-picture-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A command of Loadcell, whose output is kept. */
export class LoadcellProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  output = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    const keep = (chunk: Buffer) => void (this.output += chunk.toString())
    child.stdout!.on('data', keep)
    child.stderr!.on('data', keep)
    this.#ended = new Promise(resolve => child.once('close', resolve))
  }

  static start(args: readonly string[], cwd: string): LoadcellProcess {
    return new LoadcellProcess(spawn(process.execPath, [main, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] }))
  }

  /** Starts a command on a terminal of its own, with the size of a picture. */
  static onTerminal(args: readonly string[], cwd: string, size: { columns: number; rows: number }): LoadcellProcess {
    const command = `stty cols ${size.columns} rows ${size.rows}; exec ${[process.execPath, main, ...args].join(' ')}`
    const { CI: _, NO_COLOR: __, ...env } = process.env
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    return new LoadcellProcess(
      spawn('script', ['-qec', command, '/dev/null'], {
        cwd,
        stdio: [...stdio],
        env: { ...env, TERM: 'xterm-256color' },
      }),
    )
  }

  /** Returns what the output says. @throws if the command ends without saying it */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>()
    const look = () => {
      const found = pattern.exec(this.output)
      if (found !== null) resolve(found)
    }
    this.#child.stdout!.on('data', look)
    this.#child.stderr!.on('data', look)
    void this.#ended.then(() => reject(new Error(`the command did not say ${String(pattern)}:\n${this.output}`)))
    look()
    return promise
  }

  /** Waits for the end of a run. @throws if the run is not valid, such as on a busy machine; a lesson may fail its thresholds */
  async end(): Promise<void> {
    const code = await this.#ended
    if (code === exitCodes.ok || code === exitCodes.thresholdsFailed) return
    throw new Error(`the run is no picture of anything: take it on a quiet machine\n${this.output}`)
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#ended
  }
}
