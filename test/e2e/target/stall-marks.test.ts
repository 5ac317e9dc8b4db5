import { Worker } from 'node:worker_threads'
import { onTestFinished, expect, it } from 'vitest'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { LedgerRecord } from '../../../contract/ledger-record.ts'
import { systemClock } from '../../../core/clock.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import type { StallClientData } from './stall-client.ts'

const steps = { connected: 0, begun: 1, sent: 2, answered: 3 }
const KEPT = 5
const FRESH = 40

it('a stall marks all requests that waited in sockets, even on new connections, and none that came later', async () => {
  const signals = new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT)
  const signal = new Int32Array(signals)
  const reached = (step: number) => Atomics.waitAsync(signal, step, 0).value
  // The stall lasts until the other requests are sent, however slow the machine is.
  const stall = () => {
    Atomics.store(signal, steps.begun, 1)
    Atomics.notify(signal, steps.begun)
    Atomics.wait(signal, steps.sent, 0)
  }
  const rules = [{ id: 'gc', match: { path: '/products/1' }, fault: { type: 'stall', duration: '1ms' } }]
  const flags = { 'http.port': '0', 'log.level': 'silent', 'faults.rules': JSON.stringify(rules) }
  const target = await startTarget(loadConfiguration({ env: {}, flags }), { clock: { ...systemClock, stall } })
  onTestFinished(() => target.close())

  const port = Number(new URL(target.url).port)
  const workerData: StallClientData = { port, signals, steps, kept: KEPT, fresh: FRESH }
  const client = new Worker(new URL('stall-client.ts', import.meta.url), { workerData })
  onTestFinished(() => client.terminate().then(() => undefined))
  await reached(steps.connected)
  expect((await fetch(`${target.url}/products/1`)).status).toBe(200)
  await reached(steps.answered)
  expect((await fetch(`${target.url}/products/2`)).status).toBe(200)

  const records = await (await fetch(`${target.url}/_loadcell/ledger/records`)).text()
  const marks = records
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as LedgerRecord)
    .map(({ operation, stalled }) => `${operation} ${stalled ? 'stalled' : 'not'}`)
  expect(
    Object.fromEntries(
      Map.groupBy(marks, mark => mark)
        .entries()
        .map(([mark, { length }]) => [mark, length]),
    ),
  ).toEqual({
    'products.get stalled': 1,
    'health.live stalled': KEPT + FRESH,
    'products.get not': 1,
  })
  const { faults } = (await (await fetch(`${target.url}/_loadcell/ledger`)).json()) as LedgerReport
  expect(faults.stalled).toBe(1 + KEPT + FRESH)
})
