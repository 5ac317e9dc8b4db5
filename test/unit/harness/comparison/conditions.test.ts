import { expect, it } from 'vitest'
import { conditionsOf, differencesBetween } from '../../../../harness/comparison/conditions.ts'
import { passedRun } from '../report/fixture.ts'

it('runs with and without a proxy, or with unchecked certificates, were made under different conditions', () => {
  const { run, environment } = passedRun()
  const of = (path: string, more: Partial<typeof run>) => ({
    path,
    conditions: conditionsOf({ run: { ...run, ...more }, environment }),
  })
  const base = of('base', {})
  expect(differencesBetween([base, of('same', {})])).toEqual([])
  expect(differencesBetween([base, of('insecure', { insecure: true })])).toEqual([
    {
      condition: 'certificates',
      values: [
        { value: 'checked', paths: ['base'] },
        { value: 'not checked', paths: ['insecure'] },
      ],
    },
  ])
  expect(differencesBetween([base, of('through', { proxy: 'http://proxy:3128' })])).toEqual([
    {
      condition: 'proxy',
      values: [
        { value: 'none', paths: ['base'] },
        { value: 'http://proxy:3128', paths: ['through'] },
      ],
    },
  ])
})

it('names the places of workers, because distances to the target are part of response times', () => {
  const result = passedRun()
  expect(conditionsOf(result).get('places')).toBe('none')
  const places = ['eu-west', 'us-east']
  expect(conditionsOf({ ...result, run: { ...result.run, places } }).get('places')).toBe('eu-west, us-east')
})

it('names the hosts of a scenario, wherever their URLs lead', () => {
  const result = passedRun()
  expect(conditionsOf(result).get('hosts')).toBe('none')
  const hosts = ['http://a.test', 'http://b.test'].map(url => [
    { name: 'api', url },
    { name: 'auth', url: `${url}/auth` },
  ])
  expect(hosts.map(hosts => conditionsOf({ ...result, run: { ...result.run, hosts } }).get('hosts'))).toEqual([
    'api, auth',
    'api, auth',
  ])
})
