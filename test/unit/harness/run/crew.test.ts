import { describe, expect, it } from 'vitest'
import { inProcessLink } from '../../../../harness/bus/in-process-link.ts'
import type { Link } from '../../../../harness/bus/link.ts'
import type { ToCoordinator, ToWorker } from '../../../../harness/coordination/messages.ts'
import type { Interval } from '../../../../harness/metrics/interval.ts'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { Crew, type CrewLead } from '../../../../harness/run/crew.ts'
import { Ending } from '../../../../harness/run/ending.ts'
import { Gathered } from '../../../../harness/run/gathered.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const assignment = { runId: 'r', job: { scenario: 's' }, targetUrl: 'http://127.0.0.1', identify: true, version: '1' }

/** A worker that answers as the test says. */
class Puppet {
  readonly heard: ToWorker[] = []
  isKilled = false
  readonly link: Link<ToCoordinator, ToWorker>
  #sequence = 0
  readonly #worker: number

  constructor(link: Link<ToCoordinator, ToWorker>, worker: number, clock: FakeClock, aheadMs: number) {
    this.link = link
    this.#worker = worker
    link.receive(message => {
      this.heard.push(message)
      if (message.kind === 'ping') link.send({ kind: 'pong', id: message.id, wallTime: clock.wallTime() + aheadMs })
    })
  }

  get start(): Extract<ToWorker, { kind: 'start' }> | undefined {
    return this.heard.find(message => message.kind === 'start')
  }

