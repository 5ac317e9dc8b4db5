import { expect, it } from 'vitest'
import { Heartbeats } from '../../../../../target/gateways/stomp/heartbeats.ts'
import type { Peer } from '../../../../../target/sockets/endpoint.ts'

function peer({ heardAt = 0, wroteAt = 0, isMuted = false }) {
  const sent: string[] = []
  const connection = {
    isMuted,
    wroteAt,
    enqueue: (frame: { bytes: Buffer }) => sent.push(frame.bytes.toString('latin1')),
  }
  return { peer: { heardAt, connection } as unknown as Peer, sent }
}

it('the longer interval of both sides counts, and none if one side has none', () => {
  expect(new Heartbeats('100,5000', 1000)).toMatchObject({ incomingMs: 1000, outgoingMs: 5000 })
  expect(new Heartbeats('0,0', 1000)).toMatchObject({ incomingMs: 0, outgoingMs: 0 })
  expect(new Heartbeats('100,100', 0)).toMatchObject({ incomingMs: 0, outgoingMs: 0 })
  expect(new Heartbeats(undefined, 1000)).toMatchObject({ incomingMs: 0, outgoingMs: 0 })
})

it('one is sent when nothing else was for a while, unless a fault mutes it', () => {
  const beats = new Heartbeats('0,1000', 1000)
  const [quiet, busy, muted] = [peer({}), peer({ wroteAt: 500 }), peer({ isMuted: true })]
  for (const { peer: each } of [quiet, busy, muted]) beats.review(900, each)
  expect([quiet, busy, muted].map(({ sent }) => sent.length)).toEqual([1, 0, 0])
  expect(quiet.sent[0]).toMatch(/\n$/)
})

it('a client is lost once its own stay away for two intervals', () => {
  const beats = new Heartbeats('1000,0', 1000)
  const { peer: silent } = peer({})
  const alive = [0, 400, 800, 1200, 1600, 2000, 2400].map(now => beats.review(now, silent))
  expect(alive).toEqual([true, true, true, true, true, true, false])
})

it('a client is not lost because the target itself stood still', () => {
  const beats = new Heartbeats('1000,0', 1000)
  beats.review(0, peer({}).peer)
  expect(beats.review(60_000, peer({}).peer)).toBe(true)
  expect(beats.review(60_100, peer({ heardAt: 60_050 }).peer)).toBe(true)
})

it.each(['1', '1,', 'a,b', '-1,0', '1,2,3'])('the header %s is refused', header => {
  expect(() => new Heartbeats(header, 1000)).toThrow('heart-beat: expected two numbers')
})
