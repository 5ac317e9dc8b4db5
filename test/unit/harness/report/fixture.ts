import { knownValues } from '../../../../harness/results/known-values.ts'
import type { Totals } from '../../../../harness/results/totals.ts'
import type { NameRow, RunResult, UserRow } from '../../../../harness/results/run-result.ts'
import type { ServerMetrics } from '../../../../harness/results/server-metrics.ts'
import type { TimelinePoint } from '../../../../harness/results/timeline.ts'
import type { TrendSummary } from '../../../../harness/results/trend-summary.ts'
import type { LoadRow } from '../../../../harness/results/load-rows.ts'
import type { PlaceRow } from '../../../../harness/results/place-rows.ts'
import { breakdownOf } from './breakdown-fixture.ts'

/** Text that would run, break out, or repaint a terminal if it were not escaped. */
export const hostile = `</script><script>alert('x')</script><img src=x onerror=alert(1)> & "quoted" \u001b[31mred\u0007`

const names: NameRow[] = [
  {
    name: '/v1/events/publish',
    method: 'POST',
    requests: 14_210,
    requestsPerSecond: 355.25,
    failed: 47,
    statuses: { '202': 14_163, '0': 47 },
    sentBytes: 2_120_400 / 2,
    receivedBytes: 2_120_400,
    response: trend(14_210, 4.2),
    service: trend(14_210, 3.9),
    blocked: trend(14_210, 3.9),
    waiting: trend(14_210, 3.9),
  },
  {
    name: '/v1/streams/notifications',
    method: 'GET',
    requests: 72,
    requestsPerSecond: 1.8,
    failed: 0,
    statuses: { '200': 72 },
    sentBytes: 96_100_000 / 2,
    receivedBytes: 96_100_000,
    response: trend(0, 0),
    service: trend(0, 0),
    blocked: trend(0, 0),
    waiting: trend(0, 0),
  },
  {
    name: hostile,
    method: 'GET',
    requests: 2,
    requestsPerSecond: 0.05,
    failed: 0,
    statuses: { '200': 2 },
    sentBytes: 1200 / 2,
    receivedBytes: 1200,
    response: trend(2, 9.2),
    service: trend(2, 8.9),
    blocked: trend(2, 8.9),
    waiting: trend(2, 8.9),
  },
]

const users: UserRow[] = [
  {
    user: 'producer',
    iterations: 14_210,
    lost: { failed: 12, interrupted: 1, dropped: 0 },
    iteration: trend(14_210, 130),
    requests: 14_212,
    requestsPerSecond: 355.3,
    failed: 47,
    response: trend(14_212, 4.2),
  },
  {
    user: 'producer',
    task: 'publish price',
    iterations: 14_210,
    iteration: trend(14_210, 130),
    requests: 14_210,
    requestsPerSecond: 355.25,
    failed: 47,
    response: trend(14_210, 4.2),
  },
  {
    user: 'producer',
    task: '',
    iterations: 0,
    iteration: trend(0, 0),
    requests: 2,
    requestsPerSecond: 0.05,
    failed: 0,
    response: trend(2, 9),
  },
  {
    user: hostile,
    iterations: 770,
    lost: { failed: 0, interrupted: 2, dropped: 0 },
    iteration: trend(770, 900),
    requests: 72,
    requestsPerSecond: 1.8,
    failed: 0,
    response: trend(0, 0),
  },
]

