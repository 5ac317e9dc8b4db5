import { describe, expect, it } from 'vitest'
import { LabelledRoutes, nameIn } from '../../../../../harness/client/address/labelled-routes.ts'
import { Routes } from '../../../../../harness/client/address/routes.ts'
import { TagsCache } from '../../../../../harness/client/address/tags.ts'
import { parseTarget } from '../../../../../harness/client/address/target.ts'
import { TagSets } from '../../../../../harness/metrics/tag-sets.ts'
import { serve } from '../support.ts'
import { runInScope } from '../../../../../harness/session/group-scope.ts'
import type { Session } from '../../../../../harness/session/session.ts'

const sessionOf = (more: Partial<Session> = {}) =>
  ({ user: 'u', task: 't', labels: undefined, grouped: false, exchanges: {}, ...more }) as Session

function client() {
  const sets = new TagSets(['region'])
  const routes = new Routes(parseTarget('http://127.0.0.1:1'))
  return { sets, routes, labelled: new LabelledRoutes(sets), cache: new TagsCache() }
}

describe('LabelledRoutes', () => {
  it('return the plain route for a scenario without tags, so that it costs nothing', () => {
    const { routes, labelled } = client()
    const route = routes.of('GET', '/orders/1')
    expect(labelled.of(route, sessionOf(), undefined)).toBe(route)
  })

  it('return one object for equal tags, and other tags for other requests', () => {
    const { routes, labelled, cache } = client()
    const session = sessionOf({ labels: { plan: 'gold' } })
    const tagsOf = (region: string) =>
      cache.ofRequest(session, labelled.of(routes.of('GET', '/orders/1'), session, { region }))
    expect(tagsOf('eu')).toBe(tagsOf('eu'))
    expect(tagsOf('eu')).toEqual({
      name: '/orders/{id}',
      method: 'GET',
      operation: 'orders.get',
      user: 'u',
      task: 't',
      plan: 'gold',
      region: 'eu',
    })
    expect(tagsOf('us')).toMatchObject({ region: 'us' })
  })

  it('take the tag name as the name of the request', () => {
    expect(nameIn({ name: 'other', tags: { name: 'order' } })).toBe('order')
    expect(nameIn({ name: 'other', tags: { region: 'eu' } })).toBe('other')
    expect(nameIn({})).toBeUndefined()
  })

  it('add the group of the caller, but not that of another user', () => {
    const { sets, routes, labelled } = client()
    const route = routes.of('GET', '/')
    const session = sessionOf({ grouped: true })
    const other = sessionOf({ grouped: true, exchanges: {} as Session['exchanges'] })
    const scope = { owner: session.exchanges, path: 'cart', labels: sets.withGroup(undefined, 'cart') }
    runInScope(scope, () => {
      expect(labelled.of(route, session, undefined).labels).toEqual({ group: 'cart' })
      expect(labelled.of(route, other, undefined).labels).toBeUndefined()
    })
    expect(labelled.of(route, session, undefined).labels).toBeUndefined()
  })

  it('refuse a tag that the scenario does not declare', () => {
    const { routes, labelled } = client()
    expect(() => labelled.of(routes.of('GET', '/'), sessionOf(), { regoin: 'eu' })).toThrow('did you mean "region"?')
  })
})

describe('tags of the scenario on the wire', () => {
  const tagSets = () => new TagSets(['region'])
  const sse = { 'content-type': 'text/event-stream' }

  it('are those of requests, of the requests they are redirected to, and of their retries', async () => {
    let asked = 0
    const { http, recorder } = await serve(
      (request, response) => {
        if (request.url === '/old') return response.writeHead(302, { location: '/new' }).end()
        asked += 1
        return response.writeHead(asked === 1 ? 503 : 200).end()
      },
      { tagSets: tagSets() },
    )
    await http.get('/old', { tags: { region: 'eu' }, retry: { attempts: 2, backoff: 0 } })
    expect(recorder.requests.map(({ tags, status }) => [tags['region'], status])).toEqual([
      ['eu', 302],
      ['eu', 503],
      ['eu', 302],
      ['eu', 200],
    ])
    expect(recorder.of('http_req_retries').map(({ tags }) => tags['region'])).toEqual(['eu'])
  })

  it('are those of everything that is measured of a stream, whatever the user does later', async () => {
    const {
      sse: streams,
      session,
      recorder,
    } = await serve((_request, response) => response.writeHead(200, sse).end('id: 1\ndata: {"event_type":"a"}\n\n'), {
      tagSets: tagSets(),
    })
    session.labels = { plan: 'gold' }
    for await (const _ of streams.open('/feed', { tags: { region: 'eu' }, events: 1, reconnect: false }))
      session.labels = undefined
    const tagged = { region: 'eu', plan: 'gold' }
    expect(recorder.of('sse_sessions')[0]?.tags).toMatchObject(tagged)
    expect(recorder.of('sse_time_to_first_event')[0]?.tags).toMatchObject(tagged)
    expect(recorder.of('data_received')[0]?.tags).toMatchObject(tagged)
    expect(recorder.requests[0]?.tags).toMatchObject(tagged)
    expect([...recorder.of('sse_events'), ...recorder.of('sse_events_unplaced')].map(({ tags }) => tags)).toEqual([
      expect.objectContaining(tagged),
      expect.objectContaining(tagged),
    ])
  })

  it('name a request by the tag name', async () => {
    const { http, recorder } = await serve((_request, response) => response.end(), { tagSets: tagSets() })
    await http.get('/a', { tags: { name: 'first' } })
    expect(recorder.requests[0]?.tags).toMatchObject({ name: 'first' })
  })

  it('reject a request with another key before it is sent', async () => {
    const { http, recorder } = await serve((_request, response) => response.end(), { tagSets: tagSets() })
    expect(() => http.get('/a', { tags: { regoin: 'eu' } })).toThrow('did you mean "region"?')
    expect(recorder.requests).toEqual([])
  })
})
