import { describe, expect, it } from 'vitest'
import { GrpcClient } from '../../support/grpc-client.ts'
import { testTarget, type TestTarget } from './support.ts'

const on = { 'grpc.enabled': 'true' }
const EVENTS = 'loadcell.v1.Events'

const event = (id: string) => ({
  event_type: 'order.created',
  event_id: id,
  partition_key: id,
  data_json: '{"total":1}',
})

async function publishByRest(target: TestTarget, id: string): Promise<{ offset: number; partition: number }> {
  const answer = await fetch(`${target.url}/v1/events/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await target.token()}` },
    body: JSON.stringify({ event_type: 'order.created', event_id: id, partition_key: id, data: { total: 1 } }),
  })
  return (await answer.json()) as { offset: number; partition: number }
}

describe('gRPC with @grpc/grpc-js', () => {
  it('publishes over gRPC and REST, and follows both with the same offsets', async () => {
    const target = await testTarget(on)
    const publisher = new GrpcClient(target.url, await target.token())
    const follower = new GrpcClient(target.url, await target.token('consumer'))
    const events = follower.follow(`${EVENTS}/Subscribe`, { streams: ['orders'], from: 'EARLIEST' })
    const { answer, status } = await publisher.unary(`${EVENTS}/Publish`, event('by-grpc'))
    expect(status.code).toBe(0)
    expect(answer).toMatchObject({ event_id: 'by-grpc', stream: 'orders', duplicate: false })
    expect(await events.next()).toMatchObject({
      event: { stream: 'orders', partition: answer!['partition'], offset: answer!['offset'] },
    })
    const { partition, offset } = await publishByRest(target, 'by-rest')
    const second = await events.next()
    expect(second).toMatchObject({ event: { stream: 'orders', partition, offset, event_type: 'order.created' } })
    const { json } = second['event'] as { json: string }
    expect(JSON.parse(json)).toMatchObject({ event_id: 'by-rest', data: { total: 1 }, offset })
    events.call.cancel()
    await events.status
    const { streams, operations, events: counts } = await target.settledLedger()
    expect(streams.deliveries).toMatchObject([{ stream: 'orders', offered: 2, delivered: 2 }])
    expect(counts).toMatchObject({ received: 2, accepted: 2 })
    expect(operations.find(({ operation }) => operation === 'grpc.publish')).toMatchObject({
      arrivals: 1,
      statuses: { 200: 1 },
    })
  })
})
