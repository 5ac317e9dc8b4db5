import { join } from 'node:path'
import { lightestRecorded } from '../../calibration/capacity/recorded-probe.ts'
import { readLedger, type LedgerClientOptions, LedgerUnavailable } from '../../calibration/ledger-client.ts'
import {
  stationsOfReports,
  stationsOfRules,
  theoryOfCapacity,
  type TheoryStation,
} from '../../calibration/capacity/theory.ts'
import type { CapacityReport } from '../../contract/faults/station-report.ts'
import { systemClock } from '../../core/clock.ts'
import type { CapacityResult, CapacitySubject } from '../../harness/capacity/capacity-result.ts'
import { capacityOf } from '../../harness/capacity/finished-search.ts'
import { concealUrl } from '../../harness/client/address/url-credentials.ts'
import { ControlPlane, ControlPlaneError } from '../../harness/control/control-plane.ts'
import { isLoadcell } from '../../harness/control/recognise.ts'
import { isOpen } from '../../harness/load/plan.ts'
import type { Plan } from '../../harness/plan/plan.ts'
import { capacityFiles } from '../../harness/report/capacity/files.ts'
import { capacityLines, probeLine } from '../../harness/report/capacity/summary.ts'
import { reportLine } from '../../harness/report/summary.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { searchCapacity } from '../../harness/run/capacity-search.ts'
import { describeNetwork, environment } from '../../harness/run/description.ts'
import { recordedVariables } from '../../harness/scenario/given-variables.ts'
import { ProcessGuard } from '../../harness/run/process-guard.ts'
import { type EmbeddedTarget, startEmbeddedTarget } from '../target/embedded-target.ts'
import { tellError } from '../process/tell-error.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { ReportFolder, shortest, timestamp } from '../output/report-folder.ts'
import { tellDoubt } from '../options/network.ts'
import { type CommandContext, loadGuarded } from '../loading/command-context.ts'
import { absolute } from '../process/working-directory.ts'
import type { ScenarioFlags } from '../options/scenario-options.ts'
import { stopsOf } from '../process/stops.ts'
import { planFor } from '../target/embedded-trust.ts'
import { checkTargetFlags } from '../options/target-flags.ts'
import { type CapacityPlan, planCapacity } from './plan.ts'

/** Flags of `loadcell capacity`. */
export interface CapacityFlags extends ScenarioFlags {
  slo: string[]
  start?: number
  min?: number
  max?: number
  precision: number
  probe: string
  time: string
  probes: number
  out?: string
  quiet?: true
}

/** Searches from a scenario file to the report, and then ends the process, even if the scenario left timers or sockets behind. */
export async function findCapacity(
  fileOrName: string,
  flags: CapacityFlags,
  version: string,
  interrupts: Interrupts,
): Promise<never> {
  const guard = new ProcessGuard(exitCodes.badInput)
  const stops = stopsOf(interrupts, () => guard.leave(exitCodes.interrupted))
  const code = await completeSearch(fileOrName, flags, { version, guard, stops }).catch(tellError)
  return guard.leave(code)
}

/** @returns the exit code. @throws InputError */
async function completeSearch(fileOrName: string, flags: CapacityFlags, context: CommandContext): Promise<number> {
  const { stops } = context
  const file = await loadGuarded(fileOrName, flags.var, context)
  checkTargetFlags(flags)
  const planned = planCapacity(file, fileOrName, flags)
  planned.plan.doubts.forEach(tellDoubt)
  const wanted = flags.out ?? join('loadcell-results', `${file.name}-capacity-${timestamp()}`)
  const folder = ReportFolder.claim(wanted, capacityFiles)
  if (flags.out !== undefined && folder.path !== absolute(wanted))
    process.stderr.write(`Note: ${wanted} holds an earlier search; the report of this one goes to ${folder.path}\n`)
  let embedded: EmbeddedTarget | undefined
  try {
    stops.graceful.throwIfAborted()
    if (flags.target === undefined)
      embedded = await startEmbeddedTarget(planned.plan.targetSettings, { signal: stops.graceful })
  } catch (error) {
    folder.release()
    stops.graceful.throwIfAborted()
    throw error
  }
  try {
    const trusted = { ...planned, plan: planFor(planned.plan, embedded) }
    const result = await search(trusted, { ...context, flags, embedded })
    process.stdout.write(`${capacityLines(result).join('\n')}\n`)
    const { reportPath, problem } = folder.write(result)
    if (reportPath !== undefined) process.stdout.write(`${reportLine(shortest(reportPath))}\n\n`)
    if (problem !== undefined) process.stderr.write(`loadcell: ${problem}\n`)
    return result.exitCode
  } finally {
    await embedded?.stop(stops.atOnce)
  }
}

