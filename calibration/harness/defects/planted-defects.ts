import type { CheckRow } from '../../check-row.ts'
import { checkConstant } from '../arrivals/closed-arrivals.ts'
import { checkDropped, checkOpenCase, evenCase, poissonCase } from '../arrivals/open-arrivals.ts'
import type { HarnessBench } from '../bench.ts'
import { executorCase, faultCase, requestsCase } from '../counts/count-cases.ts'
import { countRows } from '../counts/counts.ts'
import { halfReadCases } from '../counts/half-read.ts'
import { checkDelivery, deliveryCases } from '../delivery/delivery.ts'
import { checkHttpLatency } from '../latency/http-latency.ts'
import { checkOpen } from '../omission/omission.ts'
import { checkMarkovianQueue } from '../queues/queues.ts'
import { checkFanOutSkew } from '../recovery/fan-out-skew.ts'
import { checkGroupLag } from '../recovery/group-lag.ts'
import { checkReconnects } from '../recovery/reconnects.ts'
import { averagedPercentiles } from './averaged-percentiles.ts'
import {
  type DefectiveRun,
  inClock,
  inLoads,
  inPlan,
  inRecorder,
  inResult,
  iterating,
  withoutCounter,
} from './plant.ts'

/** A defect that the harness does not have, and the check that must find it. */
export interface Defect {
  name: string
  /** Name of the subject that the check belongs to. */
  subject: string
  run: DefectiveRun
  check: (bench: HarnessBench) => Promise<readonly CheckRow[]>
  /** It stalls the target or this process, so that no other check can run meanwhile. */
  isAlone?: true
}

const ONE_IN = 100
/** Times above it are cut off by one of the defects. */
const CUT_OFF_MS = 200
const LATE_MS = 20
const SLOW_CLOCK = 0.98
const LOST_END_MS = 500
const ARRIVALS = evenCase(400, 0.5)

const counting = (bench: HarnessBench) => countRows(bench, [requestsCase(3 * ONE_IN)])
const arriving = (bench: HarnessBench) => checkOpenCase(bench, ARRIVALS)
const timing = (label: string) => async (bench: HarnessBench) => (await checkHttpLatency(bench, label)).rows
const delivering = (fault: string) => async (bench: HarnessBench) => {
  const cases = deliveryCases.filter(({ rule }) => rule.fault.type === fault)
  return (await Promise.all(cases.map(each => checkDelivery(bench, each, 'planted')))).flat()
}

