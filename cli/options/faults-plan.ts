import { isObject } from '../../core/check.ts'
import { existsSync, readFileSync } from 'node:fs'
import { isPreset, presets, rulesOfPreset } from '../../contract/faults/presets.ts'
import { type Duration, parseDuration } from '../../core/duration.ts'
import { nearest } from '../../core/nearest.ts'
import { decodeText } from '../../core/text-file.ts'
import { yaml } from '../../core/yaml.ts'
import { dataFiles } from '../../harness/feeders/data-files.ts'
import { InputError } from '../process/input-error.ts'

/** Fault rules, presets and a timeline, as sent to a target, which validates them. */
export interface RequestedFaults {
  rules: unknown[]
  presets: string[]
  timeline: unknown
}

/**
 * Combines presets, given by name, and files. A file (YAML or JSON) holds a rule, a list of rules, `{rules, presets, timeline}` or a
 * timeline `{phases}`. Any of these may also be under `faults`, as in the configuration of a target.
 * @throws InputError
 */
export function readPlan(sources: readonly string[]): RequestedFaults {
  const plan: RequestedFaults = { rules: [], presets: [], timeline: undefined }
  for (const source of sources) {
    if (isPreset(source)) plan.presets.push(source)
    else addContent(plan, source, contentOf(source))
  }
  return { ...plan, presets: [...new Set(plan.presets)] }
}

/** Returns the plan with this time to live. Presets are replaced by their rules, because only rules have one. */
export function withTtl({ rules, presets: names, timeline }: RequestedFaults, ttl: string): RequestedFaults {
  const all = [...rules, ...names.flatMap(rulesOfPreset)]
  const ending = all.map(rule => (isObject(rule) ? { ...rule, ttl: sooner(rule['ttl'], ttl) } : rule))
  return { rules: ending, presets: [], timeline }
}

/** Returns the plan together with what is active at the target. A rule replaces one with the same id, even one of a preset. */
export function besides(
  plan: RequestedFaults,
  on: { rules: readonly { id: string }[]; presets: readonly string[] },
): RequestedFaults {
  const added = [...plan.rules, ...plan.presets.flatMap(rulesOfPreset)]
  const ids = new Set(added.map(rule => (isObject(rule) ? rule['id'] : undefined)))
  const isNew = ({ id }: { id: string }) => !ids.has(id)
  const whole = on.presets.filter(name => rulesOfPreset(name).every(isNew))
  const apart = on.presets.filter(name => !whole.includes(name)).flatMap(rulesOfPreset)
  return {
    rules: [...on.rules, ...apart].filter(isNew).concat(plan.rules as { id: string }[]),
    presets: [...whole, ...plan.presets],
    timeline: plan.timeline,
  }
}

/** Returns the shorter ttl. An invalid one is kept, so that the target refuses it. */
function sooner(own: unknown, ttl: string): unknown {
  if (own === undefined) return ttl
  const [ownMs, ttlMs] = [durationMs(own), durationMs(ttl)]
  if (ownMs === undefined || ttlMs === undefined) return ttlMs === undefined ? ttl : own
  return ownMs < ttlMs ? own : ttl
}

function durationMs(value: unknown): number | undefined {
  try {
    return parseDuration(value as Duration)
  } catch {
    return undefined
  }
}

function addContent(plan: RequestedFaults, file: string, content: unknown): void {
  if (Array.isArray(content)) plan.rules.push(...(content as unknown[]))
  else if (!isObject(content)) throw misfit(file)
  else if ('faults' in content && Object.keys(content).length === 1) addContent(plan, file, content['faults'])
  else if ('phases' in content) {
    if (plan.timeline !== undefined) throw new InputError(`${file} is a second timeline; there can be only one`)
    plan.timeline = content
  } else if ('fault' in content) plan.rules.push(content)
  else {
    const { rules = [], presets: names = [], timeline, ...others } = content
    if (Object.keys(others).length > 0) throw misfit(file, Object.keys(others))
    if (!Array.isArray(rules) || !Array.isArray(names)) throw misfit(file)
    plan.rules.push(...(rules as unknown[]))
    plan.presets.push(...(names as string[]))
    if (timeline !== undefined && timeline !== null) addContent(plan, file, timeline)
  }
}

function contentOf(file: string): unknown {
  if (!existsSync(file)) {
    const meant = nearest(file, Object.keys(presets))
    throw new InputError(
      `${JSON.stringify(file)} is neither a preset nor a file${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      '`loadcell faults presets` lists the presets.',
    )
  }
  try {
    return yaml().parse(decodeText(readFileSync(dataFiles.placeOf(file))))
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

function misfit(file: string, others: readonly string[] = []): InputError {
  const found = others.length === 0 ? '' : `, got ${others.map(key => JSON.stringify(key)).join(', ')}`
  return new InputError(
    `expected ${file} to hold a rule, a list of rules, {rules, presets, timeline} or a timeline {phases}, or one of these under "faults"${found}`,
    'docs/faults.md shows each of them.',
  )
}
