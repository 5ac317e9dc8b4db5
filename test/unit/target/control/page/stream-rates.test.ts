import { expect, it } from 'vitest'
import { StreamRates } from '../../../../../target/control/page/stream-rates.ts'
import { until } from '../../../../support/stream-client.ts'
import { startStreamsApp } from '../../../../support/streams-app.ts'

it('shows the groups that are furthest behind, and sums the lag of all', async () => {
  const app = await startStreamsApp()
  const group = (name: string) => app.follow(`/v1/streams/orders?consumer_group=${name}`)
  const [, orders] = [...app.streams.byTenant()].find(([, { name }]) => name === 'orders')!
  for (const name of ['left', 'right']) (await group(name)).socket.destroy()
  await until(() => [...orders.groups].every(({ isEmpty }) => isEmpty))
  for (let at = 0; at < 7; at++) await group(`idle-${at}`)
  for (const event_id of ['a', 'b', 'c'])
    await app.publish({ event_type: 'order.created', event_id, partition_key: 'k', data: {} })
  const now = () => new StreamRates().take(app.streams.byTenant(), 1)
  // Members are handed their events a moment later.
  await until(() => now().lag === 6)
  const { streams, groups } = now()
  const shown = streams[0]?.groups.map(({ group, lag }) => `${group} ${lag}`)
  expect({ groups, shown: shown?.slice(0, 2), number: shown?.length }).toEqual({
    groups: 9,
    shown: ['left 3', 'right 3'],
    number: 6,
  })
})
