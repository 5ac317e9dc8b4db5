import { describe, expect, onTestFinished, test } from 'vitest'
import { headers } from '../../../../../contract/headers.ts'
import { parseTarget } from '../../../../../harness/client/address/target.ts'
import { LagObserver } from '../../../../../harness/client/http/lag-observer.ts'
import { serve } from '../support.ts'

const statsOf = (lag: number) => ({
  groups: [
    { group: 'workers', lag, members: [{ key: 'run-1/worker-0/0', partitions: [0, 1], lag }], partitions: [] },
    { group: 'of somebody else', lag: 99, members: [], partitions: [] },
  ],
})

/** A target that answers the stats of its streams like this, and what it was asked. */
async function start(answer: (url: string, ordinal: number) => { status?: number; body: unknown }) {
  const asked: { url: string; run: unknown; tenant: unknown; authorization: unknown }[] = []
  const { url } = await serve((request, response) => {
    const { status = 200, body } = answer(request.url ?? '', asked.length)
    asked.push({
      url: request.url ?? '',
      run: request.headers[headers.run],
      tenant: request.headers[headers.tenant],
      authorization: request.headers.authorization,
    })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const groupLag = new LagObserver('run-1', parseTarget(url))
  onTestFinished(() => groupLag.close())
  return { groupLag, asked }
}

const token = 'Bearer of-a-member'

describe('the lag of consumer groups', () => {
  test('is requested with the token of a member, under a separate run, and kept by second', async () => {
    const { groupLag, asked } = await start((_, ordinal) => ({ body: statsOf(ordinal * 10) }))
    groupLag.follow('/v1/streams/jobs?consumer_group=workers&partition=1', 'shop', token)
    groupLag.follow('/v1/streams/jobs?consumer_group=workers', 'shop', token)
    await groupLag.look(0)
    await groupLag.look(2)
    const call = {
      url: '/v1/streams/jobs/stats',
      run: 'run-1~observer',
      tenant: 'shop',
      authorization: 'Bearer of-a-member',
    }
    expect(asked).toEqual([call, call])
    const [series, ...others] = [...groupLag.series.values()]
    expect(others).toEqual([])
    expect(series).toMatchObject({ stream: 'jobs', group: 'workers' })
    expect(series?.lag).toEqual([0, undefined, 10])
    expect(series?.members.get('run-1/worker-0/0')).toEqual({ partitions: [0, 1], lag: [0, undefined, 10] })
    expect(groupLag.unavailable).toBeUndefined()
  })

  test('is not requested if no consumer is in a group', async () => {
    const { groupLag, asked } = await start(() => ({ body: {} }))
    groupLag.follow('/v1/streams/jobs', 'public', token)
    await groupLag.look(0)
    expect(asked).toEqual([])
  })

  test('is requested for each of several streams that are followed as one', async () => {
    const { groupLag, asked } = await start(() => ({ body: statsOf(1) }))
    groupLag.follow('/v1/streams/notifications?channels=a,b&consumer_group=workers', 'public', undefined)
    await groupLag.look(0)
    expect(asked.map(({ url }) => url).toSorted()).toEqual(['/v1/streams/a/stats', '/v1/streams/b/stats'])
    expect(asked[0]?.authorization).toBeUndefined()
    expect(groupLag.series.size).toBe(2)
  })

  test('is given up if the target does not report it, and the result says so', async () => {
    const { groupLag, asked } = await start(() => ({ status: 404, body: {} }))
    groupLag.follow('/v1/streams/jobs?consumer_group=workers', 'public', token)
    await groupLag.look(0)
    await groupLag.look(1)
    expect(asked).toHaveLength(1)
    expect(groupLag.unavailable).toBe('the target does not say (it answered 404)')
  })

  test('is requested again once a member sends other credentials, as after its token has expired', async () => {
    const { groupLag, asked } = await start((_, ordinal) =>
      ordinal === 0 ? { status: 401, body: {} } : { body: statsOf(7) },
    )
    const path = '/v1/streams/jobs?consumer_group=workers'
    groupLag.follow(path, 'public', token)
    await groupLag.look(0)
    groupLag.follow(path, 'public', token)
    await groupLag.look(1)
    expect(groupLag.unavailable).toBe('the target does not say (it answered 401)')
    groupLag.follow(path, 'public', 'Bearer another')
    await groupLag.look(2)
    expect(asked.map(({ authorization }) => authorization)).toEqual([token, 'Bearer another'])
    expect(groupLag.unavailable).toBeUndefined()
    expect([...groupLag.series.values()][0]?.lag).toEqual([undefined, undefined, 7])
  })

  test('is requested again after a second in which the target was down', async () => {
    const { groupLag } = await start((_, ordinal) => (ordinal === 0 ? { status: 503, body: {} } : { body: statsOf(7) }))
    groupLag.follow('/v1/streams/jobs?consumer_group=workers', 'public', token)
    await groupLag.look(0)
    await groupLag.look(1)
    expect([...groupLag.series.values()][0]?.lag).toEqual([undefined, 7])
  })

  test('is kept for a limited number of members', async () => {
    const members = Array.from({ length: 100 }, (_, index) => ({ key: `m-${index}`, partitions: [], lag: 1 }))
    const { groupLag } = await start(() => ({ body: { groups: [{ group: 'g', lag: 100, members, partitions: [] }] } }))
    groupLag.follow('/v1/streams/jobs?consumer_group=g', 'public', token)
    await groupLag.look(0)
    const [series] = [...groupLag.series.values()]
    expect({ membersSize: series?.members.size, incomplete: series?.incomplete, lag0: series?.lag[0] }).toEqual({
      membersSize: 32,
      incomplete: true,
      lag0: 100,
    })
  })
})
