import type {
  AccountRow,
  AuditResult,
  ComparedRow,
  ReviewFinding,
  MutationScore,
} from '../../../../../calibration/audit/audit-result.ts'
import { Histogram } from '../../../../../core/histogram.ts'
import { summarise } from '../../../../../harness/results/trend-summary.ts'
import { hostile } from '../../../harness/report/fixture.ts'

const startedAt = Date.UTC(2026, 10, 29, 11, 30)

const account = (row: Partial<AccountRow>): AccountRow => ({
  arrivals: 0,
  tool: 0,
  counted: 0,
  rejected: 0,
  inFlight: 0,
  late: 0,
  resent: 0,
  warmUp: 0,
  missing: 0,
  neverReceived: 0,
  ...row,
})

const rows: ComparedRow[] = [
  {
    what: 'requests',
    unit: 'count',
    tool: 1990,
    truth: 2000,
    difference: -10,
    judgement: 'wrong',
    reason: '10 are missing',
  },
  { what: 'failures', unit: 'count', tool: 12, truth: 12, difference: 0, judgement: 'agrees' },
  {
    what: 'bytes received',
    unit: 'bytes',
    tool: 1_203_000,
    truth: 1_000_000,
    difference: 203_000,
    judgement: 'explained',
    reason: 'the tool counts heads too: 203 bytes a response',
  },
  { what: 'p99', unit: 'ms', truth: 4.5, judgement: 'not_compared', reason: 'the tool prints it with --latency only' },
]

function service(): Histogram {
  const times = new Histogram()
  for (let index = 0; index < 2000; index++) times.record(1 + (index % 100) / 25)
  return times
}

const finding = (id: string, harm: ReviewFinding['harm'], title: string): ReviewFinding => ({
  id,
  harm,
  title,
  count: 980,
  of: 2000,
  example: {
    operation: 'products.list',
    at: startedAt + 1234,
    status: 200,
    details: { connection: 7, method: 'GET', url: `/api/v1/products?q=${hostile}`, caller: 'user:u-1' },
  },
  why: `why ${id} matters`,
  advice: `what to do about ${id}, with \`--think\``,
})

/** An audit in which everything occurs: each judgement, class, harm and hostile names. */
export function wrongAudit(): AuditResult {
  return {
    format: 'loadcell.audit/1',
    version: '0.1.0',
    verdict: { word: 'wrong', sentence: 'requests: 10 are missing' },
    exitCode: 3,
    subject: {
      run: hostile,
      targetUrl: 'http://127.0.0.1:8080',
      embedded: true,
      targetSettings: { 'auth.tokenTtl': '2s' },
      faults: ['brownout', hostile],
      command: {
        program: 'wrk',
        args: ['-c', '10', `http://127.0.0.1:8080/products?q=it's ${hostile}`],
        added: ['--latency, so that wrk prints its percentiles'],
        startedAt,
        durationMs: 5100,
        exitCode: 0,
        cpuShare: 0.42,
      },
    },
    tool: {
      name: 'wrk',
      version: hostile,
      sources: ['stdout'],
      traits: {
        atEnd: 'drops',
        failure: 'status_400',
        counts: 'all',
        bytes: 'heads_and_bodies',
        clock: 'send',
        latencyOf: 'all',
        percentiles: 'rounded',
        percentileError: 0.006,
        model: 'closed',
        notes: ['a note'],
      },
      remarks: [hostile],
    },
    comparison: [
      { names: [], rows },
      {
        operation: 'products.list',
        names: [hostile, ...Array.from({ length: 9 }, (_, index) => `name-${index}`)],
        rows,
      },
      { operation: 'products.get', names: ['/products/1'], rows: rows.slice(1) },
    ],
    accounting: {
      total: account({
        arrivals: 2000,
        tool: 1990,
        counted: 1900,
        rejected: 60,
        inFlight: 20,
        late: 9,
        missing: 11,
        neverReceived: 30,
      }),
      operations: [
        account({ operation: 'products.list', arrivals: 1500, tool: 1500, counted: 1500 }),
        account({
          operation: 'products.get',
          arrivals: 440,
          tool: 430,
          counted: 400,
          inFlight: 20,
          late: 9,
          missing: 11,
          neverReceived: 30,
        }),
      ],
      unmatchedNames: Array.from({ length: 60 }, (_, index) => ({
        name: `${hostile} ${index}`,
        requests: 1,
        reason: 'it is neither a path nor a URL; name its operation with --name',
      })),
    },
    latency: {
      service: summarise(service()),
      response: summarise(service()),
      spectrum: [50, 90, 99, 99.9, 100].map(percentile => ({
        percentile,
        serviceMs: service().percentile(percentile),
        responseMs: 2 * service().percentile(percentile),
        ...(percentile !== 99.9 && { toolMs: 3 * service().percentile(percentile) }),
      })),
      remarks: ['the tool rounds percentiles', hostile],
    },
    load: {
      requests: 2000,
      firstAt: startedAt,
      lastAt: startedAt + 4999,
      ratePerSecond: 400,
      spacing: { kind: 'bursts', sentence: 'arrivals come in bursts' },
      concurrency: { mean: 0.82, peak: 10 },
      ramp: { kind: 'none', durationMs: 0, sentence: 'all users began at once' },
      connections: { count: 10, requestsEach: 200, sentence: '10 connections, each for 200 requests' },
      model: { kind: 'closed', sentence: 'arrivals wait for responses' },
      asked: ['5 s of load, as asked for'],
    },
    findings: [
      finding('first', 'high', '980 of 2,000 requests were for a token'),
      finding('second', 'medium', 'all users began within 20 ms'),
      finding('third', 'medium', hostile),
      finding('fourth', 'low', 'only one operation was used'),
    ],
    timeline: Array.from({ length: 5 }, (_, second) => ({
      second,
      arrivals: second === 2 ? 0 : 500,
      failures: second,
      peakInFlight: second === 2 ? 0 : 10,
      p50Ms: second === 2 ? 0 : 2,
      p95Ms: second === 2 ? 0 : 4,
    })),
    doubts: [],
  }
}

