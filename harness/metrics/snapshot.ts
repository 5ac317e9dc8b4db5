import {
  type CounterName,
  type MetricKind,
  type MetricName,
  type RateName,
  type Tags,
  type TrendName,
  metrics,
  tagNames,
} from './catalog.ts'
import { Histogram } from '../../core/histogram.ts'
import { type ErrorRow, ErrorTable } from './error-table.ts'
import {
  decodeValue,
  emptyValue,
  encodeSeries,
  isEmpty,
  mergeValue,
  reset,
  type EncodedSeries,
  type Series,
  type Value,
  type ValueOf,
} from './series.ts'

/** Beyond this many series, a new one loses the tags that the scenario declares: names matter more to a reader of the result. */
const MOST_TAGGED_SERIES = 1500
/** Beyond this many series, a new one loses the tags whose values servers and scenarios may invent. */
const MOST_SERIES = 2000
/** Beyond this many, a new one also loses the tags of the scenario's own parts. */
const MOST_FOLDED_SERIES = 3 * MOST_SERIES
/** Beyond this many series with a phase, new ones are kept without it. Sums over all phases stay correct. */
const MOST_PHASED_SERIES = 4000
const OTHER = '(other)'

/**
 * Tags that are lost beyond the bounds. Operation, status, reason, transport and phase are never lost: they have few values,
 * and results and ledgers are compared by them. A bound on what is shown must not change a comparison.
 */
const madeUp: readonly (keyof Tags)[] = ['name', 'stream', 'check']
const ofScenario: readonly (keyof Tags)[] = [...madeUp, 'user', 'task', 'method', 'group']
const builtIn: ReadonlySet<string> = new Set(tagNames)

export interface EncodedSnapshot {
  series: EncodedSeries[]
  errors: ErrorRow[]
}

/** Selects series of a metric by their tags. */
export interface Selection {
  metric: string
  selector: Tags
}

/** The kind of a metric of the harness; any kind for other names. */
type KindOf<Name extends string> = Name extends MetricName ? (typeof metrics)[Name]['kind'] : MetricKind

/**
 * Measurements as counts and histograms. What is recorded into one is bounded; snapshots that are merged keep all their
 * series, so that the order of merges does not matter.
 */
export class Snapshot {
  readonly errors = new ErrorTable()
  readonly #series = new Map<string, Series>()
  readonly #byMetric = new Map<string, Series[]>()
  /** For each place: its series, by the key that they have at their worker. */
  readonly #byPlace = new Map<string, Map<string, Series>>()
  /** Series without their phases: phases must not change the numbers of a run. */
  readonly #identities = new Set<string>()
  #phased = 0
  /** Series created since the last `lend`. */
  readonly #fresh = new Set<Series>()
  readonly #wanted: readonly Selection[]

  /** @param wanted series that keep their tags in any case, because thresholds ask for them. */
  constructor(wanted: readonly Selection[] = []) {
    this.#wanted = wanted
  }

  /** Returns the value under these tags, created if there is none. */
  value<Name extends MetricName>(metric: Name, tags: Tags): ValueOf<KindOf<Name>> {
    return this.valueOf(metric, metrics[metric].kind, tags) as ValueOf<KindOf<Name>>
  }

