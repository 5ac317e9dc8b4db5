import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { RunResult } from '../../harness/results/run-result.ts'
import { buildImage, hasEngine } from './engine.ts'
import { createTopology, hasCompose, type Topology } from './topology.ts'

const steady = new URL('scenarios/steady.ts', import.meta.url)
/** Arrivals of the scenario, of which each sends two requests. */
const ARRIVALS = 60 * 12
const WORKERS = 3
/** Less than a coordinator waits for a worker that is silent. */
const SHORT_MS = 3000

const differences = ({ reconciliation }: RunResult) => reconciliation.rows.filter(({ difference }) => difference !== 0)

/** The run was whole: every arrival was served once, and both ends counted the same. */
function expectWhole({ code, output, result }: Awaited<ReturnType<Topology['ended']>>): void {
  expect(result.outcome, output).toMatchObject({ state: 'completed' })
  expect(differences(result)).toEqual([])
  expect(result.reconciliation.state).toBe('agrees')
  const { iterations, droppedIterations, interruptedIterations, failedIterations, requests } = result.totals
  expect({ iterations, droppedIterations, interruptedIterations, failedIterations }).toEqual({
    iterations: ARRIVALS,
    droppedIterations: 0,
    interruptedIterations: 0,
    failedIterations: 0,
  })
  expect(result.totals.events.accepted).toBe(ARRIVALS)
  // Each user also asks for a token once.
  expect(requests).toBe(2 * ARRIVALS + result.totals.tokens.issued)
  // A shared machine may make a generator late, and the run says so.
  expect([0, 98], output).toContain(code)
}

describe.skipIf(!hasEngine() || !hasCompose())('a coordinator and three workers in containers', () => {
  let topology: Topology
  beforeAll(buildImage)
  afterEach(() => topology.remove())

  async function started(options?: Parameters<Topology['start']>[1]): Promise<Topology> {
    topology = createTopology()
    await topology.start(steady, options)
    return topology
  }

  it('survive a restart of NATS and a network that is cut: both ends count exactly the same', async () => {
    const { docker, containers, network, ended } = await started()
    const nats = containers('nats')[0]!
    await docker('restart', '--time', '1', nats)
    await delay(SHORT_MS)
    await docker('network', 'disconnect', network, nats)
    await delay(SHORT_MS)
    await docker('network', 'connect', '--alias', 'nats', network, nats)
    expectWhole(await ended())
  })

  it('go on without a worker that was killed, and say which share is lost', async () => {
    const { docker, containers, ended } = await started({ onWorkerLoss: 'continue' })
    await delay(SHORT_MS)
    await docker('kill', containers('worker')[1]!)
    const { code, output, result } = await ended()
    expect(output).toMatch(/Worker \d of 3 \(\S+\) was lost .* into the run/)
    const { iterations } = result.totals
    expect(iterations).toBeGreaterThan((ARRIVALS / WORKERS) * 2 - 1)
    expect(iterations).toBeLessThan(ARRIVALS)
    expect(code, output).not.toBe(0)
  })
})