/** A run of 40 s with a burst in which some requests failed; one threshold failed, one had no data. */
export function failedRun(): RunResult {
  const timeline = Array.from({ length: 40 }, (_, index) => second(index))
  return {
    format: 'loadcell.run/1',
    run: {
      id: 'r-7f3a',
      scenario: 'mixed-streaming',
      source: 'scenarios/checkout.ts',
      description: 'Producers publish inventory and price changes; consumers follow them over server-sent events.',
      startedAt: Date.UTC(2026, 10, 20, 9, 30, 0),
      durationMs: 40_000,
      warmupMs: 3000,
      plannedMs: 40_000,
      seed: 4_242_424_242,
      profile: 'load',
      overrides: { vus: 60 },
      load: 'ramping-vus: to 50 users in 10s, 50 for 15s, to 200 in 3s, 200 for 6s, to 20 in 6s',
      tags: { team: 'streams', note: "it's a test" },
      targetUrl: 'http://127.0.0.1:53211',
      embedded: true,
      targetSettings: {},
      version: '0.1.0',
    },
    environment: {
      node: 'v24.21.0',
      platform: 'linux x64',
      cpuModel: 'AMD EPYC 7B13',
      cpuCount: 2,
      memoryBytes: 25_000_000_000,
    },
    outcome: { state: 'completed', detail: 'The run went to its planned end.' },
    exitCode: 99,
    thresholds: [
      {
        metric: 'http_req_duration{name:/v1/events/publish}',
        expression: 'p(95)<200',
        state: 'passed',
        observed: 42.31,
        limit: 200,
        unit: 'ms',
        margin: 0.788,
        samples: 14_210,
      },
      {
        metric: 'event_e2e_latency',
        expression: 'p(99)<150',
        state: 'failed',
        observed: 187.4,
        limit: 150,
        unit: 'ms',
        margin: -0.249,
        samples: 201_332,
      },
      {
        metric: 'event_gaps',
        expression: 'count==0',
        state: 'passed',
        observed: 0,
        limit: 0,
        unit: 'count',
        samples: 201_332,
      },
      {
        metric: 'http_req_failed',
        expression: 'rate<0.01',
        state: 'passed',
        observed: 0.0031,
        limit: 0.01,
        unit: 'share',
        margin: 0.69,
        samples: 15_120,
      },
      {
        metric: 'http_reqs',
        expression: 'rate>300',
        state: 'passed',
        observed: 378,
        limit: 300,
        unit: 'per second',
        margin: 0.26,
        samples: 15_120,
      },
      { metric: 'reconnect_duration', expression: 'p(95)<2000', state: 'no-data', limit: 2000, unit: 'ms', samples: 0 },
    ],
    validity: {
      state: 'valid',
      findings: [
        {
          question: 'Were requests sent when they were due?',
          cause: 'pace',
          state: 'ok',
          observed: 'p99 of the delay 0.41 ms; over the limit in 0 of 40 seconds',
          limit: 'at most 10 ms at p99 of a second',
          advice: 'The generator ran late. Stop what else runs on this machine, lower the rate, or take a faster one.',
        },
        {
          question: 'Did the generator have CPU time to spare?',
          cause: 'pace',
          state: 'ok',
          observed: '41 % of one core on average; over the limit in 1 of 40 seconds',
          limit: 'at most 90 % of one core',
          advice: 'The generator was saturated, so it set the pace. Use fewer users or a lower rate.',
        },
        {
          question: 'Did garbage collection stay out of the way?',
          cause: 'pace',
          state: 'ok',
          observed: '2.1 % of the time on average; over the limit in 0 of 40 seconds',
          limit: 'at most 10 % of a second',
          advice: 'This is a hint and does not make the run invalid: keep less per iteration.',
        },
      ],
    },
    reconciliation: {
      state: 'agrees',
      summary: 'harness and ledger agree on all 3 counts',
      rows: [
        { what: 'events.publish answered 202', harness: 14_163, ledger: 14_163, difference: 0 },
        { what: `consumer ${hostile}`, harness: 201_332, ledger: 201_332, difference: 0 },
        { what: 'tokens issued', harness: 2, ledger: 2, difference: 0 },
      ],
    },
    totals: {
      requests: 15_120,
      http2Requests: 0,
      requestsPerSecond: 378,
      failedRequests: 47,
      rateLimited: 0,
      retries: 0,
      resent: 0,
      redirects: { answered: 0, followed: 0 },
      iterations: 14_980,
      iterationsPerSecond: 374.5,
      iteration: trend(14_980, 130),
      droppedIterations: 0,
      interruptedIterations: 3,
      failedIterations: 12,
      peakUsers: 200,
      sentBytes: 7_120_400,
      receivedBytes: 98_400_120,
      response: trend(15_060, 4.2),
      service: trend(15_060, 3.9),
      sendDelay: trend(15_060, 0.05),
      waiting: trend(15_060, 3.6),
      connecting: trend(90, 0.4),
      tlsHandshaking: trend(0, 0),
      events: {
        published: 14_210,
        accepted: 14_163,
        duplicate: 0,
        rejected: 0,
        unknown: 0,
        delivered: 201_332,
        gaps: 0,
        duplicates: 0,
        outOfOrder: 0,
        unplaced: 0,
        e2e: trend(201_332, 6.1),
        fanOutSkew: trend(4096, 1.2),
      },
      streams: {
        opened: 72,
        reconnects: 12,
        resets: 1,
        peakOpen: 60,
        connecting: trend(72, 3),
        firstEvent: trend(72, 14),
        closed: [
          { by: 'client', count: 60, lifetime: trend(60, 30_000) },
          { by: 'target', count: 12, lifetime: trend(12, 900) },
        ],
      },
      sockets: noSockets(),
      jobs: { submitted: 0, completed: 0, failed: 0, duration: trend(0, 0) },
      tokens: { issued: 2, refreshed: 0 },
    },
    names,
    users,
    checks: [
      { name: 'the event was accepted', passes: 14_163, fails: 47 },
      { name: hostile, passes: 100, fails: 0 },
    ],
    errors: [
      {
        reason: 'reset',
        name: '/v1/events/publish',
        count: 35,
        firstMs: 28_120,
        lastMs: 33_870,
        example: 'POST /v1/events/publish: read ECONNRESET',
      },
      { reason: 'exception', name: 'publish price', count: 12, firstMs: 29_400, lastMs: 31_020, example: hostile },
    ],
    consumers: [],
    consumersNotKept: 0,
    timeline,
    breakdown: breakdownOf(timeline, { names, users }),
    server: serverMetrics(),
    marks: [],
    bands: [],
    phases: [],
    faults: { rules: [], stalled: 0 },
    recoveries: [],
    lag: { groups: [] },
    deliveries: [],
    spectrum: [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100].map(percentile => {
      const tail = 10 ** (Math.min(5, -Math.log10(1 - Math.min(percentile, 99.993) / 100)) * 0.5)
      return { percentile, responseMs: 2.1 * tail ** 1.3, serviceMs: 2 * tail }
    }),
    series: [],
  }
}

