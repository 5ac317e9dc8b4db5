import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { isPreset, presets, rulesOfPreset } from '../contract/faults/presets.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { nearest } from '../core/nearest.ts'
import { InputError } from './input-error.ts'

/** What is sent to a target. Whether rules are good is for the target to say. */
export interface FaultsPlan {
  rules: unknown[]
  presets: string[]
  timeline: unknown
}

/**
 * Presets by name and files put together. A file (YAML or JSON) holds a rule, a list of rules, `{rules, presets}`, or a
 * timeline `{phases}`.
 * @throws InputError
 */
export function readPlan(sources: readonly string[]): FaultsPlan {
  const plan: FaultsPlan = { rules: [], presets: [], timeline: undefined }
  for (const source of sources) {
    if (isPreset(source)) plan.presets.push(source)
    else addFile(plan, source)
  }
  return plan
}

/** All of it ends after this time: presets are taken apart into their rules, since only rules have one. */
export function withTtl({ rules, presets: names, timeline }: FaultsPlan, ttl: string): FaultsPlan {
  const all = [...rules, ...names.flatMap(rulesOfPreset)]
  const ending = all.map(rule => (isObject(rule) ? { ...rule, ttl: sooner(rule['ttl'], ttl) } : rule))
  return { rules: ending, presets: [], timeline }
}

/** A rule that ends before, by itself, does so. What is no duration is for the target to refuse. */
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

function addFile(plan: FaultsPlan, file: string): void {
  const content = contentOf(file)
  if (Array.isArray(content)) plan.rules.push(...(content as unknown[]))
  else if (!isObject(content)) throw misfit(file)
  else if ('phases' in content) {
    if (plan.timeline !== undefined) throw new InputError(`${file} is a second timeline; there can be one only`)
    plan.timeline = content
  } else if ('fault' in content) plan.rules.push(content)
  else {
    const { rules = [], presets: names = [], ...others } = content
    if (Object.keys(others).length > 0 || !Array.isArray(rules) || !Array.isArray(names)) throw misfit(file)
    plan.rules.push(...(rules as unknown[]))
    plan.presets.push(...(names as string[]))
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
    return parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

function misfit(file: string): InputError {
  return new InputError(
    `expected ${file} to hold a rule, a list of rules, {rules, presets} or a timeline {phases}`,
    'docs/faults.md shows each of them.',
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
