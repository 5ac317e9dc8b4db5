import { describe, expect, it } from 'vitest'
import type { RequestSample } from '../../../../harness/metrics/recorder.ts'
import { mergeSlowest, Slowest } from '../../../../harness/metrics/slowest.ts'
import { SnapshotRecorder } from '../../../../harness/metrics/snapshot-recorder.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const sample: RequestSample = {
  tags: { name: '/a', method: 'GET', operation: 'unmatched', user: 'u', task: '' },
  dueAt: 1000,
  handedAt: 1001,
  sentAt: 1002,
  endedAt: 1010,
  status: 200,
  sentBytes: 0,
  receivedBytes: 7,
  stream: false,
}

describe('the slowest requests', () => {
  it('are those with the longest response times, with offsets from the start of the run', () => {
    const slowest = new Slowest(400)
    for (let index = 0; index < 30; index++)
      slowest.add(`trace-${index}`, { ...sample, endedAt: 1010 + ((index * 7) % 30) })
    const list = slowest.list()
    expect(list).toHaveLength(10)
    expect(list.map(({ responseMs }) => responseMs)).toEqual([39, 38, 37, 36, 35, 34, 33, 32, 31, 30])
    expect(list[0]).toMatchObject({ name: '/a', method: 'GET', status: 200, dueMs: 600, responseMs: 39, serviceMs: 37 })
  })

  it('are neither streams nor interrupted, nor without a trace', () => {
    const recorder = new SnapshotRecorder(new FakeClock(), 0)
    recorder.request({ ...sample, stream: true, trace: 'stream' })
    recorder.request({ ...sample, failure: { reason: 'interrupted', example: '' }, trace: 'interrupted' })
    recorder.request(sample)
    recorder.request({ ...sample, trace: 'kept' })
    expect(recorder.slowest.list().map(({ trace }) => trace)).toEqual(['kept'])
  })

  it('of two workers merge in any order', () => {
    const [one, other] = [1, 2].map(worker => {
      const slowest = new Slowest(0)
      for (let index = 0; index < 12; index++) slowest.add(`${worker}-${index}`, { ...sample, endedAt: 1010 + index })
      return slowest.list()
    }) as [ReturnType<Slowest['list']>, ReturnType<Slowest['list']>]
    const merged = mergeSlowest(one, other)
    expect(merged.map(({ trace }) => trace).slice(0, 4)).toEqual(['1-11', '2-11', '1-10', '2-10'])
    expect(merged).toHaveLength(10)
    expect(mergeSlowest(other, one)).toEqual(merged)
  })
})