/** Everything as it should be. */
export function passedRun(): RunResult {
  const run = failedRun()
  return {
    ...run,
    exitCode: 0,
    server: { ...run.server, sources: run.server.sources.slice(0, 1) },
    thresholds: run.thresholds.filter(({ state }) => state === 'passed'),
    errors: [],
    breakdown: { ...run.breakdown, failures: { ...run.breakdown.failures, kinds: [] } },
    totals: { ...run.totals, failedRequests: 0, failedIterations: 0, interruptedIterations: 0 },
  }
}

/** Jobs were followed, limits met and requests sent again. */
export function limitedRun(): RunResult {
  const run = passedRun()
  return {
    ...run,
    run: { ...run.run, targetSettings: { 'auth.tokenTtl': '2s' }, overrides: { targetSettings: { seed: '7 & 8' } } },
    totals: {
      ...run.totals,
      rateLimited: 1512,
      retries: 1200,
      resent: 0,
      redirects: { answered: 0, followed: 0 },
      jobs: { submitted: 40, completed: 36, failed: 3, duration: trend(39, 900) },
    },
  }
}

/** Two loads, of which the second started in the middle of the first. */
export function severalLoadsRun(): RunResult {
  const run = passedRun()
  const row = (load: string, fromMs: number, toMs: number, requests: number, open: boolean): LoadRow => ({
    load,
    inWords: open ? '50 iterations/s for 20s' : '50 users for 40s',
    fromMs,
    toMs,
    peakUsers: 50,
    ...(open && { arrivals: { due: requests + 3, dropped: 3 } }),
    iterations: requests,
    iterationsPerSecond: requests / ((toMs - fromMs) / 1000),
    lost: { failed: 0, interrupted: 0, dropped: open ? 3 : 0 },
    iteration: trend(requests, 20),
    requests,
    requestsPerSecond: requests / ((toMs - fromMs) / 1000),
    failed: 0,
    response: trend(requests, 5),
    sendDelay: trend(requests, 0.1),
    overTime: {
      users: run.timeline.map(({ atMs }) => (atMs > fromMs && atMs <= toMs ? 50 : 0)),
      iterationsPerSecond: run.timeline.map(({ atMs }) => (atMs > fromMs && atMs <= toMs ? 49 : 0)),
      ...(open && { offeredPerSecond: run.timeline.map(({ atMs }) => (atMs > fromMs && atMs <= toMs ? 50 : 0)) }),
    },
  })
  const loads = [row('browse', 0, 40_000, 13_200, false), row('sale', 20_000, 40_000, 1000, true)]
  const users = run.users.map((user, index) => ({ load: index < 3 ? 'browse' : 'sale', ...user }))
  const { toMs, groups } = run.breakdown.users
  const columnsOf = ({ user: _user, task: _task, ...columns }: (typeof groups)[number]) => columns
  const [columns] = groups
  return {
    ...run,
    run: { ...run.run, load: 'browse: 50 users for 40s; sale: 50 iterations/s for 20s, from 20s on' },
    loads,
    users,
    breakdown: {
      ...run.breakdown,
      users: {
        ...run.breakdown.users,
        groups: groups.map((group, index) => ({ load: users[index]!.load, ...group })),
      },
      loads: { toMs, groups: loads.map(({ load }) => ({ ...columnsOf(columns!), load })) },
    },
  }
}

