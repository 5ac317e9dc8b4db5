import type { Clock } from '../../core/clock.ts'
import { random } from '../../core/random.ts'
import type { Recorder } from '../metrics/recorder.ts'
import { ExchangeKeys, keyPrefixOf } from '../session/exchange-keys.ts'
import { Holdings } from '../session/holdings.ts'
import type { Session } from '../session/session.ts'

export interface LoneSessionOptions {
  clock: Clock
  recorder: Recorder
  /** Name in metrics and keys. */
  name: string
  /** Without a seed, keys and draws are the same in every run. */
  seed?: number
  /** Ends whatever it does. */
  interrupted: AbortSignal
}

/** Returns the session of something that sends requests and is no virtual user. */
export function loneSession({ clock, recorder, name, seed, interrupted }: LoneSessionOptions): Session {
  return {
    clock,
    recorder,
    user: name,
    ordinal: 0,
    exchanges: new ExchangeKeys(seed === undefined ? '' : keyPrefixOf(seed), name, 0),
    task: '',
    workTags: { user: name },
    labels: undefined,
    grouped: false,
    random: random(seed ?? 0).fork(name),
    dueAt: undefined,
    token: undefined,
    cookies: undefined,
    holdings: new Holdings(),
    stopping: interrupted,
    interrupted,
  }
}