interface SearchRun extends CommandContext {
  flags: CapacityFlags
  embedded: EmbeddedTarget | undefined
}

/** Runs the probes, and compares their answer with theory where there is one. */
async function search(
  { plan, search, timeMs }: CapacityPlan,
  { flags, embedded, version, guard, stops }: SearchRun,
): Promise<CapacityResult> {
  const control = {
    targetUrl: embedded?.url ?? flags.target!,
    controlUrl: embedded === undefined ? flags.controlUrl : embedded.controlUrl,
    controlToken: process.env['LOADCELL_CONTROL_TOKEN'],
    network: plan.network,
    hurry: stops.atOnce,
  }
  const subject = subjectOf(plan, { targetUrl: control.targetUrl, embedded: embedded !== undefined })
  if (plan.loads.some(({ load }) => 'stages' in load) && flags.quiet !== true)
    process.stdout.write('The stages of the scenario are replaced by constant loads.\n')
  const stations = [...stationsOfRules(plan.faults?.rules ?? []), ...(await liveStations(new ControlPlane(control)))]
  const measured = await searchCapacity(plan, search, {
    clock: systemClock,
    signal: stops.graceful,
    kill: stops.atOnce,
    guard,
    ...control,
    embedded: embedded !== undefined,
    isLoadcell: embedded !== undefined || (await isLoadcell(new ControlPlane(control))),
    version,
    timeMs,
    ...(embedded !== undefined && { lost: () => embedded.lost() }),
    onProbe(probe, ordinal) {
      if (flags.quiet !== true) process.stdout.write(`${probeLine(probe, ordinal, subject)}\n`)
    },
  })
  const { startedAt, ...rest } = measured
  const result = capacityOf({ version, subject: { ...subject, startedAt }, search, ...rest })
  return withTheory(result, plan, stations, { ...control, clock: systemClock })
}

function subjectOf(plan: Plan, { targetUrl, embedded }: { targetUrl: string; embedded: boolean }): CapacitySubject {
  const { name, source, thresholds, engine, seed } = plan
  const { load, name: loadName } = plan.loads[0]!
  return {
    scenario: name,
    source,
    ...(loadName !== undefined && { load: loadName }),
    slo: thresholds.map(({ source: { metric, expression } }) => ({ metric, expression })),
    unit: isOpen(load) ? 'iterations per second' : 'users',
    ...(isOpen(load) && { arrivals: load.arrivals }),
    targetUrl: concealUrl(targetUrl),
    embedded,
    ...describeNetwork(plan, targetUrl),
    targetSettings: embedded ? plan.targetSettings : {},
    ...recordedVariables(plan.variables),
    faults: plan.faults?.rules.map(({ id }) => id) ?? [],
    engine,
    seed,
    startedAt: 0,
    environment: environment(),
  }
}

/** Returns the stations that a running Loadcell target has; none for another server. */
async function liveStations(control: ControlPlane): Promise<TheoryStation[]> {
  try {
    return stationsOfReports((await control.send<CapacityReport>('GET', '/capacity')).stations)
  } catch (error) {
    if (error instanceof ControlPlaneError || error instanceof TypeError) return []
    throw error
  }
}

/** Returns the result with what queueing theory predicts, if the target's ledger shows visits to a station. */
async function withTheory(
  result: CapacityResult,
  { thresholds }: Plan,
  stations: readonly TheoryStation[],
  ledgerOptions: LedgerClientOptions,
): Promise<CapacityResult> {
  const usable = result.probes.filter(({ state }) => state === 'meets' || state === 'unclear' || state === 'fails')
  if (stations.length === 0) return result
  try {
    const recorded = await lightestRecorded(usable, runId => readLedger(ledgerOptions, runId))
    if (recorded === undefined) return result
    const theory = theoryOfCapacity({ subject: result.subject, slo: thresholds, stations, ...recorded })
    if (theory === undefined) return result
    const { capacity } = result
    const error = capacity === undefined || theory.load === undefined ? undefined : capacity.estimate / theory.load - 1
    return { ...result, theory: { ...theory, ...(error !== undefined && { error }) } }
  } catch (error) {
    if (error instanceof LedgerUnavailable) return result
    throw error
  }
}
