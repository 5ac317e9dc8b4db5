import { describe } from '../../core/check.ts'
import { formatDuration } from '../../core/duration.ts'
import { plannedMsOf } from '../load/plan.ts'
import { endMsOf, type RunLoad } from '../load/run-load.ts'
import { at, type Inspector, LONGEST_DAYS, LONGEST_MS } from './inspector.ts'
import { readLoad } from './read-load.ts'
import { readTags } from './read-metrics.ts'
import { readPause, readUsers } from './read-users.ts'

/** A load as the scenario has it, before options change it. Its users have no ids yet. */
export interface WrittenLoad extends Omit<RunLoad, 'firstId'> {
  /** Place in the scenario. */
  path: string
  /** As the scenario has them. */
  thresholds: unknown
}

/** Fields of a load besides those of its executor. */
const LOAD_FIELDS = ['startTime', 'users', 'think', 'pacing', 'tags', 'thresholds']

/** More loads would not fit into a report. */
const MOST_LOADS = 50
/** Characters that selectors, keys of exchanges and labels can carry as they are. */
const LOAD_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,39}$/
const NAME_RULE = 'a name of at most 40 letters, digits, dots, dashes and underscores that begins with a letter'

/** Returns the loads that a scenario has: those of `loads`, or the one of `load` and `users`. */
export function readLoads(inspector: Inspector, { load, loads, users }: Record<string, unknown>): WrittenLoad[] {
  if (loads === undefined) return readOnlyLoad(inspector, { load, users })
  if (load !== undefined) inspector.note('load', 'expected either load or loads, got both; make it one of loads')
  if (users !== undefined) inspector.note('users', 'expected the users within each of loads, got them beside it')
  if (typeof loads !== 'object' || loads === null || Array.isArray(loads)) {
    inspector.expected('loads', "an object such as { browse: { executor: 'constant-vus', … } }", loads)
    return []
  }
  const entries = Object.entries(loads)
  if (entries.length === 0) inspector.expected('loads', 'at least one load', loads)
  if (entries.length > MOST_LOADS)
    inspector.note('loads', `expected at most ${MOST_LOADS} loads, got ${entries.length}`)
  noteUnfitNames(
    inspector,
    entries.map(([name]) => name),
  )
  const read = entries
    .slice(0, MOST_LOADS)
    .map(([name, value]) => readNamedLoad(inspector, name, value))
    .filter(written => written !== undefined)
  if (inspector.errors.length === 0) noteUnfitStarts(inspector, read)
  return read
}

function readOnlyLoad(inspector: Inspector, { load, users }: Record<string, unknown>): WrittenLoad[] {
  const written = readLoad(inspector, 'load', load)
  const kinds = readUsers(inspector, 'users', users)
  return written === undefined
    ? []
    : [{ name: undefined, path: 'load', startMs: 0, load: written, users: kinds, thresholds: undefined }]
}

function readNamedLoad(inspector: Inspector, name: string, value: unknown): WrittenLoad | undefined {
  const path = at('loads', name)
  const load = readLoad(inspector, path, value, LOAD_FIELDS)
  if (load === undefined) return undefined
  const { startTime, users, think, pacing, tags, thresholds } = value as Record<string, unknown>
  const startMs = startTime === undefined ? 0 : inspector.durationMs(at(path, 'startTime'), startTime)
  const defaults = {
    tags: readTags(inspector, at(path, 'tags'), tags),
    ...(think !== undefined && { think: readPause(inspector, at(path, 'think'), think) }),
    ...(pacing !== undefined && { pacing: readPause(inspector, at(path, 'pacing'), pacing) }),
  }
  return {
    name,
    path,
    startMs,
    load,
    users: readUsers(inspector, at(path, 'users'), users, defaults),
    thresholds,
  }
}

function noteUnfitNames(inspector: Inspector, names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    if (!LOAD_NAME.test(name)) inspector.expected(at('loads', name), NAME_RULE, name)
    // Reports and files with such names could hardly be told apart.
    const same = names.slice(0, index).find(other => other.toLowerCase() === name.toLowerCase())
    if (same !== undefined) {
      inspector.note(at('loads', name), `expected a name of its own, got that of ${describe(same)} a second time`)
    }
  }
}

/** Notes times in which nothing would run, and runs that are too long. */
function noteUnfitStarts(inspector: Inspector, loads: readonly WrittenLoad[]): void {
  let endsMs = 0
  for (const written of loads.toSorted((a, b) => a.startMs - b.startMs)) {
    const { path, startMs } = written
    const place = at(path, 'startTime')
    if (startMs > endsMs) {
      const when =
        endsMs === 0
          ? '0s, because no other load runs before'
          : `${formatDuration(endsMs)} at most, the end of all loads before it`
      inspector.note(place, `expected ${when}, got ${formatDuration(startMs)}: nothing would run until then`)
    } else if (endMsOf(written) > LONGEST_MS) {
      const length = formatDuration(plannedMsOf(written.load))
      inspector.note(
        place,
        `expected an end within ${LONGEST_DAYS}d, got a load of ${length} that starts at ${formatDuration(startMs)}`,
      )
    }
    endsMs = Math.max(endsMs, endMsOf(written))
  }
}
