import { describe, expect, it } from 'vitest'
import { Liveness, silentTarget } from '../../../../harness/run/liveness.ts'
import { fakeFloor } from '../../../support/fake-floor.ts'

function watched(begunUsers = 1) {
  const { clock, recorder, tally, snapshot } = fakeFloor([{ behaviour: { iterate: () => {} } }])
  for (let count = 0; count < begunUsers; count++) tally.begin()
  const tags = { name: '/a', method: 'GET', operation: 'unmatched', user: 'u', task: '' } as const
  const request = (status: number, stream = false) =>
    recorder.request({
      tags,
      dueAt: clock.now(),
      handedAt: clock.now(),
      sentAt: clock.now(),
      endedAt: clock.now(),
      status,
      sentBytes: 0,
      receivedBytes: 0,
      stream,
      ...(status === 0 && { failure: { reason: 'refused', example: 'connect ECONNREFUSED' } }),
    })
  const watch = new Liveness({
    clock,
    measurements: { snapshot },
    startedAt: 0,
    get present() {
      return { streams: 0, sockets: 0, begunUsers: tally.begunUsers }
    },
  })
  return { clock, recorder, tally, request, watch, snapshot }
}

describe('Liveness', () => {
  it('considers the target lost after five seconds of broken connections only', async () => {
    const { clock, request, watch } = watched()
    request(200)
    for (let second = 1; second <= 6; second++) {
      await clock.advance(1000)
      if (second > 1) request(0)
      expect(watch.look()).toBeUndefined()
    }
    await clock.advance(1000)
    expect(watch.look()).toEqual({
      state: 'target_lost',
      detail: 'The target has not answered since 1s into the run: the connection was refused (connect ECONNREFUSED).',
    })
  })

  it('considers the target alive while responses or events arrive, whatever their status', async () => {
    const { clock, recorder, request, watch } = watched()
    for (let second = 1; second <= 20; second++) {
      await clock.advance(1000)
      request(0)
      if (second % 4 === 0) request(503)
      else if (second % 2 === 0) recorder.add('sse_events', {})
      expect(watch.look()).toBeUndefined()
    }
  })

  it('gives connections that break all at once after a long silence the time to reconnect', async () => {
    const { clock, recorder, request, watch } = watched()
    recorder.add('sse_sessions', {})
    watch.look()
    await clock.advance(60_000)
    for (let count = 0; count < 10; count++) request(0)
    expect(watch.look()).toBeUndefined()
    await clock.advance(4000)
    recorder.add('sse_sessions', {})
    expect(watch.look()).toBeUndefined()
    await clock.advance(60_000)
    expect(watch.look()).toBeUndefined()
    request(0)
    expect(watch.look()).toBeUndefined()
    for (let count = 0; count < 2; count++) request(0)
    await clock.advance(5000)
    expect(watch.look()?.state).toBe('target_lost')
  })

  it('takes a refused stream for a sign of life, and the end of one for none', async () => {
    const { clock, recorder, request, watch } = watched()
    recorder.add('sse_sessions', {})
    watch.look()
    await clock.advance(5000)
    request(401, true)
    watch.look()
    expect(watch.silentSeconds).toBe(0)
    await clock.advance(5000)
    request(200, true)
    for (let count = 0; count < 3; count++) request(0, true)
    expect(watch.look()).toBeUndefined()
    expect(watch.silentSeconds).toBe(5)
    await clock.advance(5000)
    expect(watch.look()?.detail).toContain('has not answered since 5s into the run')
  })

  it('ignores failures that were followed by a response', async () => {
    const { clock, request, watch } = watched()
    for (let count = 0; count < 10; count++) request(0)
    request(200)
    watch.look()
    await clock.advance(60_000)
    expect(watch.look()).toBeUndefined()
  })

  it('considers a target alive if no request is sent to it', async () => {
    const { clock, watch } = watched()
    await clock.advance(60_000)
    expect(watch.look()).toBeUndefined()
  })

  it('gives up when no user at all can begin', async () => {
    const { clock, recorder, tally, watch } = watched(0)
    recorder.fail({ reason: 'exception', name: 'u: begin', example: 'Error: wrong secret' })
    await clock.advance(9000)
    expect(watch.look()).toBeUndefined()
    await clock.advance(1000)
    expect(watch.look()).toEqual({ state: 'scenario_failed', detail: 'No user could begin: Error: wrong secret.' })
    tally.begin()
    expect(watch.look()).toBeUndefined()
  })
})

describe('silentTarget', () => {
  it('names the target only if neither the load nor its process is heard for five seconds', async () => {
    const { clock, request, watch } = watched()
    await clock.advance(3000)
    request(200)
    watch.look()
    await clock.advance(4999)
    expect(silentTarget(watch, { targetSilentSeconds: 9 })).toEqual([])
    await clock.advance(1001)
    expect(silentTarget(watch, { targetSilentSeconds: 0 })).toEqual([])
    expect(silentTarget(watch, { targetSilentSeconds: 5 })).toEqual([{ from: 'target', seconds: 5 }])
    expect(silentTarget(watch, { targetSilentSeconds: 9 })).toEqual([{ from: 'target', seconds: 6 }])
    request(200)
    watch.look()
    expect(silentTarget(watch, { targetSilentSeconds: 9 })).toEqual([])
  })
})
