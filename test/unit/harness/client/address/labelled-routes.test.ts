import { describe, expect, it } from 'vitest'
import { LabelledRoutes, nameIn } from '../../../../../harness/client/address/labelled-routes.ts'
import { Routes } from '../../../../../harness/client/address/routes.ts'
import { TagsCache } from '../../../../../harness/client/address/tags.ts'
import { parseTarget } from '../../../../../harness/client/address/target.ts'
import { TagSets } from '../../../../../harness/metrics/tag-sets.ts'
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
