import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Histogram } from '../../core/histogram.ts'
import type { CheckRow } from '../check-row.ts'
import { checkConnectionFaults } from './connection-faults-check.ts'
import { Decisions } from './decisions.ts'
import { checkDistributions } from './distributions-check.ts'
import { checkHandshakeFaults } from './handshake-faults-check.ts'
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
  /** Called with each group when it is complete. */
  onGroup?: (group: FaultsGroup) => void
}

/** Rows under one title. */
export interface FaultsGroup {
  title: string
  rows: CheckRow[]
}

export interface FaultsCheck {
  groups: FaultsGroup[]
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

/**
 * Checks all faults, distributions, presets and stations in real runs, and repeats all decisions at a second target in reverse order.
 * @throws the reason of `stop` when it aborts before the end.
 */
export async function checkFaults(options: FaultsCheckOptions): Promise<FaultsCheck> {
  const { withTarget, size, onStep = () => {}, onGroup = () => {} } = options
  const optionsFor = (targetUrl: string, order: CheckOptions['order']): CheckOptions => {
    return { ...options, ...sizes[size], targetUrl, level: LEVEL, order }
  }
  const group = (title: string, rows: CheckRow[]): FaultsGroup => {
    const group = { title, rows }
    onGroup(group)
    return group
  }
  const decide = async (check: CheckOptions, of: typeof group) => {
    onStep('faults of requests')
    const { rows, ...affected } = await checkRequestFaults(check)
    const requests = of('Faults of requests', rows)
    onStep('distributions')
    const drawn = await checkDistributions(check)
    const delays = of('Distributions of delays', drawn.rows)
    onStep('faults of messages')
    const messages = await checkMessageFaults(check)
    const decisions = new Decisions()
    for (const part of [affected, drawn, messages]) decisions.add(part.decisions)
    return { requests, delays, late: drawn.late, messages, decisions }
  }
  const first = await withTarget(calibrationSettings, async targetUrl => {
    const check = optionsFor(targetUrl, 'forward')
    const { messages, ...decided } = await decide(check, group)
    onStep('faults of connections')
    const connected = await checkConnectionFaults(check)
    const live = group('Faults of streams and WebSockets', [...messages.rows, ...connected])
    onStep('presets')
    const presets = group('Presets', await checkPresets(check))
    onStep('stations')
    const stations = group('Stations', [...(await checkStations(check)), ...(await checkQueueing(check))])
    return { ...decided, live, presets, stations }
  })
  onStep('faults of handshakes')
  const handshakes = group(
    'Faults of TLS handshakes',
    await checkSecurely(withTarget, url => optionsFor(url, 'forward')),
  )
  onStep('the same decisions at a second target')
  const ungrouped = (title: string, rows: CheckRow[]) => ({ title, rows })
  const second = await withTarget(calibrationSettings, url => decide(optionsFor(url, 'backward'), ungrouped))
  return {
    groups: [first.requests, first.live, handshakes, first.delays, first.presets, first.stations],
    decisions: { count: first.decisions.count, digests: [first.decisions.digest(), second.decisions.digest()] },
    late: first.late,
    level: LEVEL,
  }
}

/** Checks the faults of handshakes at a target with TLS, whose authority is read from a file. */
async function checkSecurely(
  withTarget: FaultsCheckOptions['withTarget'],
  optionsFor: (targetUrl: string) => CheckOptions,
): Promise<CheckRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-calibration-'))
  const caFile = join(folder, 'ca.pem')
  try {
    return await withTarget({ 'tls.enabled': 'true', 'tls.caFile': caFile }, url => {
      const network = { tls: { ca: readFileSync(caFile, 'utf8') } }
      return checkHandshakeFaults({ ...optionsFor(url), network })
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Tells whether every row is within its interval, and both targets made the same decisions. */
export function isCalibrated({ groups, decisions: { digests } }: FaultsCheck): boolean {
  return digests[0] === digests[1] && groups.every(({ rows }) => rows.every(({ state }) => state === 'within'))
}