/** Workers in one place, and others without one. */
export function severalPlacesRun(): RunResult {
  const run = passedRun()
  const row = (place: string, requests: number, failed: number): PlaceRow => ({
    place,
    iterations: requests,
    requests,
    requestsPerSecond: requests / 40,
    failed,
    response: trend(failed > 0 ? 0 : requests, 10),
    service: trend(requests, 4),
    connecting: trend(50, 2),
    sendDelay: trend(requests, 0.1),
  })
  const places = [row('eu-west', 13_200, 0), row('', 1010, 10)]
  return { ...run, run: { ...run.run, places: ['eu-west'] }, places }
}

/** Both ends do not tell the same story. */
export function differingRun(): RunResult {
  const run = passedRun()
  return {
    ...run,
    exitCode: 98,
    reconciliation: {
      state: 'differs',
      summary: 'harness and ledger differ on 2 of 5 counts (events accepted: 14163 against 14210)',
      rows: [
        ...run.reconciliation.rows,
        { what: 'events.publish without an answer', harness: 47, ledger: 0, difference: 47 },
        { what: 'events accepted', harness: 14_163, ledger: 14_210, difference: -47 },
      ],
    },
  }
}

/** The generator was the bottleneck. */
export function invalidRun(): RunResult {
  const run = { ...failedRun(), server: passedRun().server }
  const findings = run.validity.findings.map(finding =>
    finding.question.includes('CPU')
      ? { ...finding, state: 'doubtful' as const, observed: '97 % of one core on average' }
      : finding,
  )
  return { ...run, exitCode: 98, validity: { state: 'invalid', findings } }
}

