import { formatNumber } from '../../core/number-format.ts'
import { didYouMean } from '../../core/nearest.ts'
import { askRun, type FoundRun, findRuns, Unanswered } from '../../harness/live-control/control-client.ts'
import { type ControlCommand, readCommand } from '../../harness/live-control/control-command.ts'
import type { LoadStatus, RunStatus } from '../../harness/live-control/run-controls.ts'
import { NoSocketFolder } from '../../harness/live-control/socket-folder.ts'
import { formatOffset } from '../../harness/report/quantity.ts'
import { plain } from '../../harness/report/terminal.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError } from '../process/input-error.ts'
import { textTable } from '../output/text-table.ts'

export interface CtlFlags {
  json?: true
}

export interface ScaleFlags extends CtlFlags {
  users?: number
  rate?: number
  factor?: number
  load?: string
}

/** Lists the runs of this user. */
export async function list({ json }: CtlFlags): Promise<void> {
  const runs = await running()
  if (json) return print(runs.map(({ status }) => status))
  if (runs.length === 0) return write(['No run of this user goes on now.'])
  write(
    textTable(
      ['run', 'scenario', 'since', 'state'],
      runs.map(({ status }) => [status.id, plain(status.scenario), sinceOf(status), stateOf(status)]),
    ),
  )
}

export async function status(run: string | undefined, { json }: CtlFlags): Promise<void> {
  const { status } = chosen(await running(), run)
  if (json) print(status)
  else write(statusLines(status))
}

export async function scale(run: string | undefined, { json, users, rate, factor, load }: ScaleFlags): Promise<void> {
  const given = Object.fromEntries(
    Object.entries({ users, rate, factor, load }).filter(([, value]) => value !== undefined),
  )
  await give(run, commandOf({ kind: 'scale', ...given }), { ...(json && { json }) })
}

/** @throws InputError */
function commandOf(value: unknown): ControlCommand {
  try {
    return readCommand(value)
  } catch (error) {
    throw new InputError(
      `scale: ${(error as Error).message}`,
      'Give one of --users, --rate and --factor, such as --factor 2.',
    )
  }
}

/** Gives a command to a run, and prints its answer. @throws InputError if it is refused */
export async function give(run: string | undefined, command: ControlCommand, { json }: CtlFlags): Promise<void> {
  const { path, status } = run === undefined ? ownOf(await running(), command) : chosen(await running(), run)
  const { acknowledgement } = await askRun(path, command).catch(error => {
    if (!(error instanceof Unanswered)) throw error
    throw new InputError(`${status.id}: ${plain(error.message)}`, undefined, exitCodes.targetUnreachable)
  })
  if (acknowledgement === undefined)
    throw new InputError(`${status.id}: the run answered something else`, 'Is it a run of another version of Loadcell?')
  if (json) print({ run: status.id, ...acknowledgement })
  if (acknowledgement.state === 'refused') {
    const { reason, nextStep } = acknowledgement
    throw new InputError(`${status.id}: ${plain(reason)}`, nextStep === undefined ? undefined : plain(nextStep))
  }
  if (!json) write([`${status.id}: ${plain(acknowledgement.detail)}`])
}

async function running(): Promise<FoundRun[]> {
  try {
    return await findRuns(process.env, reason => process.stderr.write(`Note: ${plain(reason)}\n`))
  } catch (error) {
    if (error instanceof NoSocketFolder) throw new InputError(`runs cannot be controlled here: ${error.message}`)
    throw error
  }
}

/** Returns the run that is meant. @throws InputError if there is none, or if it is not clear which */
function chosen(runs: readonly FoundRun[], name: string | undefined): FoundRun {
  const told = runs.map(({ status: { id, scenario } }) => `  ${id} (${plain(scenario)})`).join('\n')
  if (runs.length === 0) throw new InputError('no run of this user goes on now', undefined, exitCodes.targetUnreachable)
  const exact = runs.find(({ status }) => status.id === name)
  const matching =
    exact === undefined
      ? runs.filter(({ status: { id, scenario } }) => name === undefined || id.startsWith(name) || scenario === name)
      : [exact]
  const [only, ...others] = matching
  if (only === undefined) {
    const names = runs.flatMap(({ status: { id, scenario } }) => [id, scenario])
    throw new InputError(
      `no run ${JSON.stringify(name)} goes on now${didYouMean(name ?? '', names)}`,
      `There are:\n${told}`,
    )
  }
  if (others.length > 0) {
    const those = matching.map(({ status: { id } }) => `  ${id}`).join('\n')
    throw new InputError(`${matching.length} runs match; name one of them:\n${those}`)
  }
  return only
}

/**
 * Returns the run that a command without a name changes: the only one, if it was started in this folder. A run that was started elsewhere may
 * belong to another task, which would not expect that.
 * @throws InputError
 */
function ownOf(runs: readonly FoundRun[], { kind }: ControlCommand): FoundRun {
  const found = chosen(runs, undefined)
  const { id, scenario, folder } = found.status
  if (folder === process.cwd()) return found
  throw new InputError(
    `the only run that goes on was started elsewhere: ${id} (${plain(scenario)}), in ${plain(folder)}`,
    `If it is meant, name it: loadcell ctl ${kind} ${id}`,
  )
}

function statusLines(status: RunStatus): string[] {
  const { id, scenario, targetUrl, loads } = status
  return [
    `${id}  ${plain(scenario)} · ${plain(targetUrl)} · since ${sinceOf(status)}`,
    stateOf(status),
    ...loads.map(load => `  ${loadLine(load)}`),
  ]
}

function loadLine({ name, inWords, isPaused, isOver, factor }: LoadStatus): string {
  const states = [
    isOver && 'over',
    isPaused && !isOver && 'paused',
    factor !== 1 && `scaled to ${formatNumber(factor)} × the plan`,
  ]
  return [name === undefined ? plain(inWords) : `${plain(name)}: ${plain(inWords)}`, ...states.filter(Boolean)].join(
    ' · ',
  )
}

function stateOf({ state, elapsedMs, endsAtMs, loads }: RunStatus): string {
  if (elapsedMs === undefined || endsAtMs === undefined) return state
  const paused = loads.filter(({ isPaused, isOver }) => isPaused && !isOver).length
  const some = state === 'running' && paused > 0 ? `, ${paused} of ${loads.length} loads paused` : ''
  return `${state} ${formatOffset(elapsedMs)} of ${formatOffset(endsAtMs)}${some}`
}

function sinceOf({ since }: RunStatus): string {
  return `${new Date(since).toISOString().slice(0, 19)}Z`
}

function print(value: unknown): void {
  write([JSON.stringify(value, null, 2)])
}

function write(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
