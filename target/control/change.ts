import { dottedPath, type PointedError } from '../../core/check.ts'
import type { Configuration } from '../configuration/configuration.ts'
import type { FaultsConfiguration } from '../../contract/faults/configuration.ts'
import { successor } from '../configuration/change.ts'
import { ConfigurationError } from '../configuration/draft.ts'
import type { LiveSettings } from '../configuration/settings.ts'
import { ProblemError } from '../exchange/problem.ts'

/**
 * Replaces the configuration by that of a document, or leaves it unchanged if any value is wrong.
 * @param within pointer to the part of the configuration that the client has sent; errors point into that part
 * @throws ProblemError invalid_request with everything that is wrong
 */
export function changeSettings(settings: LiveSettings, document: unknown, within = ''): Configuration {
  settings.change(checkedChange(settings.current, document, within))
  return settings.current
}

/**
 * Returns the configuration of a document, without applying it.
 * @throws ProblemError invalid_request with everything that is wrong
 */
export function checkedChange(current: Configuration, document: unknown, within = ''): Configuration {
  try {
    return successor(current, document)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const errors = error.issues.map(issue => pointedInto(within, issue))
    const { message } = new ConfigurationError(errors)
    throw new ProblemError('invalid_request', `nothing was changed: ${message}`, { errors })
  }
}

/** Makes a pointer relative to `within`. An error elsewhere is reported for the change as a whole. */
function pointedInto(within: string, { pointer, detail }: PointedError): PointedError {
  if (pointer === within || pointer.startsWith(`${within}/`)) return { pointer: pointer.slice(within.length), detail }
  return { pointer: '', detail: `${dottedPath(pointer)}: ${detail}` }
}

/** Changes some keys of the section `faults`. */
export function changeFaults(
  settings: LiveSettings,
  change: { [Key in keyof FaultsConfiguration]?: unknown },
  within: string,
): void {
  const { current } = settings
  changeSettings(settings, { ...current, faults: { ...current.faults, ...change } }, within)
}
