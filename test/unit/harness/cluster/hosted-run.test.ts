import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UnpackedBundle } from '../../../../harness/bundle/unpacked-bundle.ts'
import { bundleOf } from '../../../../harness/bundle/scenario-bundle.ts'
import type { LinkEnd } from '../../../../harness/bus/link.ts'
import { ClusterUnavailable } from '../../../../harness/bus/message-bus.ts'
import { PACKET_BYTES } from '../../../../harness/bus/packets.ts'
import { ReliableLink } from '../../../../harness/bus/reliable-link.ts'
import { type HostOptions, hostRun } from '../../../../harness/cluster/hosted-run.ts'
import { asText } from '../../../../harness/cluster/text-codec.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { LossyWires } from '../../../support/lossy-wire.ts'

const LOST_AFTER_MS = 5000

/** Stands for the process of a share, and notes what it is told. */
class FakeShare {
  readonly told: string[] = []
  isKilled = false
  bundle: UnpackedBundle | undefined
  /** Says something to the coordinator. */
  say: (text: string) => void = () => {}
  end: (end: LinkEnd) => void = () => {}
  isClosed = false

  readonly start: HostOptions['start'] = bundle => {
    this.bundle = bundle
    const { promise, resolve } = Promise.withResolvers<LinkEnd>()
    this.end = resolve
    const link = {
      ended: promise,
      send: (text: string) => void this.told.push(text),
      receive: (receiver: (text: string) => void) => void (this.say = receiver),
      close: () => void (this.isClosed = true),
    }
    return { link, kill: () => void (this.isKilled = true) }
  }
}

let folder: string
let clock: FakeClock
let wires: LossyWires
let coordinator: ReliableLink<string, string>
let link: ReliableLink<string, string>
let share: FakeShare
let stop: AbortController
let heard: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hosted-run-'))
  clock = new FakeClock()
  wires = new LossyWires(clock)
  const options = { clock, codec: asText, mostPacketBytes: 1000 + PACKET_BYTES, lostAfterMs: LOST_AFTER_MS }
  coordinator = new ReliableLink(wires.ends[0], options)
  link = new ReliableLink(wires.ends[1], options)
  share = new FakeShare()
  stop = new AbortController()
  heard = []
  coordinator.receive(text => heard.push(text))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface HostedWith {
  sha256?: string
  get?: HostOptions['store']['get']
  start?: HostOptions['start']
}

function host({ start = share.start, ...about }: HostedWith = {}): Promise<LinkEnd> {
  const entry = join(folder, 'shop.ts')
  writeFileSync(entry, 'the scenario')
  const made = bundleOf({ entry, modules: [], data: [], more: [], folder, mostBytes: 1000 })
  const bundle = { name: 'bundle', parts: 1, bytes: made.bytes.length }
  const offer = {
    runId: 'run',
    link: 'link',
    bundle,
    sha256: made.sha256,
    mostBytes: 1000,
    lostAfterMs: 5000,
    ...about,
  }
  const get = about.get ?? (() => Promise.resolve(made.bytes))
  return hostRun({ offer, link }, { clock, store: { get }, packages: folder, start, stop: stop.signal })
}

describe('a hosted run', () => {
  it('passes messages on in both directions, and the assignment with the place of the scenario', async () => {
    void host()
    await clock.advance(10)
    coordinator.send(
      JSON.stringify({ kind: 'assign', runId: 'run', job: { scenario: '/elsewhere/shop.ts', flags: 7 } }),
    )
    coordinator.send('{"kind":"ping","id":1}')
    share.say('{"kind":"heartbeat"}')
    await clock.advance(10)
    const [assigned, ping] = share.told
    const { job } = JSON.parse(assigned!) as { job: { scenario: string; flags: number; moved: { root: string } } }
    expect(readFileSync(job.scenario, 'utf8')).toBe('the scenario')
    expect(job).toMatchObject({ flags: 7, moved: { root: folder } })
    expect(ping).toBe('{"kind":"ping","id":1}')
    expect(heard).toEqual(['{"kind":"heartbeat"}'])
  })

  it('tells the coordinator why no process could be started, and leaves no trace of the files', async () => {
    let place = ''
    const ended = host({
      start(bundle) {
        place = bundle.moved.place
        throw new Error('EEXIST: file already exists')
      },
    })
    await clock.advance(10)
    coordinator.close()
    expect((await clock.finish(ended)).state).toBe('lost')
    expect(heard.join()).toContain('no process could be started in its folder: EEXIST: file already exists')
    expect(existsSync(place)).toBe(false)
  })

  it('ends when the coordinator closes it, without a trace of the files', async () => {
    const ended = host()
    await clock.advance(10)
    const { place } = share.bundle!.moved
    coordinator.close()
    await clock.advance(10)
    expect(share.isClosed).toBe(true)
    share.end({ state: 'closed', detail: 'it was closed' })
    expect((await clock.finish(ended)).state).toBe('closed')
    expect(existsSync(place)).toBe(false)
  })

  it('ends the share when nothing comes from the coordinator any more, and kills one that goes on', async () => {
    const ended = host()
    await clock.advance(10)
    wires.fate = () => []
    await clock.advance(LOST_AFTER_MS + 500)
    expect(share.isClosed).toBe(true)
    expect(share.isKilled).toBe(false)
    await clock.advance(6000)
    expect(share.isKilled).toBe(true)
    await expect(ended).resolves.toEqual({ state: 'lost', detail: 'nothing came from it for 5 s' })
  })

  it('tells the coordinator how the process of the share ended', async () => {
    const ended = host()
    await clock.advance(10)
    share.say('the last words')
    share.end({ state: 'lost', detail: 'its process ended with SIGKILL' })
    await expect(clock.finish(ended)).resolves.toEqual({ state: 'lost', detail: 'its process ended with SIGKILL' })
    await expect(coordinator.ended).resolves.toEqual({ state: 'lost', detail: 'its process ended with SIGKILL' })
    expect(heard).toEqual(['the last words'])
  })

  it('leaves the run when the worker is stopped', async () => {
    const ended = host()
    await clock.advance(10)
    stop.abort()
    await clock.advance(10)
    await expect(coordinator.ended).resolves.toEqual({ state: 'lost', detail: 'the worker was stopped' })
    expect(share.isClosed).toBe(true)
    await clock.finish(ended)
    expect(share.isKilled).toBe(true)
  })

  it.each([
    [
      'is not what its hash says',
      { sha256: 'f'.repeat(64) },
      /cannot use the bundle of the scenario: expected the SHA-256 f/,
    ],
    [
      'is not there any more',
      { get: () => Promise.reject(new ClusterUnavailable('it is gone', 'Start again.')) },
      /cannot use the bundle of the scenario: it is gone\./,
    ],
  ])('says that it cannot take part when the bundle %s', async (_what, about, detail) => {
    const ended = host(about)
    await clock.advance(10)
    coordinator.close()
    await clock.finish(ended)
    const failed = JSON.parse(heard[0]!) as { kind: string; outcome: { state: string; detail: string } }
    expect([failed.kind, failed.outcome.state]).toEqual(['failed', 'scenario_failed'])
    expect(failed.outcome.detail).toMatch(detail)
    expect(share.bundle).toBeUndefined()
  })

  it('ends while it waits for a bundle that never comes', async () => {
    const ended = host({ get: () => new Promise(() => {}) })
    await clock.advance(10)
    coordinator.close()
    expect((await clock.finish(ended)).state).toBe('closed')
  })
})
