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
import type { TrialOptions } from '../trial.ts'

/** Settings that the target of a calibration starts with. */
export const calibrationSettings = {
  'http.serverTiming': 'true',
  'streams.partitions': '1',
  'streams.perTenant': '1000',
  'streams.idleKeepAlive': '200ms',
}

export interface FaultsCheckOptions extends Omit<TrialOptions, 'targetUrl'> {
  /** Does something with a target that was started with these settings and the seed, and with nobody else. */
  withTarget: <T>(settings: Record<string, string>, use: (targetUrl: string) => Promise<T>) => Promise<T>
  size: 'short' | 'full'
  /** Told what is about to be done. */
  onStep?: (step: string) => void
}

export interface FaultsCheck {
  groups: { title: string; rows: CheckRow[] }[]
  /** Exchanges and messages whose fate was noted, and the digests of all fates at the first target and at the second. */
  decisions: { count: number; digests: [first: string, second: string] }
  /** How much longer delays were than planned. */
  late: Histogram
  level: number
}

/**
 * So wide that of the some two hundred intervals of a calibration all hold the true value in 98 of 100: one that does not is a
 * defect, and no accident.
 */
const LEVEL = 0.9999

const sizes = {
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

/** Every fault, distribution, preset and model of a station on real runs, and all decisions once more at a second target, the other way round. */
export async function checkFaults(options: FaultsCheckOptions): Promise<FaultsCheck> {
  const { withTarget, size, onStep = () => {} } = options
  const { requests, draws, events, connections, presetRequests, readForMs, rounds, kneeMs, stationMs } = sizes[size]
  const decide = async (targetUrl: string, order: 'forward' | 'backward') => {
    const shared = { ...options, targetUrl, level: LEVEL, order }
    onStep('faults of requests')
    const affected = await checkRequestFaults({ ...shared, requests })
    onStep('distributions')
    const drawn = await checkDistributions({ ...shared, draws })
    onStep('faults of messages')
    const messages = await checkMessageFaults({ ...shared, events })
    const decisions = new Decisions()
    for (const part of [affected, drawn, messages]) decisions.add(part.decisions)
    return { affected, drawn, messages, decisions }
  }
  const first = await withTarget(calibrationSettings, async targetUrl => {
    const shared = { ...options, targetUrl, level: LEVEL }
    const decided = await decide(targetUrl, 'forward')
    onStep('faults of connections')
    const connected = await checkConnectionFaults({ ...shared, connections })
    onStep('presets')
    const presets = await checkPresets({ ...shared, requests: presetRequests, readForMs })
    onStep('stations')
    const stations = [
      ...(await checkStations({ ...shared, rounds, durationMs: kneeMs })),
      ...(await checkQueueing({ ...shared, durationMs: stationMs })),
    ]
    return { ...decided, connected, presets, stations }
  })
  onStep('the same decisions at a second target')
  const second = await withTarget(calibrationSettings, targetUrl => decide(targetUrl, 'backward'))
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

/** Whether every row is within, and both targets decided the same. */
export function isCalibrated({ groups, decisions: { digests } }: FaultsCheck): boolean {
  return digests[0] === digests[1] && groups.every(({ rows }) => rows.every(({ state }) => state === 'within'))
}