  /** Returns the value of a metric of any name under these tags, created if there is none. */
  valueOf<Kind extends MetricKind>(metric: string, kind: Kind, tags: Tags): ValueOf<Kind> {
    const key = keyOf(metric, tags)
    const known = this.#series.get(key)
    if (known !== undefined) return known.value as ValueOf<Kind>
    const { phase, ...whole } = tags
    const identity = keyOf(metric, whole)
    if (!this.#identities.has(identity)) {
      const folded = this.#folded(metric, tags)
      if (folded !== tags) return this.valueOf(metric, kind, folded)
      this.#identities.add(identity)
    }
    if (phase !== undefined) {
      if (this.#phased >= MOST_PHASED_SERIES) return this.valueOf(metric, kind, whole)
      this.#phased += 1
    }
    const series: Series = { metric, tags, key, value: emptyValue(kind) }
    this.#insert(series)
    this.#fresh.add(series)
    return series.value as ValueOf<Kind>
  }

  /** Returns all series in the order in which they came. Their values go on growing. */
  list(): Series[] {
    return [...this.#series.values()]
  }

  /** Returns the series of a metric whose tags include the selector. */
  select<Name extends string>(metric: Name, selector: Tags = {}): Series<ValueOf<KindOf<Name>>>[] {
    const wanted = Object.entries(selector)
    const family = (this.#byMetric.get(metric) ?? []) as Series<ValueOf<KindOf<Name>>>[]
    return family.filter(({ tags }) => matches(tags, wanted))
  }

  /** Returns the selected series as one value; undefined when there are none. */
  merged<Name extends string>(metric: Name, selector?: Tags): ValueOf<KindOf<Name>> | undefined {
    const selected = this.select(metric, selector)
    const [first] = selected
    if (first === undefined || selected.length === 1) return first?.value
    const sum = emptyValue(first.value.kind)
    for (const { value } of selected) mergeValue(sum, value)
    return sum as ValueOf<KindOf<Name>>
  }

  /** Returns the total of the selected series; 0 when there are none. */
  total(metric: CounterName, selector?: Tags): number {
    return this.select(metric, selector).reduce((sum, { value }) => sum + value.total, 0)
  }

  hits(metric: RateName, selector?: Tags): number {
    return this.select(metric, selector).reduce((sum, { value }) => sum + value.hits, 0)
  }

  histogram(metric: TrendName, selector?: Tags): Histogram {
    return this.merged(metric, selector)?.histogram ?? new Histogram()
  }

  /** Returns the sum of both as a new snapshot. */
  merge(other: Snapshot): Snapshot {
    const sum = new Snapshot()
    sum.absorb(this)
    sum.absorb(other)
    return sum
  }

  /** Adds everything of another snapshot. @param place of the worker that recorded it, which its series get as a tag */
  absorb(other: Snapshot, place?: string): void {
    if (place === undefined) for (const series of other.#series.values()) this.#merge(series)
    else this.#mergeAt(place, other)
    this.errors.merge(other.errors.rows())
  }

  /**
   * Lends the samples since the last call, and then resets them. They are lent only until `use` returns: a caller that keeps
   * them must merge or encode them.
   */
  lend(use: (delta: Snapshot) => void): void {
    const delta = new Snapshot()
    for (const series of this.#series.values())
      if (!isEmpty(series.value) || this.#fresh.has(series)) delta.#insert(series)
    delta.errors.merge(this.errors.rows())
    use(delta)
    for (const { value } of delta.#series.values()) reset(value)
    this.#fresh.clear()
    this.errors.reset()
  }

  /** Adds a value under these tags, as it is. Nothing else may change it afterwards. */
  put(metric: string, tags: Tags, value: Value): void {
    const series = { metric, tags, key: keyOf(metric, tags), value }
    if (this.#series.has(series.key)) this.#merge(series)
    else this.#insert(series)
  }

  /** Returns a copy with its series in the order of their keys. */
  sorted(): Snapshot {
    const sorted = new Snapshot()
    for (const series of [...this.#series.values()].sort((a, b) => (a.key < b.key ? -1 : 1))) sorted.#insert(series)
    sorted.errors.merge(this.errors.rows())
    return sorted
  }

  /** Returns the series of this snapshot that got the samples. */
  #merge({ metric, tags, key, value }: Series): Series {
    let series = this.#series.get(key)
    if (series === undefined) this.#insert((series = { metric, tags, key, value: emptyValue(value.kind) }))
    mergeValue(series.value, value)
    return series
  }

  /** Merges series of one place. Their tags and keys are made once, because the same ones come every second. */
  #mergeAt(place: string, other: Snapshot): void {
    let placed = this.#byPlace.get(place)
    if (placed === undefined) this.#byPlace.set(place, (placed = new Map()))
    for (const series of other.#series.values()) {
      const known = placed.get(series.key)
      if (known === undefined) placed.set(series.key, this.#merge(seriesAt(place, series)))
      else mergeValue(known.value, series.value)
    }
  }

  #insert(series: Series): void {
    this.#series.set(series.key, series)
    const family = this.#byMetric.get(series.metric)
    if (family === undefined) this.#byMetric.set(series.metric, [series])
    else family.push(series)
  }

  /** Returns the tags without those that are lost, except tags in `wanted`; the same object when none are lost. */
  #folded(metric: string, tags: Tags): Tags {
    const { size } = this.#identities
    if (size < MOST_TAGGED_SERIES) return tags
    const given = size < MOST_SERIES ? [] : size < MOST_FOLDED_SERIES ? madeUp : ofScenario
    const asked = this.#wanted
      .filter(wanted => wanted.metric === metric && matches(tags, Object.entries(wanted.selector)))
      .flatMap(({ selector }) => Object.keys(selector))
    const others = Object.keys(tags).filter(tag => !builtIn.has(tag))
    const folded = [...given, ...others].filter(tag => (tags[tag] ?? OTHER) !== OTHER && !asked.includes(tag))
    return folded.length === 0 ? tags : { ...tags, ...Object.fromEntries(folded.map(tag => [tag, OTHER])) }
  }

  toJSON(): EncodedSnapshot {
    return { series: [...this.#series.values()].map(encodeSeries), errors: this.errors.rows() }
  }

  static fromJSON({ series, errors }: EncodedSnapshot): Snapshot {
    const snapshot = new Snapshot()
    for (const { metric, tags, value } of series) snapshot.put(metric, tags, decodeValue(value))
    snapshot.errors.merge(errors)
    return snapshot
  }
}

function matches(tags: Tags, wanted: readonly (readonly [string, string | undefined])[]): boolean {
  return wanted.every(([tag, value]) => tags[tag] === value)
}

function seriesAt(place: string, { metric, tags, value }: Series): Series {
  const placed = { ...tags, place }
  return { metric, tags: placed, key: keyOf(metric, placed), value }
}

/** Returns a key that does not depend on the order of tags. */
function keyOf(metric: string, tags: Tags): string {
  const pairs = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([metric, pairs])
}
