import type { Configuration } from '../../../../target/configuration/configuration.ts'
import { ConfigurationError, loadConfiguration } from '../../../../target/configuration/load.ts'
import { LiveSettings } from '../../../../target/configuration/settings.ts'

export function settingsWith(flags: Record<string, string>): LiveSettings {
  return new LiveSettings(loadConfiguration({ env: {}, flags }))
}

/** Changes some keys of running settings. */
export function changeAuth(settings: LiveSettings, auth: Partial<Configuration['auth']>): void {
  settings.change({ ...settings.current, auth: { ...settings.current.auth, ...auth } })
}

/** Returns the message of a refusal. */
export function complaint(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  throw new Error('nothing was refused')
}
