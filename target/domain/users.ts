import { makeAddress, oneOf, type Vocabulary } from './vocabulary.ts'
import { matchesOneOf, secretDigest } from '../auth/clients.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Profile, User } from '../../contract/api/accounts.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { BoundedMap } from '../../core/bounded-map.ts'
import { type Random, randomInteger } from '../../core/random.ts'

export interface UsersDependencies {
  settings: Settings
  vocabulary: Vocabulary
  random: Random
}

/** The users that may log in: those of `auth.users`, and while `auth.mode` is lenient those of `auth.userPatterns`. */
export class Users {
  readonly #dependencies: UsersDependencies
  /** Stands in for the digests of an unknown user, so that an unknown address takes as long as a wrong password. */
  readonly #nobody = [secretDigest('')]
  /** Users by requested address. A user stays the same object until the configuration changes. */
  readonly #recent = new BoundedMap<string, User>()
  #directory: Directory

  constructor(dependencies: UsersDependencies) {
    this.#dependencies = dependencies
    this.#directory = directoryOf(dependencies.settings.current)
    dependencies.settings.onChange(next => {
      this.#directory = directoryOf(next)
      this.#recent.clear()
    })
  }

  /** Returns the user if the password is one of theirs. */
  authenticate(email: string, password: string): User | undefined {
    const account = this.#accountOf(email)
    const matches = matchesOneOf(password, account?.digests ?? this.#nobody)
    return matches && account !== undefined ? this.find(email) : undefined
  }

  /** @param email in any case */
  find(email: string): User | undefined {
    const recent = this.#recent.touch(email)
    if (recent !== undefined) return recent
    const account = this.#accountOf(email)
    if (account === undefined) return undefined
    const user = this.#userOf(account)
    this.#recent.set(email, user, MOST_RECENT)
    return user
  }

  /** Returns the further fields of a user's profile. Equal seeds and ids give equal profiles. */
  detailsOf({ id }: User): Pick<Profile, 'created_at' | 'address'> {
    const draws = this.#drawsOf(id).fork('profile')
    return {
      created_at: new Date(FIRST_CREATED_AT_MS + randomInteger(draws, CREATED_WITHIN_MS)).toISOString(),
      address: makeAddress(draws, this.#dependencies.vocabulary),
    }
  }

  #accountOf(email: string): Account | undefined {
    const address = email.toLowerCase()
    const listed = this.#directory.listed.get(address)
    if (listed !== undefined) return listed
    if (this.#dependencies.settings.current.auth.mode === 'strict') return undefined
    for (const { idOf, digests } of this.#directory.patterns) {
      const id = idOf(address)
      if (id !== undefined) return { id, email: address, name: undefined, digests }
    }
    return undefined
  }

  #userOf({ id, email, name }: Account): User {
    return { id, email, name: name ?? oneOf(this.#drawsOf(id), this.#dependencies.vocabulary.people) }
  }

  #drawsOf(id: number): Random {
    return this.#dependencies.random.fork('users', id)
  }
}

const MOST_RECENT = 10_000
/** Earlier than the first seeded order. */
const FIRST_CREATED_AT_MS = Date.UTC(2022, 0, 1)
const CREATED_WITHIN_MS = 2 * 365 * 86_400_000

interface Account {
  id: number
  email: string
  name: string | undefined
  digests: readonly Buffer[]
}

interface Directory {
  /** By address, in lower case. */
  listed: Map<string, Account>
  patterns: {
    /** Returns the id of the user with this address in lower case; undefined if it does not fit the pattern. */
    idOf: (email: string) => number | undefined
    digests: readonly Buffer[]
  }[]
}

function directoryOf({ auth: { users, userPatterns } }: Configuration): Directory {
  return {
    listed: new Map(
      users.map(({ email, name, passwords }, index) => [
        email.toLowerCase(),
        { id: index + 1, email, name, digests: passwords.map(secretDigest) },
      ]),
    ),
    patterns: userPatterns.map(({ email, password }, index) => ({
      idOf: idsOfPattern(email, index),
      digests: [secretDigest(password)],
    })),
  }
}

const DIGITS = '<digits>'
const MOST_DIGITS = 12
/** Ids below this belong to listed users. */
const FIRST_ID = 1_000_000
/** The number of ids of a pattern: more than `1` followed by the maximum number of digits. */
const IDS_A_PATTERN = 10 ** (MOST_DIGITS + 1)

/**
 * Returns a function from addresses to ids. Each number in place of `<digits>` is another user.
 * @param index index of the pattern in the configuration
 */
function idsOfPattern(pattern: string, index: number): (email: string) => number | undefined {
  const [before = '', after = ''] = pattern.toLowerCase().split(DIGITS)
  return email => {
    if (!email.startsWith(before) || !email.endsWith(after)) return undefined
    const digits = email.slice(before.length, email.length - after.length)
    if (!/^\d{1,12}$/.test(digits)) return undefined
    // The 1 in front keeps 7 and 007 apart.
    return FIRST_ID + index * IDS_A_PATTERN + Number(`1${digits}`)
  }
}
