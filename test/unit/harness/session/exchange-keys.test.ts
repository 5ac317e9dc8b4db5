import { describe, expect, it } from 'vitest'
import { isName } from '../../../../contract/name.ts'
import { ExchangeKeys, keyPrefixOf, repeated } from '../../../../harness/session/exchange-keys.ts'

describe('ExchangeKeys', () => {
  it('contain the user, the iteration, and the ordinal of the request', () => {
    const keys = new ExchangeKeys(keyPrefixOf(7), 'buyer', 3)
    keys.enter('begin')
    expect([keys.next(), keys.next()]).toEqual(['7/buyer-3/begin/0', '7/buyer-3/begin/1'])
    keys.enter(0)
    expect([keys.next(), keys.next()]).toEqual(['7/buyer-3/0/0', '7/buyer-3/0/1'])
    keys.enter(1)
    expect(keys.next()).toBe('7/buyer-3/1/0')
    keys.enter('end')
    expect(keys.next()).toBe('7/buyer-3/end/0')
  })

  it('belong to the arrival, whichever user serves it', () => {
    const serve = (ordinal: number) => {
      const keys = new ExchangeKeys('7', 'buyer', ordinal)
      keys.enterArrival(41)
      return [keys.next(), keys.next()]
    }
    expect(serve(2)).toEqual(['7/buyer@41/0', '7/buyer@41/1'])
    expect(serve(5)).toEqual(serve(2))
  })

  it('differ for a begin that is tried again', () => {
    const keys = new ExchangeKeys('7', 'buyer', 3)
    for (const expected of ['7/buyer-3/begin/0', '7/buyer-3/begin/1']) {
      keys.enter('begin')
      expect(keys.next()).toBe(expected)
    }
  })

  it('begin with the load where loads have names, except those that all users of a worker share', () => {
    const keys = new ExchangeKeys('7', 'buyer', 3, { load: 'sale' })
    keys.enter(1)
    expect(keys.next()).toBe('7/sale:buyer-3/1/0')
    keys.enterArrival(41)
    expect(keys.next()).toBe('7/sale:buyer@41/0')
    expect(keys.shared('token')).toBe(new ExchangeKeys('7', 'buyer', 3).shared('token'))
  })

  it('are valid in a header, whatever the names of users, loads and clients', () => {
    const place = { load: 'x'.repeat(40) }
    const keys = new ExchangeKeys(keyPrefixOf(0xffffffff), 'Käufer/№ 1 '.repeat(20), 99_999, place)
    keys.enter(1e9)
    for (const key of [repeated(keys.next(), 99), keys.shared('token-Ünïque client-a b c'.repeat(9))]) {
      expect(isName(key)).toBe(true)
    }
  })

  it('of repeated requests for the same thing differ', () => {
    expect([0, 1, 2].map(ordinal => repeated('7/u-0/0/0', ordinal))).toEqual([
      '7/u-0/0/0',
      '7/u-0/0/0.1',
      '7/u-0/0/0.2',
    ])
  })
})
