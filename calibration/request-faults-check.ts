import type { Fault } from '../contract/faults/fault.ts'
import { wilsonInterval } from '../core/wilson.ts'
import { type HttpResponse, scenario, user } from '../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow } from './check-row.ts'
import { Decisions } from './decisions.ts'
import { FaultsClient } from './faults-client.ts'
import { trial, type TrialOptions } from './trial.ts'

/** A fault, and how a client tells an answer that was struck from one that was not. */
interface VisibleFault {
  name: string
  fault: Fault
  path?: string
  isStruck: (response: HttpResponse, intact: HttpResponse) => boolean
}

/** Far from what a request takes by itself, also on a busy machine. */
const LONG_MS = 500
const TIMEOUT_MS = 1000
const SMALL = '/api/v1/products/7'
/** Of several chunks. */
const LARGE = '/api/v1/products?limit=100'
const SHARE = 0.3

const isLong = ({ ok, durationMs }: HttpResponse) => ok && durationMs >= LONG_MS
const failedWith = (reason: string) => (response: HttpResponse) => response.failure === reason
const bodyDiffers = (response: HttpResponse, intact: HttpResponse) => response.text() !== intact.text()

const visibleFaults: VisibleFault[] = [
  { name: 'delay, before_handler', fault: { type: 'delay', distribution: LONG_MS }, isStruck: isLong },
  {
    name: 'delay, before_first_byte',
    fault: { type: 'delay', at: 'before_first_byte', distribution: LONG_MS },
    isStruck: isLong,
  },
  {
    name: 'delay, between_chunks',
    fault: { type: 'delay', at: 'between_chunks', distribution: LONG_MS / 2 },
    path: LARGE,
    isStruck: isLong,
  },
  { name: 'status', fault: { type: 'status', status: 503 }, isStruck: ({ status }) => status === 503 },
  {
    name: 'status, after_handler',
    fault: { type: 'status', status: 500, at: 'after_handler' },
    isStruck: ({ status }) => status === 500,
  },
  { name: 'reset', fault: { type: 'reset' }, isStruck: failedWith('reset') },
  { name: 'reset, after_handler', fault: { type: 'reset', at: 'after_handler' }, isStruck: failedWith('reset') },
  {
    name: 'reset, after 50 bytes',
    fault: { type: 'reset', at: 'after_handler', afterBytes: 50 },
    isStruck: failedWith('reset'),
  },
  { name: 'hang', fault: { type: 'hang' }, isStruck: failedWith('timeout') },
  { name: 'hang, after_handler', fault: { type: 'hang', at: 'after_handler' }, isStruck: failedWith('timeout') },
  { name: 'close_early', fault: { type: 'close_early', afterBytes: 50 }, isStruck: failedWith('closed') },
  {
    name: 'close_early, wrong length',
    fault: { type: 'close_early', afterBytes: 50, contentLength: 'wrong' },
    isStruck: ({ ok, bodyBytes }) => ok && bodyBytes === 50,
  },
  // A byte in two milliseconds.
  {
    name: 'dribble',
    fault: { type: 'dribble', bytesPerSecond: 500, pieceBytes: 10 },
    isStruck: ({ ok, durationMs, bodyBytes }) => ok && durationMs >= 2 * (bodyBytes - 10),
  },
  {
    name: 'corrupt, invalid_json',
    fault: { type: 'corrupt', how: 'invalid_json' },
    isStruck: response => response.text().endsWith(','),
  },
  {
    name: 'corrupt, wrong_content_type',
    fault: { type: 'corrupt', how: 'wrong_content_type' },
    isStruck: ({ headers }) => !String(headers['content-type']).startsWith('application/json'),
  },
  { name: 'corrupt, bit_flips', fault: { type: 'corrupt', how: 'bit_flips', flips: 3 }, isStruck: bodyDiffers },
]

/** By itself and one request at a time: it holds up everybody. */
const stallFault: VisibleFault = {
  name: 'stall',
  fault: { type: 'stall', duration: LONG_MS },
  isStruck: isLong,
}

const CLIENTS = 24

export interface RequestFaultsCheckOptions extends TrialOptions {
  /** Of each fault. */
  requests: number
  /** Of each interval. */
  level: number
}

export interface RequestFaultsCheck {
  rows: CheckRow[]
  decisions: Decisions
}

/**
 * Every fault of requests on real sockets: the share that was struck against the one that was configured, and what the rule, the
 * ledger and the client say of how many there were.
 */
export async function checkRequestFaults(options: RequestFaultsCheckOptions): Promise<RequestFaultsCheck> {
  const { requests } = options
  const decisions = new Decisions()
  const rows = await strike(options, visibleFaults, CLIENTS, decisions)
  return {
    rows: [...rows, ...(await strike({ ...options, requests: requests / 4 }, [stallFault], 1, decisions))],
    decisions,
  }
}

async function strike(
  options: RequestFaultsCheckOptions,
  tested: readonly VisibleFault[],
  clients: number,
  decisions: Decisions,
): Promise<CheckRow[]> {
  const { requests, level } = options
  const faults = new FaultsClient(options)
  const idOf = (index: number) => `${tested[index]!.fault.type}-${index}`
  for (const [index, { fault }] of tested.entries()) {
    const id = idOf(index)
    await faults.set({ id, match: { header: { 'x-fault': id } }, share: SHARE, fault })
  }
  const seen = tested.map(() => 0)
  let next = 0
  try {
    const { ledger } = await trial(
      options,
      'faults of requests',
      scenario({
        load: { executor: 'shared-iterations', vus: clients, iterations: requests * tested.length, maxDuration: '10m' },
        users: [
          user('client', {
            begin: async ({ http }) =>
              new Map([
                [SMALL, await http.get(SMALL)],
                [LARGE, await http.get(LARGE)],
              ]),
            async iterate({ http, state: intact }) {
              const ordinal = next++
              const index = ordinal % tested.length
              const { path = SMALL, isStruck } = tested[index]!
              const key = `${idOf(index)}-${Math.floor(ordinal / tested.length)}`
              const headers = { 'x-fault': idOf(index), 'x-loadcell-exchange': key }
              const response = await http.get(path, { headers, name: idOf(index), timeout: TIMEOUT_MS })
              const struck = isStruck(response, intact.get(path)!)
              if (struck) seen[index]! += 1
              decisions.note(key, String(struck))
            },
          }),
        ],
      }),
    )
    const reports = await Promise.all(tested.map((_, index) => faults.report(idOf(index))))
    return tested.flatMap(({ name }, index) => {
      const { matched = 0, injected = 0 } = ledger.faults.rules.find(({ id }) => id === idOf(index)) ?? {}
      const interval = wilsonInterval(injected, matched, level)
      return [
        checkRow(`${name}: share struck`, 'share', { theory: SHARE, observed: injected / matched, interval }),
        exactRow(`${name}: struck by the rule’s own report, and in the ledger`, reports[index]!.injected, injected),
        exactRow(`${name}: struck in the ledger, and to the client`, injected, seen[index]!),
      ]
    })
  } finally {
    for (const index of tested.keys()) await faults.remove(idOf(index))
  }
}
