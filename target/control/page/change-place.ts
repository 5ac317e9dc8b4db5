import { yaml } from '../../../core/yaml.ts'
import type { Configuration } from '../../configuration/configuration.ts'
import type { ChangeRequest } from '../../../contract/target-page.ts'

/** One thing in the configuration that a change of the page sets, takes away, and may bring back. */
export interface ChangePlace {
  place: ChangeRequest['place']
  /** Id or name; empty for the timeline. */
  name: string
}

/** Returns what is set at a place; undefined if nothing is. */
export function valueAtPlace({ faults, rateLimits }: Configuration, { place, name }: ChangePlace): unknown {
  if (place === 'rule') return faults.rules.find(({ id }) => id === name)
  if (place === 'preset') return faults.presets.includes(name) ? true : undefined
  if (place === 'timeline') return faults.timeline ?? undefined
  return rateLimits.rules.find(rule => rule.name === name)
}

/** Returns a document of the configuration with another value at a place. The value is not checked. */
export function withValue(current: Configuration, at: ChangePlace, value: unknown): unknown {
  const { faults, rateLimits } = current
  const { place, name } = at
  if (place === 'rate-limit') {
    return {
      ...current,
      rateLimits: { ...rateLimits, rules: replaced(rateLimits.rules, rule => rule.name === name, value) },
    }
  }
  const change =
    place === 'rule'
      ? { rules: replaced(faults.rules, rule => rule.id === name, value) }
      : place === 'preset'
        ? { presets: replaced(faults.presets, preset => preset === name, value === undefined ? undefined : name) }
        : { timeline: value ?? null }
  return { ...current, faults: { ...faults, ...change } }
}

/** Replaces an item where it stands, or appends it. */
function replaced<Item>(items: readonly Item[], isIt: (item: Item) => boolean, value: unknown): unknown[] {
  const index = items.findIndex(isIt)
  const own = value === undefined ? [] : [value]
  return index === -1 ? [...items, ...own] : items.toSpliced(index, 1, ...(own as Item[]))
}

/** Returns the part of a configuration file that sets the same. */
export function yamlOf({ place, name }: ChangePlace, value: unknown): string {
  if (value === undefined) return `# ${place === 'timeline' ? 'no timeline' : `without the ${place} ${name}`}\n`
  if (place === 'rule') return yaml().stringify({ faults: { rules: [value] } })
  if (place === 'preset') return yaml().stringify({ faults: { presets: [name] } })
  if (place === 'timeline') return yaml().stringify({ faults: { timeline: value } })
  return yaml().stringify({ rateLimits: { rules: [value] } })
}

/**
 * Returns a command that does the same. Presets and rate limits stand in lists, which a client replaces as a whole.
 * @param next configuration with the value
 */
export function commandOf({ place, name }: ChangePlace, value: unknown, next: Configuration, address: string): string {
  const control = `${address}/_loadcell`
  if (place === 'rule') {
    return value === undefined
      ? curl('DELETE', `${control}/faults/${name}`)
      : curl('PUT', `${control}/faults/${name}`, value)
  }
  if (place === 'timeline') {
    return value === undefined ? curl('DELETE', `${control}/timeline`) : curl('PUT', `${control}/timeline`, value)
  }
  const { faults, rateLimits } = next
  const patch =
    place === 'preset' ? { faults: { presets: faults.presets } } : { rateLimits: { rules: rateLimits.rules } }
  return curl('PATCH', `${control}/config`, patch)
}

function curl(method: string, address: string, body?: unknown): string {
  const sent =
    body === undefined
      ? ''
      : ` -H 'content-type: application/json' -d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`
  return `curl -X ${method} '${address}'${sent}`
}
