import type { Configuration } from './configuration.ts'

/** The current configuration. Read `current` each time, because the control plane may change it at any time. */
export interface Settings {
  readonly current: Configuration
  onChange(listener: (next: Configuration) => void): void
}

/** A value derived from the settings, kept up to date. */
export interface Live<T> {
  readonly current: T
}

/** Derives a value from the settings, now and after each change, so that hot paths need not parse text. */
export function derive<T>(settings: Settings, read: (configuration: Configuration) => T): Live<T> {
  const live = { current: read(settings.current) }
  settings.onChange(next => {
    live.current = read(next)
  })
  return live
}

/** Settings that can be changed. Callers of `change` must have validated the whole configuration. */
export class LiveSettings implements Settings {
  #current: Configuration
  readonly #listeners: ((next: Configuration) => void)[] = []

  constructor(initial: Configuration) {
    this.#current = initial
  }

  get current(): Configuration {
    return this.#current
  }

  onChange(listener: (next: Configuration) => void): void {
    this.#listeners.push(listener)
  }

  change(next: Configuration): void {
    this.#current = next
    for (const listener of this.#listeners) listener(next)
  }
}