export const mutationScore: MutationScore = {
  noticed: 1,
  tried: 3,
  outcomes: [
    {
      id: 'errors',
      title: '5 % of requests were answered with 500',
      state: 'noticed',
      injected: 61,
      evidence: ['61 more failures than without', hostile],
    },
    {
      id: 'empty-body',
      title: 'answers had an empty body',
      state: 'missed',
      injected: 455,
      evidence: [],
      check: 'check that `body` is not empty',
    },
    { id: 'stall', title: hostile, state: 'not_reached', injected: 0, evidence: [] },
    {
      id: 'slow',
      title: 'one request in ten took longer',
      state: 'unclear',
      injected: 12,
      evidence: [],
      hidden: 'the threshold p(95)<200 had failed without faults already',
    },
  ],
  skipped: [{ id: 'events-dropped', reason: 'the script follows no stream' }],
}

export function blindAudit(): AuditResult {
  return {
    ...wrongAudit(),
    verdict: { word: 'true_but_blind', sentence: 'it noticed 1 of 2 mutations of the service' },
    mutations: mutationScore,
  }
}

/** An audit of a command that sent nothing and reported nothing. */
export function emptyAudit(): AuditResult {
  const { tool: _, ...audit } = wrongAudit()
  return {
    ...audit,
    verdict: { word: 'inconclusive', sentence: 'the command sent no request to the target' },
    comparison: [],
    accounting: { total: account({}), operations: [], unmatchedNames: [] },
    latency: {
      service: summarise(new Histogram()),
      spectrum: [50, 100].map(percentile => ({ percentile, serviceMs: 0 })),
      remarks: [],
    },
    load: {
      requests: 0,
      ratePerSecond: 0,
      spacing: { kind: 'unknown', sentence: 'nothing came' },
      concurrency: { mean: 0, peak: 0 },
      ramp: { kind: 'none', durationMs: 0, sentence: 'nothing came' },
      connections: { count: 0, requestsEach: 0, sentence: 'nothing came' },
      model: { kind: 'unknown', sentence: 'nothing came' },
      asked: [],
    },
    findings: [],
    timeline: [],
    doubts: ['the command sent no request to the target', 'the command wrote no report'],
  }
}

/** An audit of a run that was over before, in which all is well. */
export function trustworthyAudit(): AuditResult {
  const audit = wrongAudit()
  const { command: _, ...subject } = audit.subject
  return {
    ...audit,
    subject,
    verdict: { word: 'trustworthy', sentence: 'the report and the ledger agree on 1 of 1 numbers' },
    exitCode: 0,
    comparison: [{ names: [], rows: rows.slice(1, 2) }],
    findings: [],
  }
}
