import { random } from '../../../../core/random.ts'
import { createIdentity, type Identity } from '../../../../target/auth/identity.ts'
import type { LiveSettings } from '../../../../target/configuration/settings.ts'
import { Users } from '../../../../target/domain/users.ts'
import { createVocabulary } from '../../../../target/domain/vocabulary.ts'
import { TokensSection } from '../../../../target/ledger/admission-section.ts'
import { Lifecycle } from '../../../../target/lifecycle/lifecycle.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { settingsWith } from '../configuration/support.ts'
import { plenty } from '../../../support/memory.ts'

export const ISSUER = 'http://127.0.0.1:8080'

export interface TestIdentity extends Identity {
  settings: LiveSettings
  users: Users
  clock: FakeClock
  lifecycle: Lifecycle
  book: TokensSection
}

const vocabulary = createVocabulary(random('words'))

/** Identity on a clock of its own, with a section of the ledger to write to. */
export function identityWith(flags: Record<string, string> = {}): TestIdentity {
  const clock = new FakeClock()
  const lifecycle = new Lifecycle()
  const settings = settingsWith(flags)
  const draws = random(settings.current.seed)
  const users = new Users({ settings, vocabulary, random: draws })
  const identity = createIdentity({
    settings,
    clock,
    random: draws,
    users,
    memory: plenty(),
    lifecycle,
    issuer: ISSUER,
  })
  return { ...identity, users, settings, clock, lifecycle, book: new TokensSection() }
}
