import type { Histogram } from '../../core/histogram.ts'
import type { CheckRow } from '../check-row.ts'
import { checkConnectionFaults } from './connection-faults-check.ts'
import { Decisions } from './decisions.ts'
import { checkDistributions } from './distributions-check.ts'
import { checkMessageFaults } from './message-faults-check.ts'
import { checkPresets } from './presets-check.ts'
import { checkQueueing } from '../stations/queueing-check.ts'
import { checkRequestFaults } from './request-faults-check.ts'
import { checkStations } from '../stations/stations-check.ts'
import type { CheckOptions, CheckSizes, TrialOptions } from '../trial.ts'

/** Settings that the target of a calibration starts with. */
export const calibrationSettings = {
  'http.serverTiming': 'true',
  'streams.partitions': '1',
  'streams.perTenant': '1000',
  'streams.idleKeepAlive': '200ms',
}

export interface FaultsCheckOptions extends Omit<TrialOptions, 'targetUrl'> {
  /** Calls `use` with a target that was started for it with these settings and the seed. */
  withTarget: <T>(settings: Record<string, string>, use: (targetUrl: string) => Promise<T>) => Promise<T>
  size: keyof typeof sizes
  /** Called before each step. */
  onStep?: (step: string) => void
}

export interface FaultsCheck {
  groups: { title: string; rows: CheckRow[] }[]
  /** Number of exchanges and messages with a decision, and the digests of all decisions of both targets. */
  decisions: { count: number; digests: [first: string, second: string] }
  /** How much longer delays were than planned. */
  late: Histogram
  level: number
}

/**
 * At this level, all of about two hundred intervals contain the true value in 98 of 100 calibrations. So one that does not shows a
 * defect.
 */
const LEVEL = 0.9999

const sizes: Record<'short' | 'full', CheckSizes> = {
  short: {
    requests: 100,
    draws: 100,
    events: 100,
    connections: 8,
    presetRequests: 50,
    readForMs: 4000,
    rounds: 5,
    kneeMs: 1000,
    stationMs: 800,
  },
  full: {
    requests: 3000,
    draws: 2000,
    events: 2000,
    connections: 40,
    presetRequests: 200,
    readForMs: 15_000,
    rounds: 20,
    kneeMs: 8000,
    stationMs: 20_000,
  },
}

/** Checks all faults, distributions, presets and stations in real runs, and repeats all decisions at a second target in reverse order. */
export async function checkFaults(options: FaultsCheckOptions): Promise<FaultsCheck> {
  const { withTarget, size, onStep = () => {} } = options
  const optionsFor = (targetUrl: string, order: CheckOptions['order']): CheckOptions => {
    return { ...options, ...sizes[size], targetUrl, level: LEVEL, order }
  }
  const decide = async (check: CheckOptions) => {
    onStep('faults of requests')
    const affected = await checkRequestFaults(check)
    onStep('distributions')
    const drawn = await checkDistributions(check)
    onStep('faults of messages')
    const messages = await checkMessageFaults(check)
    const decisions = new Decisions()
    for (const part of [affected, drawn, messages]) decisions.add(part.decisions)
    return { affected, drawn, messages, decisions }
  }
  const first = await withTarget(calibrationSettings, async targetUrl => {
    const check = optionsFor(targetUrl, 'forward')
    const decided = await decide(check)
    onStep('faults of connections')
    const connected = await checkConnectionFaults(check)
    onStep('presets')
    const presets = await checkPresets(check)
    onStep('stations')
    const stations = [...(await checkStations(check)), ...(await checkQueueing(check))]
    return { ...decided, connected, presets, stations }
  })
  onStep('the same decisions at a second target')
  const second = await withTarget(calibrationSettings, targetUrl => decide(optionsFor(targetUrl, 'backward')))
  return {
    groups: [
      { title: 'Faults of requests', rows: first.affected.rows },
      { title: 'Faults of streams and WebSockets', rows: [...first.messages.rows, ...first.connected] },
      { title: 'Distributions of delays', rows: first.drawn.rows },
      { title: 'Presets', rows: first.presets },
      { title: 'Stations', rows: first.stations },
    ],
    decisions: { count: first.decisions.count, digests: [first.decisions.digest(), second.decisions.digest()] },
    late: first.drawn.late,
    level: LEVEL,
  }
}

/** Tells whether every row is within its interval, and both targets made the same decisions. */
export function isCalibrated({ groups, decisions: { digests } }: FaultsCheck): boolean {
  return digests[0] === digests[1] && groups.every(({ rows }) => rows.every(({ state }) => state === 'within'))
}
