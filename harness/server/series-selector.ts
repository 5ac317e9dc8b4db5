import { globTest } from '../../core/glob.ts'

/** Chooses series by the name of their metric and by their labels. `*` stands for any text. */
export interface SeriesSelector {
  /** As it was given: `node_cpu_seconds_total{mode="idle"}`. */
  source: string
  name: (name: string) => boolean
  labels: LabelMatcher[]
}

interface LabelMatcher {
  label: string
  fits: (value: string) => boolean
}

const SELECTOR = /^\s*([a-zA-Z_:*][\w:.*]*)\s*(?:\{([^]*)\})?\s*$/
const MATCHER = /^\s*([a-zA-Z_]\w*)\s*(!=|=)\s*"((?:[^"\\]|\\.)*)"\s*$/
/** Pieces between commas; a comma in quotes or braces is part of its piece. What is not closed is left for the errors. */
const PIECES = /(?:[^,{"]|\{(?:[^}"]|"(?:[^"\\]|\\.)*")*\}|"(?:[^"\\]|\\.)*"|[{"])+/g

/** Series that say how loaded a process or a machine is. They are sampled where no others are chosen. */
export const usualSelectors: readonly string[] = [
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_open_fds',
  'process_max_fds',
  'nodejs_eventloop_lag_p99_seconds',
  'go_goroutines',
  'go_sched_gomaxprocs_threads',
  'jvm_threads_current',
  'jvm_memory_used_bytes',
  'node_cpu_seconds_total{mode="idle"}',
  'node_memory_MemAvailable_bytes',
  'node_load1',
]

/** Returns the selectors in a text such as `up,node_cpu_seconds_total{mode="idle"}`. @throws RangeError */
export function parseSelectors(text: string): SeriesSelector[] {
  return (text.match(PIECES) ?? []).filter(piece => piece.trim() !== '').map(parseSeriesSelector)
}

/** @throws RangeError */
export function parseSeriesSelector(text: string): SeriesSelector {
  const [, name, braces] = SELECTOR.exec(text) ?? []
  if (name === undefined) {
    const example = `process_cpu_seconds_total, node_* or node_cpu_seconds_total{mode="idle"}`
    throw new RangeError(`expected the name of a series such as ${example}, got ${JSON.stringify(text)}`)
  }
  const matchers = (braces?.match(PIECES) ?? []).filter(piece => piece.trim() !== '')
  return { source: text.trim(), name: globTest(name), labels: matchers.map(matcherOf) }
}

/** Tells whether a selector chooses a metric by its name, or by that of one of its samples. */
export function choosesName({ name }: SeriesSelector, sample: string, family: string): boolean {
  return name(sample) || name(family)
}

export function choosesLabels({ labels }: SeriesSelector, of: Readonly<Record<string, string>>): boolean {
  return labels.every(({ label, fits }) => fits(of[label] ?? ''))
}

function matcherOf(text: string): LabelMatcher {
  const [, label, operator, quoted] = MATCHER.exec(text) ?? []
  if (label === undefined || quoted === undefined) {
    throw new RangeError(`expected a label such as mode="idle", got ${JSON.stringify(text)}`)
  }
  const isLike = globTest(quoted.replaceAll(/\\(.)/g, '$1'))
  return { label, fits: operator === '=' ? isLike : value => !isLike(value) }
}
