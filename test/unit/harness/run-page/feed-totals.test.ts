import { expect, it } from 'vitest'
import { systemClock } from '../../../../core/clock.ts'
import { SnapshotRecorder } from '../../../../harness/metrics/snapshot-recorder.ts'
import { feedTotalsOf } from '../../../../harness/run-page/feed-totals.ts'

it('counts the events of all protocols as delivered', () => {
  const recorder = new SnapshotRecorder(systemClock, 0)
  recorder.add('sse_events', {}, 1)
  recorder.add('ws_events', {}, 10)
  recorder.add('grpc_events', {}, 100)
  const { totals } = feedTotalsOf(recorder.snapshot, { openStreams: 2, openSockets: 3 })
  expect(totals).toMatchObject({ openStreams: 2, openSockets: 3, events: { delivered: 111 } })
})