/** The target could not be reached: there is nothing to show, and that has to be shown. */
export function emptyRun(): RunResult {
  const run = failedRun()
  return {
    ...run,
    run: { ...run.run, durationMs: 0.793, warmupMs: 0, tags: {}, embedded: false, overrides: {} },
    outcome: {
      state: 'target_unreachable',
      detail: 'http://127.0.0.1:9 cannot be reached: the connection was refused',
    },
    exitCode: 97,
    thresholds: [],
    reconciliation: { state: 'unavailable', summary: 'not reconciled: the target was never reached', rows: [] },
    totals: {
      requests: 0,
      http2Requests: 0,
      requestsPerSecond: 0,
      failedRequests: 0,
      rateLimited: 0,
      retries: 0,
      resent: 0,
      redirects: { answered: 0, followed: 0 },
      iterations: 0,
      iterationsPerSecond: 0,
      iteration: trend(0, 0),
      droppedIterations: 0,
      interruptedIterations: 0,
      failedIterations: 0,
      peakUsers: 0,
      sentBytes: 0,
      receivedBytes: 0,
      response: trend(0, 0),
      service: trend(0, 0),
      sendDelay: trend(0, 0),
      waiting: trend(0, 0),
      connecting: trend(0, 0),
      tlsHandshaking: trend(0, 0),
      events: {
        published: 0,
        accepted: 0,
        duplicate: 0,
        rejected: 0,
        unknown: 0,
        delivered: 0,
        gaps: 0,
        duplicates: 0,
        outOfOrder: 0,
        unplaced: 0,
        e2e: trend(0, 0),
        fanOutSkew: trend(0, 0),
      },
      streams: {
        opened: 0,
        reconnects: 0,
        resets: 0,
        peakOpen: 0,
        connecting: trend(0, 0),
        firstEvent: trend(0, 0),
        closed: [],
      },
      sockets: noSockets(),
      jobs: { submitted: 0, completed: 0, failed: 0, duration: trend(0, 0) },
      tokens: { issued: 0, refreshed: 0 },
    },
    names: [],
    users: [],
    checks: [],
    errors: [],
    timeline: [],
    breakdown: {
      names: { toMs: [], groups: [], groupsNotKept: 0 },
      users: { toMs: [], groups: [], groupsNotKept: 0 },
      failures: { toMs: [], kinds: [] },
      heat: { toMs: [], columns: [] },
    },
    spectrum: [],
  }
}

function noSockets(): Totals['sockets'] {
  const none = trend(0, 0)
  return {
    opened: 0,
    reconnects: 0,
    peakOpen: 0,
    framesSent: 0,
    framesReceived: 0,
    events: 0,
    unansweredRequests: 0,
    connecting: none,
    response: none,
    ping: none,
    closed: [],
  }
}

/** Chat and quotes over WebSockets: some were cut and came back, one was lost. */
export function socketRun(): RunResult {
  const run = passedRun()
  const normal = { code: 1000, name: 'normal', meaning: 'The work is done.', by: 'client' as const }
  const overload = { code: 1013, name: 'overload', meaning: 'Reads too slowly.', by: 'target' as const }
  const lost = { code: 1006, name: 'abnormal', meaning: 'Lost.', by: 'lost' as const }
  return {
    ...run,
    totals: {
      ...run.totals,
      sockets: {
        opened: 230,
        reconnects: 30,
        peakOpen: 200,
        framesSent: 4100,
        framesReceived: 88_000,
        events: 81_000,
        unansweredRequests: 2,
        connecting: trend(230, 3),
        response: trend(4000, 2),
        ping: trend(200, 1),
        closed: [
          { ...normal, count: 200, lifetime: trend(200, 20_000) },
          { ...overload, count: 29, lifetime: trend(29, 900) },
          { ...lost, count: 1, lifetime: trend(1, 500) },
        ],
      },
    },
    timeline: run.timeline.map(point => ({ ...point, openSockets: 200 })),
  }
}

/** Everybody was cut in the middle: readers came back one after another, one of the members never. */
export function stormRun(): RunResult {
  const run = socketRun()
  const label = 'everybody is cut <i>'
  const milestones = [0.5, 0.9, 0.99, 1]
  const readers = milestones.map(share => ({ share, afterMs: 2000 * share }))
  return {
    ...run,
    marks: [{ atMs: 20_250, label, detail: 'The target closed 30 connections.' }],
    recoveries: [
      {
        atMs: 20_250,
        label,
        detail: 'The target closed 30 connections.',
        connections: [
          {
            who: 'all',
            broken: 30,
            back: 29,
            milestones: [...readers.slice(0, 2), { share: 0.99 }, { share: 1 }],
            mostInTenthSecond: 6,
            curve: [0, 0.25, 0.5, 0.966].map(share => ({ afterMs: 2000 * share, share })),
          },
          {
            who: 'reader',
            broken: 20,
            back: 20,
            milestones: readers,
            mostInTenthSecond: 4,
            curve: [0, 0.2, 0.6, 1].map(share => ({ afterMs: 2000 * share, share })),
          },
          {
            who: hostile,
            broken: 10,
            back: 9,
            milestones: [{ share: 0.5, afterMs: 180 }, { share: 0.9, afterMs: 200 }, { share: 0.99 }, { share: 1 }],
            mostInTenthSecond: 9,
            curve: [0, 0.9].map(share => ({ afterMs: 200 * share, share })),
          },
        ],
      },
    ],
  }
}

