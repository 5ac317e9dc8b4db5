import { parseDuration } from '../../../core/duration.ts'
import type { OptionStyle, RequestedLoad } from '../tool.ts'
import { optionValue } from './command-options.ts'

/** Names of the options of a tool that say how much load to make. */
export interface LoadOptions {
  users?: readonly string[]
  ratePerSecond?: readonly string[]
  requests?: readonly string[]
  duration?: readonly string[]
  /** Unit of a duration without one. */
  unit?: string
  style?: OptionStyle
}

const SCALES: Record<string, number> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }

/** Returns the load that the arguments ask for. What cannot be read was not asked for: the tool itself will complain. */
export function requestedLoad(args: readonly string[], options: LoadOptions): RequestedLoad {
  const load: RequestedLoad = {}
  const value = (names: readonly string[] = []) => optionValue(args, names, options.style)
  const users = countIn(value(options.users))
  const ratePerSecond = countIn(value(options.ratePerSecond))
  const requests = countIn(value(options.requests))
  const durationMs = msIn(value(options.duration), options.unit ?? '')
  if (users !== undefined) load.users = users
  if (ratePerSecond !== undefined) load.ratePerSecond = ratePerSecond
  if (requests !== undefined) load.requests = requests
  if (durationMs !== undefined) load.durationMs = durationMs
  return load
}

/** Returns a count such as `200` or `2k`; undefined for 0, by which tools mean no limit. */
function countIn(text: string | undefined): number | undefined {
  const [, digits, scale = ''] = /^(\d+(?:\.\d+)?)([kKmMgG]?)$/.exec(text ?? '') ?? []
  return digits === undefined || Number(digits) === 0 ? undefined : Number(digits) * SCALES[scale.toLowerCase()]!
}

function msIn(text: string | undefined, unit: string): number | undefined {
  if (text === undefined) return undefined
  try {
    return parseDuration(/^\d+(\.\d+)?$/.test(text) ? text + unit : text.toLowerCase()) || undefined
  } catch {
    return undefined
  }
}