  ready(digest = 'same'): void {
    const place = { node: 'v24', host: 'here', pid: this.#worker, cores: 2 }
    this.link.send({ kind: 'ready', version: '1', ...place, wallTime: 0 })
    this.link.send({ kind: 'prepared', digest })
  }

  /** Sends the requests of a second. @returns the message, to send it again */
  second(second: number, requests: number, sequence = ++this.#sequence): ToCoordinator {
    this.#sequence = sequence
    const delta = new Snapshot()
    delta.value('http_reqs', { name: '/' }).total = requests
    const gauges = { users: 1, streams: 0, sockets: 0 }
    const interval: Interval = {
      second,
      worker: this.#worker,
      fromMs: second * 1000,
      toMs: second * 1000 + 1000,
      delta,
      offered: 0,
      gauges,
    }
    const message = { kind: 'interval', sequence, phase: 'run', interval } as const
    this.link.send(message)
    return message
  }
}

function crewOf(count: number, options: Partial<CrewLead> = {}, aheadMs = 0) {
  const clock = new FakeClock()
  const never = new AbortController().signal
  const stop = new AbortController()
  const ending = new Ending(stop.signal)
  const puppets: Puppet[] = []
  const recruits = Array.from({ length: count }, (_, index) => {
    const [link, ofWorker] = inProcessLink<ToWorker, ToCoordinator>()
    const puppet = new Puppet(ofWorker, index, clock, aheadMs)
    puppets.push(puppet)
    return { link, leadMs: 100, kill: () => (puppet.isKilled = true) }
  })
  const told: string[] = []
  const tell = (line: string) => void told.push(line)
  const crew = new Crew(recruits, { clock, ending, killed: never, wantedPlaces: [], onLoss: 'end', tell, ...options })
  const gathered = new Gathered(clock, 100, text => text)
  const seconds: number[] = []
  const drive = () => crew.drive({ phase: 'run' }, gathered, second => seconds.push(second))
  return { clock, crew, ending, puppets, gathered, seconds, drive, stop, told }
}

/** Returns a crew whose workers are driving. */
async function driving(count: number, options: Partial<CrewLead> = {}, aheadMs = 0) {
  const all = crewOf(count, options, aheadMs)
  const prepared = all.crew.prepare(assignment)
  for (const puppet of all.puppets) puppet.ready()
  await prepared
  const driven = all.drive()
  const state = { isOver: false }
  void driven.then(() => (state.isOver = true))
  return { ...all, driven, state }
}

describe('Crew', () => {
  it('tells all workers their shares, and to start at one moment by their own clocks', async () => {
    const { puppets, clock, gathered } = await driving(3, {}, 60_000)
    expect(puppets.map(({ heard }) => heard[0])).toMatchObject(
      [0, 1, 2].map(index => ({ kind: 'assign', runId: 'r', share: { index, of: 3 } })),
    )
    const at = clock.wallTime() + gathered.startedAt - clock.now() + 60_000
    const start = { kind: 'start', phase: 'run', at, clockOffsetMs: 60_000 }
    expect(puppets.map(each => each.start)).toEqual(puppets.map(() => start))
  })

  it('tells of a second once all workers have sent it', async () => {
    const { puppets, seconds, gathered } = await driving(2)
    puppets[0]!.second(0, 5)
    puppets[0]!.second(1, 5)
    expect(seconds).toEqual([])
    puppets[1]!.second(0, 7)
    expect(seconds).toEqual([0])
    puppets[1]!.link.send({ kind: 'ended', phase: 'run', atMs: 1000 })
    puppets[0]!.second(2, 5)
    expect(seconds).toEqual([0, 2])
    expect(gathered.measurements.snapshot.total('http_reqs')).toBe(22)
  })

  it('counts a repeated interval once, acknowledges it again, and counts those that never came', async () => {
    const { puppets, crew, gathered } = await driving(2)
    const [puppet] = puppets as [Puppet, Puppet]
    const message = puppet.second(0, 5)
    puppet.link.send(message)
    expect(gathered.measurements.snapshot.total('http_reqs')).toBe(5)
    puppet.second(3, 5, 4)
    puppet.link.send({ kind: 'finished', intervals: 6 })
    expect(crew.members[0]).toMatchObject({ requests: 10, missing: 4, countedMs: 4000 })
    const acknowledged = puppet.heard.filter(message => message.kind === 'acknowledge')
    expect(acknowledged.map(({ sequence }) => sequence)).toEqual([1, 1, 4])
  })

  it('lets the arrivals of a load begin at one moment, when the users of all workers that are still there have begun', async () => {
    const { puppets, clock } = await driving(3, { onLoss: 'continue' }, 500)
    const begun = (puppet: Puppet, load = 0) => puppet.link.send({ kind: 'begun', phase: 'run', load })
    const gone = () => puppets.map(({ heard }) => heard.filter(({ kind }) => kind === 'go'))
    begun(puppets[0]!)
    begun(puppets[0]!)
    begun(puppets[1]!, 1)
    await clock.advance(40)
    begun(puppets[1]!)
    expect(gone()).toEqual([[], [], []])
    puppets[2]!.link.close()
    await clock.advance(0)
    const go = { kind: 'go', phase: 'run', load: 0, at: clock.wallTime() + 100 + 500 }
    expect(gone()).toEqual([[go], [go], []])
  })

  it('loses a worker that is silent for more than five seconds, kills it, and ends the run', async () => {
    const { puppets, crew, ending, clock, state, told } = await driving(2)
    puppets[1]!.second(0, 5)
    for (let second = 1; second <= 8; second++) {
      await clock.advance(1000)
      puppets[0]!.link.send({ kind: 'heartbeat' })
      if (second === 4) expect(crew.silent).toEqual([{ from: 'worker 2', seconds: 4 }])
    }
    expect(puppets.map(({ isKilled }) => isKilled)).toEqual([false, true])
    expect(crew.members[1]!.lost).toEqual({ atMs: 1000, detail: 'nothing came from it for 5 s' })
    const sentence = 'Worker 2 of 2 was lost 1s into the run: nothing came from it for 5 s'
    expect(told).toEqual([sentence])
    expect(ending.outcome).toEqual({ state: 'worker_lost', detail: `${sentence}.` })
    expect(puppets[0]!.heard).toContainEqual({ kind: 'control', sequence: 1, atMs: 0, command: { action: 'stop' } })
    puppets[0]!.link.send({ kind: 'ended', phase: 'run', atMs: 8000 })
    await clock.advance(0)
    expect(state.isOver).toBe(true)
  })

  it('blames no worker when it was busy itself', async () => {
    const { puppets, crew, clock } = await driving(2)
    clock.stall(60_000)
    await clock.advance(1000)
    for (const { link } of puppets) link.send({ kind: 'heartbeat' })
    await clock.advance(4000)
    expect(crew.present).toHaveLength(2)
  })

  it('goes on without a lost worker if it should, and with the seconds of the others', async () => {
    const { puppets, crew, ending, seconds, gathered, clock } = await driving(2, { onLoss: 'continue' })
    puppets[0]!.second(0, 5)
    puppets[1]!.second(0, 5)
    puppets[1]!.link.close()
    await clock.advance(0)
    expect(crew.members[1]!.lost).toEqual({ atMs: 1000, detail: 'it was closed' })
    expect(ending.outcome).toBeUndefined()
    puppets[0]!.second(1, 5)
    expect(seconds).toEqual([0, 1])
    expect(gathered.measurements.snapshot.total('http_reqs')).toBe(15)
    puppets[0]!.link.close()
    await clock.advance(0)
    expect(ending.outcome?.state).toBe('worker_lost')
  })

  it('ignores a worker that comes back after it was lost', async () => {
    const { puppets, gathered, clock } = await driving(2, { onLoss: 'continue' })
    for (let second = 1; second <= 8; second++) {
      await clock.advance(1000)
      puppets[0]!.link.send({ kind: 'heartbeat' })
    }
    puppets[1]!.second(0, 5)
    expect(gathered.measurements.snapshot.total('http_reqs')).toBe(0)
  })

  it('starts no run whose workers would run different loads', async () => {
    const { crew, puppets, ending } = crewOf(2)
    const prepared = crew.prepare(assignment)
    puppets[0]!.ready('one')
    puppets[1]!.ready('another')
    await prepared
    expect(ending.outcome).toMatchObject({ state: 'scenario_failed' })
    expect(ending.outcome?.detail).toContain('Workers 1 and 2 would run different loads')
  })

  it('ends the run for the reason that a worker gives', async () => {
    const { crew, puppets, ending } = crewOf(2)
    const prepared = crew.prepare(assignment)
    puppets[0]!.ready()
    const outcome = { state: 'scenario_failed', detail: 'It does not load.' } as const
    puppets[1]!.link.send({ kind: 'failed', outcome })
    await prepared
    expect(ending.outcome).toEqual(outcome)
  })

  it('waits no longer for a scenario to load when the run is interrupted', async () => {
    const { crew, stop } = crewOf(2)
    const prepared = crew.prepare(assignment)
    stop.abort()
    await prepared
    expect(crew.present).toHaveLength(2)
  })

  it('has nothing to settle before the run has begun', async () => {
    const { crew, puppets, clock } = crewOf(2)
    const prepared = crew.prepare(assignment)
    for (const puppet of puppets) puppet.ready()
    await prepared
    await crew.settle()
    expect(clock.now()).toBe(0)
    expect(puppets.flatMap(({ heard }) => heard).some(({ kind }) => kind === 'settle')).toBe(false)
  })

  it('gives workers a limited time to settle', async () => {
    const { crew, puppets, clock } = await driving(2, { onLoss: 'continue' })
    for (const { link } of puppets) link.send({ kind: 'ended', phase: 'run', atMs: 1000 })
    const settled = crew.settle()
    puppets[0]!.link.send({ kind: 'finished', intervals: 0 })
    for (let second = 0; second < 16; second++) {
      puppets[1]!.link.send({ kind: 'heartbeat' })
      await clock.advance(1000)
    }
    await settled
    expect(crew.members.map(({ lost }) => lost?.detail)).toEqual([undefined, 'it did not end within 15 s'])
  })
})