export const plantedDefects: readonly Defect[] = [
  {
    name: 'one request in a hundred is lost',
    subject: 'counts',
    run: inRecorder(recorder => {
      const isHundredth = everyHundredth()
      return { request: sample => (isHundredth() ? undefined : recorder.request(sample)) }
    }),
    check: counting,
  },
  {
    name: 'one request in a hundred is counted twice',
    subject: 'counts',
    run: inRecorder(recorder => {
      const isHundredth = everyHundredth()
      return {
        request(sample) {
          recorder.request(sample)
          if (isHundredth()) recorder.request(sample)
        },
      }
    }),
    check: counting,
  },
  {
    name: 'accepted events are counted with their duplicates',
    subject: 'counts',
    run: inRecorder(recorder => ({
      add: (metric, ...sample) => recorder.add(metric === 'events_duplicate' ? 'events_accepted' : metric, ...sample),
    })),
    check: bench => countRows(bench, [executorCase('shared-iterations', 'quick')]),
  },
  {
    name: 'requests without a response are left out',
    subject: 'counts',
    run: inRecorder(recorder => ({ request: sample => sample.status > 0 && recorder.request(sample) })),
    check: bench => countRows(bench, [faultCase('reset', 'quick')]),
  },
  {
    name: 'the unread rest of a response is not told',
    subject: 'counts',
    run: withoutCounter('http_req_cut'),
    check: bench => countRows(bench, halfReadCases(1)),
    isAlone: true,
  },
  {
    name: 'what comes at the end of the run is lost',
    subject: 'counts',
    run: inRecorder((recorder, clock) => {
      const endsAt = clock.now() + LOST_END_MS
      return { request: sample => clock.now() < endsAt && recorder.request(sample) }
    }),
    check: bench => countRows(bench, [executorCase('constant-vus', 'quick')]),
  },
  {
    name: 'duplicate events are not noticed',
    subject: 'delivery',
    run: withoutCounter('event_duplicates'),
    check: delivering('duplicate'),
  },
  {
    name: 'the last gap is not noticed',
    subject: 'delivery',
    run: inRecorder(recorder => ({
      add(metric, tags, amount = 1, dueAt) {
        const noticed = metric === 'event_gaps' ? amount - 1 : amount
        if (noticed > 0) recorder.add(metric, tags, noticed, dueAt)
      },
    })),
    check: delivering('drop'),
  },
  {
    name: 'events out of order count as duplicates',
    subject: 'delivery',
    run: inRecorder(recorder => ({
      add: (metric, ...sample) =>
        recorder.add(metric === 'event_out_of_order' ? 'event_duplicates' : metric, ...sample),
    })),
    check: delivering('reorder'),
  },
  {
    name: 'skew is measured to half of the consumers',
    subject: 'recovery',
    run: inRecorder(recorder => ({
      time: (metric, tags, valueMs, dueAt) =>
        recorder.time(metric, tags, metric === 'event_fanout_skew' ? valueMs / 2 : valueMs, dueAt),
    })),
    check: bench => checkFanOutSkew(bench, 'skew-planted'),
  },
  {
    name: 'the peak of a lag is missed',
    subject: 'recovery',
    run: inResult(result => ({
      ...result,
      lag: { ...result.lag, groups: result.lag.groups.map(group => ({ ...group, peak: group.atEnd })) },
    })),
    check: bench => checkGroupLag(bench, 'lag-planted'),
  },
  {
    name: 'the clock of a reconnect starts at the next attempt, not at the break',
    subject: 'recovery',
    run: inRecorder(recorder => {
      let connectingMs = 0
      return {
        // Recorded for the same connection, just before.
        time(metric, tags, valueMs, dueAt) {
          if (metric === 'sse_connecting' || metric === 'ws_connecting') connectingMs = valueMs
          recorder.time(metric, tags, metric === 'reconnect_duration' ? connectingMs : valueMs, dueAt)
        },
      }
    }),
    check: checkReconnects,
    isAlone: true,
  },
  {
    name: 'the wait for an answer is left out of response times',
    subject: 'queues',
    run: inRecorder(recorder => ({
      request: ({ headAt, sentAt, endedAt, ...sample }) =>
        recorder.request({ ...sample, headAt, sentAt, endedAt: endedAt - ((headAt ?? sentAt) - sentAt) }),
    })),
    check: checkMarkovianQueue,
    isAlone: true,
  },
  {
    name: 'percentiles of seconds are averaged',
    subject: 'latency',
    run: averagedPercentiles,
    check: timing('averaged'),
  },
  {
    name: `times above ${CUT_OFF_MS} ms are cut off`,
    subject: 'latency',
    run: inRecorder(recorder => ({
      request: sample => recorder.request({ ...sample, endedAt: Math.min(sample.endedAt, sample.dueAt + CUT_OFF_MS) }),
    })),
    check: timing('cut-off'),
  },
  {
    name: 'the clock is 2 % slow',
    subject: 'latency',
    run: inClock(clock => {
      const origin = clock.now()
      return { ...clock, now: () => origin + (clock.now() - origin) * SLOW_CLOCK }
    }),
    check: timing('clock'),
  },
  {
    name: 'the clock of response time starts when a request is sent',
    subject: 'omission',
    run: inRecorder(recorder => ({ request: sample => recorder.request({ ...sample, dueAt: sample.sentAt }) })),
    check: checkOpen,
    isAlone: true,
  },
  {
    name: 'the wait for a connection counts as service time',
    subject: 'omission',
    run: inRecorder(recorder => ({ request: sample => recorder.request({ ...sample, sentAt: sample.handedAt }) })),
    check: checkOpen,
    isAlone: true,
  },
  {
    name: 'one arrival in a hundred is skipped',
    subject: 'arrivals',
    run: inPlan(plan => {
      const isHundredth = everyHundredth()
      return iterating(plan, (context, iterate) => (isHundredth() ? undefined : iterate(context)))
    }),
    check: arriving,
  },
  {
    name: 'one arrival in a hundred begins twice',
    subject: 'arrivals',
    run: inPlan(plan => {
      const isHundredth = everyHundredth()
      return iterating(plan, async (context, iterate) => {
        await iterate(context)
        if (isHundredth()) await iterate(context)
      })
    }),
    check: arriving,
  },
  {
    name: `timers are ${LATE_MS} ms late`,
    subject: 'arrivals',
    run: inClock(clock => ({ ...clock, sleep: (delayMs, signal) => clock.sleep(delayMs + LATE_MS, signal) })),
    // At a higher rate, one wake that is late finds further arrivals just due, and those are on time.
    check: bench => checkOpenCase(bench, evenCase(20, 1)),
  },
  {
    name: 'arrivals are a hundredth too few',
    subject: 'arrivals',
    run: inLoads(load =>
      load.executor === 'constant-arrival-rate'
        ? { ...load, ratePerSecond: load.ratePerSecond * (1 - 1 / ONE_IN) }
        : load,
    ),
    check: arriving,
  },
  {
    name: 'Poisson arrivals come evenly',
    subject: 'arrivals',
    run: inLoads(load => (load.executor === 'constant-arrival-rate' ? { ...load, arrivals: 'constant' } : load)),
    check: bench => checkOpenCase(bench, poissonCase(500, 1)),
  },
  {
    name: 'arrivals without a free user are lost silently',
    subject: 'arrivals',
    run: inResult(result => ({
      ...result,
      series: result.series.filter(({ metric }) => metric !== 'dropped_iterations'),
    })),
    check: checkDropped,
  },
  {
    name: 'one user is missing',
    subject: 'arrivals',
    run: inLoads(load => (load.executor === 'constant-vus' ? { ...load, vus: load.vus - 1 } : load)),
    check: bench => checkConstant(bench, 4),
  },
]

function everyHundredth(): () => boolean {
  let count = 0
  return () => ++count % ONE_IN === 0
}
