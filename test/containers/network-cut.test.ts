import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bothEnds } from './ends.ts'
import { hasEngine } from './engine.ts'
import { type CuttableNetwork, createCuttableNetwork } from './network.ts'
import { unexplained } from './unexplained.ts'

const PATIENCE = { timeout: 60_000, interval: 200 }
const [HERE, ELSEWHERE] = [10, 11]
const listeners = new URL('scenarios/listeners.ts', import.meta.url)
const publishers = new URL('scenarios/publishers.ts', import.meta.url)
const patientReader = new URL('clients/patient-reader.ts', import.meta.url)

describe.skipIf(!hasEngine())('a network that is cut between the target and its consumers', () => {
  const ends = bothEnds()
  let far: CuttableNetwork

  beforeAll(async () => {
    far = await createCuttableNetwork()
  })
  afterAll(() => far?.remove())

  it('loses and repeats nothing for clients that are still connected when the network is restored', async () => {
    const target = await ends.startTarget({ 'feed.orders': '0' })
    await far.connect(target, HERE)
    const listening = await ends.startHarness(listeners, ['--warmup', '0'], { network: far.name })
    const publishing = await ends.startHarness(publishers, ['--warmup', '0'])
    const [publishersRun, listenersRun] = [await target.runOf('publishers'), await target.runOf('listeners')]
    const accepted = async () => (await target.ledger(publishersRun)).events.accepted
    await expect.poll(async () => (await target.ledger(listenersRun)).events.delivered, PATIENCE).toBeGreaterThan(100)

    await far.disconnect(target)
    const before = await accepted()
    await expect.poll(accepted, PATIENCE).toBeGreaterThan(before + 60)
    await far.connect(target, HERE)

    await Promise.all([publishing.exitCode(), listening.exitCode()])
    const [published, heard] = [publishing.result(), listening.result()]
    expect(published.reconciliation.state).toBe('agrees')
    expect(heard.outcome.state).toBe('completed')
    expect(heard.reconciliation.state).toBe('agrees')
    expect(heard.totals.streams).toMatchObject({ opened: 6, reconnects: 0, resets: 0 })
    expect(heard.totals.sockets).toMatchObject({ opened: 2, reconnects: 0 })
    expect(heard.consumers.map(({ received }) => received)).toEqual(Array(6).fill(published.totals.events.accepted))
    const [chat] = (await target.ledger(publishersRun)).sockets.endpoints
    expect(heard.totals.sockets.events).toBe(2 * chat!.received)
    expect(heard.totals.events).toMatchObject({ gaps: 0, duplicates: 0, outOfOrder: 0 })
    expect(unexplained(await target.ledger(listenersRun))).toEqual([])
  })

  it('lets a client that gave up a silent connection resume without loss or repetition', async () => {
    const target = await ends.startTarget({ 'feed.orders': '0', 'streams.idleKeepAlive': '1s' })
    await far.connect(target, HERE)
    const reader = await ends.startClient(patientReader, { network: far.name })
    const count = async (kind: string) => (await reader.lines()).filter(line => line.startsWith(`${kind} `)).length
    const publishing = await ends.startHarness(publishers, ['--warmup', '0'])
    const publishersRun = await target.runOf('publishers')
    const accepted = async () => (await target.ledger(publishersRun)).events.accepted
    await expect.poll(() => count('event'), PATIENCE).toBeGreaterThan(20)

    await far.disconnect(target)
    const before = await accepted()
    await expect.poll(accepted, PATIENCE).toBeGreaterThan(before + 60)
    // What is connected now cannot be healed.
    await far.connect(target, ELSEWHERE)

    await publishing.exitCode()
    const published = publishing.result().totals.events.accepted
    await expect.poll(() => count('event'), PATIENCE).toBeGreaterThanOrEqual(published)
    const events = (await reader.lines()).filter(line => line.startsWith('event '))
    expect(events).toHaveLength(published)
    expect(new Set(events).size).toBe(published)
    expect(await count('broken')).toBeGreaterThan(0)
    expect(await count('opened')).toBe(2)
    expect(await count('reset')).toBe(0)
  })
})
