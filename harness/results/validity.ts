import { formatShare } from '../../core/number-format.ts'
import type { ErrorRow } from '../metrics/error-table.ts'
import type { TimelinePoint } from './timeline.ts'
import type { Validity, ValidityFinding } from './run-result.ts'
import { secondsOf } from './standstill.ts'
import type { WorkerLimits } from './worker-findings.ts'
import { clockFinding, dataFinding, shortageFinding, type TimestampCounts } from './circumstances.ts'

/** The plan of a load, and what came of it. */
export interface LoadEvidence {
  /** Its name, in a run with several loads. */
  load?: string | undefined
  /** Open models: arrivals that were due and those that found no user. */
  arrivals?: { due: number; dropped: number }
  /** Closed models: the peak number of users in the schedule, and in the run. */
  users?: { asked: number; came: number }
  /** In a run with several loads, a slow one could hide behind the others. */
  sendDelay?: { p99Ms: number; p99MsBySecond: readonly number[] }
}

/** Evidence that the generator is judged by. */
export interface GeneratorEvidence {
  timeline: readonly TimelinePoint[]
  gcShares: readonly number[]
  loads: readonly LoadEvidence[]
  /** Over all requests. */
  sendDelayP99Ms: number
  errors: readonly ErrorRow[]
  timestamps: TimestampCounts
  /** Findings about the workers of a run with several. */
  workers: readonly ValidityFinding[]
}

/** Maximum share of dropped arrivals, or of missing users, at which the load still counts as the planned one. */
const MOST_DROPPED_SHARE = 0.01
/** Limits of a good second. */
export const MOST_SEND_DELAY_MS = 10
export const MOST_CPU = 0.9
export const MOST_EVENT_LOOP_DELAY_MS = 100
const MOST_GC_SHARE = 0.1
/** Bad seconds that make a run doubtful: over one in ten, and at least five. A hiccup does not. */
const MOST_BAD_SHARE = 0.1
const FEWEST_BAD_SECONDS = 5
/** Fewer dropped arrivals than this are the noise of a short run. */
const FEWEST_DROPPED = 5

/** The same limits for each worker. */
export const WORKER_LIMITS: WorkerLimits = {
  mostCpu: MOST_CPU,
  mostEventLoopDelayMs: MOST_EVENT_LOOP_DELAY_MS,
  fewestBadSeconds: FEWEST_BAD_SECONDS,
  mostBadShare: MOST_BAD_SHARE,
}

export const SENDING_QUESTION = 'Were requests sent when they were due?'
/** Its answer is no when the target was too slow for the users there were, or when these were too few. */
export const ARRIVALS_QUESTION = 'Did every scheduled iteration begin?'

/** Judges whether the numbers describe the target, and not the generator, its machine or two clocks. Pure. */
export function judgeGenerator(evidence: GeneratorEvidence): Validity {
  const { timeline, gcShares, loads, sendDelayP99Ms, errors, timestamps, workers } = evidence
  const loopDelays = timeline.map(point => point.eventLoopDelayP99Ms)
  const decisive = [
    ...loads.flatMap(arrivalFindings),
    ...loads.flatMap(userFindings),
    sendingFinding(
      SENDING_QUESTION,
      sendDelayP99Ms,
      timeline.map(point => point.sendDelayP99Ms),
    ),
    ...loads.flatMap(({ load, sendDelay }) =>
      load === undefined || sendDelay === undefined
        ? []
        : [
            sendingFinding(
              `Were requests of ${load} sent when they were due?`,
              sendDelay.p99Ms,
              sendDelay.p99MsBySecond,
            ),
          ],
    ),
    seconds({
      question: 'Did the generator have CPU time to spare?',
      values: timeline.map(point => point.generatorCpu),
      limit: MOST_CPU,
      observed: `${formatShare(mean(timeline.map(point => point.generatorCpu)))} of one core on average`,
      limitInWords: `at most ${formatShare(MOST_CPU)} of one core`,
      advice: 'The generator was saturated, so it set the pace. Use fewer users or a lower rate, or more machines.',
    }),
    seconds({
      question: 'Did the event loop of the generator run on time?',
      values: loopDelays,
      lengths: loopDelays.map(secondsOf),
      limit: MOST_EVENT_LOOP_DELAY_MS,
      observed: `worst second ${tidy(Math.max(0, ...loopDelays))} ms late at p99`,
      limitInWords: `event loop at most ${MOST_EVENT_LOOP_DELAY_MS} ms late at p99 of a second`,
      advice:
        'Answers waited in the generator and look slower than they were. Stop what else runs on this machine, or look for long synchronous work in the scenario.',
    }),
    ...workers,
    ...shortageFinding(errors),
    ...dataFinding(errors),
    ...clockFinding(timestamps),
  ]
  const garbage = seconds({
    question: 'Did garbage collection stay out of the way?',
    values: gcShares,
    limit: MOST_GC_SHARE,
    observed: `${formatShare(mean(gcShares))} of the time on average`,
    limitInWords: `at most ${formatShare(MOST_GC_SHARE)} of a second`,
    advice:
      'This is a hint and does not make the run invalid: keep less per iteration, or raise --max-semi-space-size.',
  })
  // The cost of garbage collection shows in the delays. It explains a doubtful run but does not cause one.
  return {
    state: decisive.some(({ state }) => state === 'doubtful') ? 'invalid' : 'valid',
    findings: [...decisive, garbage],
  }
}

