import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { ClusterSubjects } from '../../../../harness/cluster/cluster-subjects.ts'
import { gather, type GatheringOptions, type JoinedWorker } from '../../../../harness/cluster/gathering.ts'
import { type AcceptedRun, WaitingWorker } from '../../../../harness/cluster/waiting-worker.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { MemoryBus } from '../../../support/memory-bus.ts'

const subjects = new ClusterSubjects('test')
const WAIT_MS = 20_000
const offer = {
  runId: 'shop-1',
  bundle: { name: 'bundle', parts: 1, bytes: 10 },
  sha256: 'a'.repeat(64),
  mostBytes: 1000,
  lostAfterMs: 5000,
}

let clock: FakeClock
let bus: MemoryBus

beforeEach(() => {
  clock = new FakeClock()
  bus = new MemoryBus(clock)
})

function worker(name: string, about: { version?: string; place?: string } = {}): WaitingWorker {
  const made = new WaitingWorker({
    bus,
    subjects,
    clock,
    about: { worker: name, name, version: '1', host: 'here', cores: 2, ...about },
  })
  onTestFinished(() => made.close())
  return made
}

function gathering(wanted: number, options: Partial<GatheringOptions> = {}): Promise<JoinedWorker[]> {
  const signal = new AbortController().signal
  const work = gather({
    bus,
    subjects,
    clock,
    wanted,
    waitMs: WAIT_MS,
    version: '1',
    offer,
    signal,
    onJoined: () => {},
    ...options,
  })
  work.catch(() => {})
  return work
}

/** Tells whether a worker has accepted a run. */
function watched(waiting: WaitingWorker): { run?: AcceptedRun } {
  const watch: { run?: AcceptedRun } = {}
  void waiting.next().then(run => (watch.run = run))
  return watch
}

const names = (joined: readonly JoinedWorker[]) => joined.map(({ hello }) => hello.name).sort()

describe('gathering workers', () => {
  it('takes as many as are wanted, and leaves the others free', async () => {
    const workers = ['a', 'b', 'c'].map(name => worker(name))
    const runs = workers.map(watched)
    const joined = await clock.finish(gathering(2))
    expect(joined).toHaveLength(2)
    expect(runs.filter(({ run }) => run !== undefined)).toHaveLength(2)
  })

  it('links each worker, so that messages go both ways', async () => {
    const waiting = worker('a')
    const [{ link }] = (await clock.finish(gathering(1))) as [JoinedWorker]
    const run = await waiting.next()
    const [here, there]: unknown[][] = [[], []]
    link.receive(message => here!.push(message))
    run.link.receive(message => there!.push(message))
    link.send({ kind: 'ping', id: 7 })
    run.link.send(JSON.stringify({ kind: 'heartbeat' }))
    await clock.advance(1)
    expect({ here, there }).toEqual({ here: [{ kind: 'heartbeat' }], there: ['{"kind":"ping","id":7}'] })
    expect(run.offer.runId).toBe('shop-1')
  })

  it('waits for workers that come later', async () => {
    const work = gathering(2)
    worker('a')
    await clock.advance(5000)
    worker('b')
    expect(names(await clock.finish(work))).toEqual(['a', 'b'])
  })

  it('takes each worker once, whatever the bus repeats', async () => {
    bus.copies = 3
    worker('a')
    const work = gathering(2)
    await clock.advance(3000)
    worker('b')
    expect(names(await clock.finish(work))).toEqual(['a', 'b'])
  })

  it('goes on after the bus was cut in the middle of an offer', async () => {
    worker('a')
    const answered = gathering(1)
    await clock.advance(0)
    bus.isCut = true
    await clock.advance(4000)
    bus.heal()
    expect(names(await clock.finish(answered))).toEqual(['a'])
  })

  it('names who came and who cannot be used when there are too few, and frees those who came', async () => {
    const waiting = worker('a', { place: 'eu-west' })
    worker('old', { version: '0.9' })
    const run = watched(waiting)
    const work = gathering(3)
    await clock.advance(WAIT_MS + 1000)
    await expect(work).rejects.toThrow(
      /expected 3 workers at memory \(loadcell\.test\) within 20s, got 1: a \(eu-west\)\n {2}old has version 0\.9, and this is 1$/,
    )
    await expect(run.run?.link.ended).resolves.toEqual({ state: 'lost', detail: 'its run did not begin' })
  })

  it('says that none came', async () => {
    const work = gathering(1)
    await clock.advance(WAIT_MS + 1000)
    await expect(work).rejects.toThrow(/expected 1 worker at .*, got none$/)
  })

  it('isolates two coordinators: a worker serves one run, and the other says so', async () => {
    const workers = ['a', 'b'].map(name => worker(name))
    await clock.finish(gathering(2))
    const other = gathering(1, { offer: { ...offer, runId: 'shop-2' } })
    await clock.advance(WAIT_MS + 1000)
    await expect(other).rejects.toThrow(/got none\n {2}[ab] works on the run shop-1\n {2}[ab] works on the run shop-1$/)
    expect(await Promise.all(workers.map(async each => (await each.next()).offer.runId))).toEqual(['shop-1', 'shop-1'])
  })

  it('gives a worker to the next run when it is free again', async () => {
    const waiting = worker('a')
    const [{ link }] = (await clock.finish(gathering(1))) as [JoinedWorker]
    link.close()
    await clock.advance(1)
    waiting.release()
    await clock.finish(gathering(1, { offer: { ...offer, runId: 'shop-2' } }))
    expect((await waiting.next()).offer.runId).toBe('shop-2')
  })

  it('replaces a worker that is lost while others are awaited', async () => {
    const first = worker('a')
    const work = gathering(2)
    await clock.advance(1000)
    ;(await first.next()).link.abandon('its machine was taken away')
    first.close()
    worker('b')
    worker('c')
    expect(names(await clock.finish(work))).toEqual(['b', 'c'])
  })

  it('ends when it is interrupted', async () => {
    const stop = new AbortController()
    const work = gathering(1, { signal: stop.signal })
    stop.abort(new Error('interrupted'))
    await expect(clock.finish(work)).rejects.toThrow('interrupted')
  })

  it('ignores what strangers send', async () => {
    const waiting = worker('a')
    for (const text of ['', '{', '{}', '[]', '{"coordinator":"../x","runId":"y"}']) {
      bus.publish(subjects.call, Buffer.from(text))
      bus.publish(subjects.offer('a'), Buffer.from(text))
    }
    await clock.advance(10)
    const run = watched(waiting)
    await clock.advance(10)
    expect(run.run).toBeUndefined()
  })
})
