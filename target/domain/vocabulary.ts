import { faker } from '@faker-js/faker/locale/en'
import type { Profile } from '../../contract/api/accounts.ts'
import { type Random, randomInteger } from '../../core/random.ts'

/**
 * Words from which seeded data is composed. They are created once at the start, because a call of the library for every row
 * would be slow.
 */
export interface Vocabulary {
  /** `Grace Hopper` */
  people: readonly string[]
  companies: readonly string[]
  streets: readonly string[]
  cities: readonly string[]
  /** `Handcrafted`, `Sleek` */
  adjectives: readonly string[]
  /** `Granite`, `Cotton` */
  materials: readonly string[]
  /** `Chair`, `Hat` */
  things: readonly string[]
  /** Sentences about things. */
  descriptions: readonly string[]
  /** `bypass the solid state bandwidth` */
  chores: readonly string[]
}

const SOME = 200

/** Draws a vocabulary. Equal draws give equal words. */
export function createVocabulary(random: Random): Vocabulary {
  // The library has its own sequential generator. Nothing else draws from it in between.
  faker.seed(randomInteger(random, 2 ** 32))
  const some = (make: () => string) => [...new Set(Array.from({ length: SOME }, make))]
  return {
    people: some(() => `${faker.person.firstName()} ${faker.person.lastName()}`),
    companies: some(() => faker.company.name()),
    streets: some(() => faker.location.street()),
    cities: some(() => faker.location.city()),
    adjectives: some(() => faker.commerce.productAdjective()),
    materials: some(() => faker.commerce.productMaterial()),
    things: some(() => faker.commerce.product()),
    descriptions: some(() => faker.commerce.productDescription()),
    chores: some(() => `${faker.hacker.verb()} the ${faker.hacker.adjective()} ${faker.hacker.noun()}`),
  }
}

/** Draws one of the items with equal chances. */
export function oneOf<T>(random: Random, items: readonly T[]): T {
  return items[randomInteger(random, items.length)] as T
}

export type PostalAddress = Profile['address']

/** Draws a fictitious address. */
export function makeAddress(draws: Random, { streets, cities }: Vocabulary): PostalAddress {
  return {
    street: `${1 + randomInteger(draws, 200)} ${oneOf(draws, streets)}`,
    city: oneOf(draws, cities),
    postal_code: String(10_000 + randomInteger(draws, 90_000)),
    country: 'US',
  }
}