function sendingFinding(question: string, p99Ms: number, p99MsBySecond: readonly number[]): ValidityFinding {
  return seconds({
    question,
    values: p99MsBySecond,
    limit: MOST_SEND_DELAY_MS,
    observed: `p99 of the delay ${tidy(p99Ms)} ms`,
    limitInWords: `at most ${MOST_SEND_DELAY_MS} ms at p99, of the run and of a second`,
    // With few requests a second, their p99 is the latest one, so the p99 of the run must be over the limit as well.
    overall: p99Ms,
    advice: 'The generator ran late. Stop what else runs on this machine, lower the rate, or take a faster one.',
  })
}

function arrivalFindings({ load, arrivals }: LoadEvidence): ValidityFinding[] {
  if (arrivals === undefined) return []
  const { due, dropped } = arrivals
  const share = due === 0 ? 0 : dropped / due
  return [
    {
      question: load === undefined ? ARRIVALS_QUESTION : `Did every scheduled iteration of ${load} begin?`,
      cause: 'pace',
      state: share > MOST_DROPPED_SHARE && dropped >= FEWEST_DROPPED ? 'doubtful' : 'ok',
      observed: `${due - dropped} of ${due} began, ${dropped} were dropped`,
      limit: `at most ${formatShare(MOST_DROPPED_SHARE)} dropped`,
      advice:
        'No virtual user was free: the target was slower than maxVUs allows for. Raise maxVUs, or lower the rate.',
    },
  ]
}

function userFindings({ load, users }: LoadEvidence): ValidityFinding[] {
  if (users === undefined) return []
  const { asked, came } = users
  const missing = Math.max(0, asked - came)
  return [
    {
      question: load === undefined ? 'Did every scheduled user start?' : `Did every scheduled user of ${load} start?`,
      cause: 'pace',
      state: missing > MOST_DROPPED_SHARE * asked && missing >= FEWEST_DROPPED ? 'doubtful' : 'ok',
      observed: `${came} of ${asked} started`,
      limit: `at most ${formatShare(MOST_DROPPED_SHARE)} missing`,
      advice:
        'The run was over before the generator had started them all. Use fewer users, a longer run or a faster machine.',
    },
  ]
}

interface SecondBySecond {
  question: string
  values: readonly number[]
  /** Seconds that each value stands for. Default: one */
  lengths?: readonly number[]
  /** Value over the whole run, which must be over the limit as well. */
  overall?: number
  limit: number
  observed: string
  limitInWords: string
  advice: string
}

function seconds({ question, values, lengths, overall, limit, ...words }: SecondBySecond): ValidityFinding {
  const { observed, limitInWords, advice } = words
  const lengthAt = (at: number) => lengths?.[at] ?? 1
  const all = values.reduce((sum, _, at) => sum + lengthAt(at), 0)
  const bad = values.reduce((sum, value, at) => (value > limit ? sum + lengthAt(at) : sum), 0)
  const often = bad >= FEWEST_BAD_SECONDS && bad > MOST_BAD_SHARE * all
  return {
    question,
    cause: 'pace',
    state: often && (overall === undefined || overall > limit) ? 'doubtful' : 'ok',
    observed: `${observed}; over the limit in ${bad} of ${all} seconds`,
    limit: limitInWords,
    advice,
  }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

function tidy(value: number): number {
  return Number(value.toPrecision(3))
}
