import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError } from '../process/input-error.ts'
import type { Interrupts } from '../process/interrupts.ts'

/** Runs of one scenario against two targets, in turn. */
export interface InterleavedRounds {
  scenario: string
  /** URL of each side; without one, each run has an embedded target. */
  targets: Record<'a' | 'b', string | undefined>
  rounds: number
  /** Folder for the runs: `a-1`, `b-1`, `b-2`, `a-2` … */
  out: string
  /** The first round has this seed, and each further round the next one. Both runs of a round have the same. */
  seed: number
  duration?: string | undefined
  /** Further flags of each run. */
  flags: readonly string[]
}

/** Exit codes of runs whose results can be compared, or are rejected with a reason by the comparison. */
const reported: readonly (number | null)[] = [exitCodes.ok, exitCodes.thresholdsFailed, exitCodes.invalidRun]

/**
 * Runs both sides in turn, and every other round in reverse order, so that a machine that becomes slower slows both alike.
 * @returns the folders of the runs of each side.
 * @throws InputError when a run cannot be completed.
 */
export async function runRounds(plan: InterleavedRounds, interrupts: Interrupts): Promise<Record<'a' | 'b', string[]>> {
  if (existsSync(plan.out))
    throw new InputError(`${plan.out} exists already, and nothing is overwritten`, 'Give another folder with --out.')
  const folders: Record<'a' | 'b', string[]> = { a: [], b: [] }
  for (let round = 1; round <= plan.rounds; round++) {
    for (const side of round % 2 === 1 ? (['a', 'b'] as const) : (['b', 'a'] as const)) {
      process.stderr.write(`round ${round} of ${plan.rounds}: ${side} …\n`)
      const folder = join(plan.out, `${side}-${round}`)
      await runOnce(plan, { side, round, folder }, interrupts)
      folders[side].push(folder)
    }
  }
  return folders
}

async function runOnce(
  { scenario, targets, out, seed, duration, flags }: InterleavedRounds,
  { side, round, folder }: { side: 'a' | 'b'; round: number; folder: string },
  interrupts: Interrupts,
): Promise<void> {
  const main = resolve(import.meta.dirname, '../main.js')
  const target = targets[side]
  const child = spawn(
    process.execPath,
    [
      main,
      'run',
      scenario,
      '--quiet',
      '--out',
      folder,
      '--seed',
      String((seed + round - 1) % 2 ** 32),
      ...(target === undefined ? [] : ['--target', target]),
      ...(duration === undefined ? [] : ['--duration', duration]),
      ...flags,
    ],
    // In a group of its own, a Ctrl-C reaches it only through this process, and only once.
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  )
  let interrupted = false
  interrupts.takeOver(signal => {
    interrupted = true
    child.kill(signal)
  })
  let said = ''
  const keep = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const { promise, resolve: end, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject)
  child.once('close', end)
  const code = await promise
  // A run that had just ended does not notice the signal.
  if (reported.includes(code) && interrupted)
    throw new InputError(
      `interrupted in round ${round}; the runs until then are in ${out}`,
      undefined,
      exitCodes.interrupted,
    )
  if (reported.includes(code)) return
  throw new InputError(
    `run ${side} of round ${round} ended with ${code === null ? 'a signal' : `exit code ${code}`}; earlier runs are in ${out}\n${said.trim()}`,
    undefined,
    code ?? exitCodes.interrupted,
  )
}
