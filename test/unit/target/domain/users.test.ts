import { describe, expect, it } from 'vitest'
import { checker } from '../../../../core/check.ts'
import { Profile } from '../../../../contract/api/accounts.ts'
import { changeAuth } from '../configuration/support.ts'
import { identityWith } from '../auth/support.ts'

const PATTERN = 'TestPassword123!'

describe('Users', () => {
  it('accepts listed users with any of their passwords, in the order of the list', () => {
    const { users } = identityWith()
    expect(users.authenticate('qa.user1@example.com', 'TestPass123!')).toMatchObject({ id: 1 })
    expect(users.authenticate('loadtest.manager@example.com', 'SecurePass456!')).toMatchObject({ id: 4 })
    for (const password of ['testpassword123', 'testpass123']) {
      expect(users.authenticate('testuser@example.com', password)).toMatchObject({
        id: 5,
        email: 'testuser@example.com',
      })
    }
  })

  it.each([
    ['a wrong password', 'qa.user1@example.com', 'TestPass123'],
    ['no password', 'qa.user1@example.com', ''],
    ['the password of somebody else', 'qa.user1@example.com', 'testpass123'],
    ['an unknown address', 'nobody@example.com', 'TestPass123!'],
    ['an unknown address without a password', 'nobody@example.com', ''],
    ['a name of every object', '__proto__', ''],
    ['a wrong password of a pattern', 'loadtest+1@example.com', 'TestPass123!'],
  ])('refuses %s', (_name, email, password) => {
    expect(identityWith().users.authenticate(email, password)).toBeUndefined()
  })

  it('does not mind the case of an address', () => {
    const { users } = identityWith({ 'auth.users': '[{email: Ann@Example.com, passwords: [p]}]' })
    const ann = { id: 1, email: 'Ann@Example.com' }
    expect(users.authenticate('aNN@eXAMPLE.com', 'p')).toMatchObject(ann)
    expect(users.find('ann@example.com')).toMatchObject(ann)
    expect(users.find('LOADTEST+1@EXAMPLE.COM')).toEqual(users.find('loadtest+1@example.com'))
  })

  it('makes a user of each run of digits, leading zeros and all', () => {
    const { users } = identityWith()
    const ids = ['0', '00', '1', '7', '007', '10', '999999999999', '000000000000'].map(
      digits => users.authenticate(`loadtest+${digits}@example.com`, PATTERN)?.id,
    )
    expect(ids).toEqual([
      1_000_010, 1_000_100, 1_000_011, 1_000_017, 1_001_007, 1_000_110, 2_000_000_999_999, 1_000_001_000_000,
    ])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it.each(['', 'x', '1x', '-1', '1.5', ' 1', '٣', '1234567890123'])('makes no user of %j', digits => {
    expect(identityWith().users.find(`loadtest+${digits}@example.com`)).toBeUndefined()
  })

  it('keeps the users of several patterns apart, and the listed ones before them', () => {
    const { users } = identityWith({
      'auth.users': '[{email: a1@x, passwords: [own]}]',
      'auth.userPatterns': '[{email: a<digits>@x, password: p}, {email: <digits>, password: q}]',
    })
    expect(users.authenticate('a1@x', 'p')).toBeUndefined()
    expect(users.authenticate('a1@x', 'own')?.id).toBe(1)
    expect(users.authenticate('a2@x', 'p')?.id).toBe(1_000_012)
    expect(users.authenticate('2', 'q')?.id).toBe(10_000_001_000_012)
    expect(Number.isSafeInteger(99 * 10 ** 13 + 2_000_000_999_999)).toBe(true)
  })

  it('has no patterns in strict mode, and is changed at once', () => {
    const { users, settings } = identityWith()
    changeAuth(settings, { mode: 'strict' })
    expect(users.find('loadtest+1@example.com')).toBeUndefined()
    expect(users.authenticate('loadtest+1@example.com', PATTERN)).toBeUndefined()
    expect(users.find('qa.user1@example.com')).toBeDefined()
    changeAuth(settings, { mode: 'lenient', users: [{ email: 'new@example.com', passwords: ['p'], name: 'New One' }] })
    expect(users.find('qa.user1@example.com')).toBeUndefined()
    expect(users.authenticate('new@example.com', 'p')).toEqual({ id: 1, email: 'new@example.com', name: 'New One' })
  })

  it('gives the same user the same name and profile for the same seed', () => {
    const emails = ['qa.user1@example.com', 'qa.user2@example.com', 'loadtest+7@example.com', 'loadtest+8@example.com']
    const profiles = (seed: string, order: string[]) => {
      const { users } = identityWith({ seed })
      return new Map(
        order.map(email => {
          const user = users.find(email)!
          return [email, { ...user, ...users.detailsOf(user) }]
        }),
      )
    }
    const once = profiles('1', emails)
    expect(profiles('1', emails.toReversed())).toEqual(new Map([...once].toReversed()))
    expect(profiles('2', emails)).not.toEqual(once)
    expect(new Set([...once.values()].map(({ address }) => JSON.stringify(address))).size).toBe(emails.length)
    for (const profile of once.values()) expect(checker(Profile).errors({ ...profile, order_count: 0 })).toEqual([])
  })
})
