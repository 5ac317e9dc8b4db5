import type { Profile } from '../../../contract/api/accounts.ts'
import { type Random, randomInteger } from '../../../core/random.ts'
import { oneOf, type Vocabulary } from '../vocabulary.ts'

export type PostalAddress = Profile['address']

/** A fictitious address. */
export function makeAddress(draws: Random, { streets, cities }: Vocabulary): PostalAddress {
  return {
    street: `${1 + randomInteger(draws, 200)} ${oneOf(draws, streets)}`,
    city: oneOf(draws, cities),
    postal_code: String(10_000 + randomInteger(draws, 90_000)),
    country: 'US',
  }
}
