import type { Configuration } from '../../../../target/configuration/configuration.ts'
import { loadConfiguration } from '../../../../target/configuration/load.ts'
import { LiveSettings } from '../../../../target/configuration/settings.ts'

export function settingsWith(flags: Record<string, string>): LiveSettings {
  return new LiveSettings(loadConfiguration({ env: {}, flags }))
}

/** Changes some keys of running settings. */
export function changeAuth(settings: LiveSettings, auth: Partial<Configuration['auth']>): void {
  settings.change({ ...settings.current, auth: { ...settings.current.auth, ...auth } })
}