/** Well, overloaded for ten seconds, well again; one of the rules injected its fault more often than chance would have it. */
export function brownoutRun(): RunResult {
  const level = 0.99
  const delay = { ...passedRun().totals.response, p50Ms: 200, p99Ms: 2000 }
  return {
    ...passedRun(),
    bands: [
      { name: 'healthy', fromMs: 0, toMs: 10_000, rules: [] },
      { name: 'ill <b>', fromMs: 10_000, toMs: 20_000, rules: ['slow', 'down'] },
      { name: 'healthy again', fromMs: 20_000, toMs: 40_000, rules: [] },
    ],
    phases: [
      { name: 'healthy', requests: 500, failed: 0, response: trend(500, 4.2) },
      { name: 'ill <b>', requests: 500, failed: 75, response: trend(500, 210) },
      { name: 'healthy again, at long last', requests: 3, failed: 0, response: trend(0, 0) },
    ],
    faults: {
      rules: [
        {
          id: 'slow',
          type: 'delay',
          matched: 1000,
          injected: 1000,
          share: { configured: 1, observed: 1, interval: { level, low: 0.993, high: 1 }, agrees: true },
          delay: { planned: delay, actual: { ...delay, p99Ms: 2010 } },
        },
        {
          id: 'down',
          type: 'status',
          matched: 1000,
          injected: 150,
          share: { configured: 0.1, observed: 0.15, interval: { level, low: 0.123, high: 0.182 }, agrees: false },
        },
      ],
      stalled: 7,
    },
  }
}

/** A group of two shares a stream, of which one is far behind and catches up; a reader of another stream lost some. */
export function lagRun(): RunResult {
  const run = passedRun()
  const hill = (height: number) =>
    knownValues(run.timeline.map((_, second) => (second === 3 ? null : Math.max(0, height - 9 * second))))
  const none = { dropped: {}, filtered: 0, elsewhere: 0, expired: 0, unsent: 0, unexplained: 0 }
  return {
    ...run,
    lag: {
      groups: [
        {
          stream: 'jobs',
          group: hostile,
          peak: 300,
          peakAtMs: 1000,
          atEnd: 0,
          caughtUpAfterMs: 34_000,
          ...hill(300),
          members: [
            { member: 'worker-1/0', partitions: [0, 2], peak: 299, peakAtMs: 1000, atEnd: 40, ...hill(299) },
            { member: 'worker-0/0', partitions: [], peak: 0, peakAtMs: 1000, atEnd: 0, ...hill(0) },
          ],
          incomplete: false,
        },
      ],
    },
    deliveries: [
      { stream: 'jobs', accepted: 5000, offered: 10_000, delivered: 5000, ...none, elsewhere: 5000 },
      {
        stream: 'pricing',
        accepted: 700,
        offered: 900,
        delivered: 640,
        ...none,
        dropped: { drop_oldest: 250 },
        unsent: 10,
      },
      { stream: 'unused', accepted: 0, offered: 0, delivered: 0, ...none },
    ],
  }
}

function trend(count: number, medianMs: number): TrendSummary {
  return {
    count,
    minMs: medianMs * 0.4,
    meanMs: medianMs * 1.3,
    stdDevMs: medianMs * 2.2,
    p50Ms: medianMs,
    p90Ms: medianMs * 3.1,
    p95Ms: medianMs * 4.4,
    p99Ms: medianMs * 11,
    p999Ms: medianMs * 31,
    maxMs: medianMs * 74,
  }
}

