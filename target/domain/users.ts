import { makeAddress, oneOf, type Vocabulary } from './vocabulary.ts'
import { matchesDigest, secretDigest } from '../auth/clients.ts'
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
  /** Compared with when there is no such user, so that an unknown address takes as long as a wrong password. */
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

  /** The user, if the password is one of theirs. */
  authenticate(email: string, password: string): User | undefined {
    const account = this.#accountOf(email)
    const digests = account === undefined ? this.#nobody : account.digests
    // All are compared, whichever matches, so that the time tells nothing.
    const matches = digests.map(digest => matchesDigest(password, digest)).includes(true)
    return matches && account !== undefined ? this.#userOf(account) : undefined
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
    for (const { pattern, digests } of this.#directory.patterns) {
      const id = pattern.idOf(address)
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
/** Before the first of the seeded orders. */
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
  patterns: { pattern: UserPattern; digests: readonly Buffer[] }[]
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
      pattern: userPattern(email, index),
      digests: [secretDigest(password)],
    })),
  }
}

/** Users that need not be listed, one for each run of digits in an address. */
interface UserPattern {
  /** Returns the id of the user with this address in lower case; undefined if it does not fit. */
  idOf(email: string): number | undefined
}

const DIGITS = '<digits>'
const MOST_DIGITS = 12
/** Ids below this belong to listed users. */
const FIRST_ID = 1_000_000
/** The number of ids of a pattern: more than `1` followed by the most digits. */
const IDS_A_PATTERN = 10 ** (MOST_DIGITS + 1)

/**
 * @param email with `<digits>` in it
 * @param index its place among the patterns
 */
function userPattern(email: string, index: number): UserPattern {
  const [before = '', after = ''] = email.toLowerCase().split(DIGITS)
  return {
    idOf(shown) {
      if (!shown.startsWith(before) || !shown.endsWith(after)) return undefined
      const digits = shown.slice(before.length, shown.length - after.length)
      if (!/^\d{1,12}$/.test(digits)) return undefined
      // The 1 in front keeps 7 and 007 apart.
      return FIRST_ID + index * IDS_A_PATTERN + Number(`1${digits}`)
    },
  }
}
