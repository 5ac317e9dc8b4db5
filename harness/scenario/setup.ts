import type { Context } from './context.ts'

/** Everything that `setup` and `teardown` can use. Their requests are measured apart from the run. */
export interface SetupContext
  extends Pick<Context<undefined>, 'http' | 'auth' | 'cookies' | 'jobs' | 'fake' | 'random'> {
  /** Pauses. Rejects once the stage has run out of time. */
  sleep: Context<undefined>['sleep']
}

export interface TeardownContext extends SetupContext {
  shared: SharedResult
}

/** Returns what the setup of the scenario returned, given the setup itself, which carries its type: `shared(prepare)`. */
export type SharedResult = <Result>(setup: (context: SetupContext) => Result) => Frozen<Awaited<Result>>

/** A value that nobody can change, because all users share it. */
export type Frozen<T> = T extends string | number | boolean | null | undefined
  ? T
  : { readonly [Key in keyof T]: Frozen<T[Key]> }