/** A target whose event loop filled up in the burst, and an exporter that missed a second. */
function serverMetrics(): ServerMetrics {
  const values = (valueOf: (index: number) => number | null) =>
    knownValues(Array.from({ length: 40 }, (_, index) => valueOf(index)))
  const busy = (index: number) => Math.min(1, second(index).activeUsers / 150)
  const exporter = 'http://***@10.0.0.7:9100/metrics'
  return {
    sources: [
      { source: 'target', kind: 'loadcell', answered: 41, failed: 0, unmatched: [], seriesNotKept: 0, notKept: [] },
      {
        source: exporter,
        kind: 'prometheus',
        answered: 40,
        failed: 1,
        problem: { atMs: 29_000, detail: 'its metrics were not complete within 3000 ms' },
        unmatched: ['node_load2'],
        seriesNotKept: 12,
        notKept: ['node_cpu_seconds_total'],
      },
    ],
    series: [
      { source: 'target', name: 'cpu_cores', labels: {}, limit: 2, ...values(busy) },
      { source: 'target', name: 'event_loop_busy_share', labels: {}, limit: 1, ...values(busy) },
      { source: 'target', name: 'event_loop_delay_p99_ms', labels: {}, ...values(index => 40 * busy(index) ** 4) },
      { source: 'target', name: 'memory_rss_bytes', labels: {}, ...values(index => 96_000_000 + index * 1e5) },
      { source: 'target', name: 'memory_heap_bytes', labels: {}, limit: 2e9, ...values(() => 41_000_000) },
      { source: 'target', name: 'connections_open', labels: {}, ...values(index => second(index).activeUsers) },
      { source: 'target', name: 'station_queued', labels: { station: hostile }, ...values(index => index) },
      {
        source: exporter,
        name: 'node_load1',
        labels: {},
        ...values(index => (index === 29 ? null : busy(index))),
      },
      ...['0', hostile].map(cpu => ({
        source: exporter,
        name: 'node_cpu_seconds_per_second',
        labels: { cpu, mode: 'idle' },
        ...values(index => 1 - busy(index) / 2),
      })),
    ],
    saturation: {
      state: 'reached',
      sentence: 'First to saturate: the event loop of the target (100 %, limit 95 %), from 27s on.',
      reached: [{ resource: 'the event loop of the target', fromMs: 27_000, observed: '100 %', limit: '95 %' }],
    },
  }
}

/** A ramp, a plateau, a burst in which latency grows, and a recovery; the ripple is made of sines so that it never changes. */
export function second(index: number): TimelinePoint {
  const users =
    index < 10
      ? (index + 1) * 5
      : index < 25
        ? 50
        : index < 34
          ? Math.min(200, 50 + (index - 24) * 50)
          : Math.max(20, 200 - (index - 33) * 30)
  const ripple = 1 + 0.08 * Math.sin(index * 2.3) + 0.05 * Math.sin(index * 5.1)
  const strain = users > 100 ? (users / 100) ** 3 : 1
  const requests = Math.round(users * 3.4 * ripple)
  const streams = Math.round(users * 0.3)
  return {
    atMs: (index + 1) * 1000,
    activeUsers: users,
    openStreams: streams,
    openSockets: 0,
    openedPerSecond: index < 10 ? 3 : 0,
    requestsPerSecond: requests,
    failuresPerSecond: index >= 28 && index < 34 ? Math.round(8 * ripple) : 0,
    iterationsPerSecond: requests,
    publishedPerSecond: requests,
    deliveredPerSecond: requests * streams,
    droppedIterations: 0,
    sentBytesPerSecond: requests * 500,
    receivedBytesPerSecond: requests * 150,
    connectionsOpenedPerSecond: index < 10 ? 5 : 0,
    responseP50Ms: 4 * ripple * strain ** 0.3,
    responseP95Ms: 12 * ripple * strain ** 0.6,
    responseP99Ms: 28 * ripple * strain,
    serviceP95Ms: 26 * ripple * strain ** 0.6,
    waitingP50Ms: 3.4 * ripple * strain ** 0.3,
    waitingP95Ms: 24 * ripple * strain ** 0.6,
    connectingP95Ms: index < 10 ? 0.6 * ripple : 0,
    e2eP50Ms: 6 * ripple * strain ** 0.4,
    e2eP99Ms: 34 * ripple * strain,
    sendDelayP99Ms: 0.3 * ripple * strain,
    generatorCpu: Math.min(0.93, users / 230 + 0.05 * ripple),
    eventLoopDelayP99Ms: 1.4 * ripple,
  }
}
