import { expect, it } from 'vitest'
import { conditionsOf } from '../../../../harness/comparison/conditions.ts'
import { passedRun } from '../report/fixture.ts'

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
