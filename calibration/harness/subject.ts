import type { CheckRow } from '../check-row.ts'
import type { HarnessBench } from './bench.ts'

/** One thing that the harness measures, and how it is checked. */
/** In the order in which they are checked. */
export const subjectNames = [
  'latency',
  'counts',
  'arrivals',
  'omission',
  'delivery',
  'recovery',
  'queues',
  'defects',
] as const

export interface Subject {
  /** Also the id of its section. */
  name: (typeof subjectNames)[number]
  title: string
  /** The question that its rows answer. */
  question: string
  /** How the right values are known, in a sentence or two. */
  method: string
  check: (bench: HarnessBench) => Promise<SubjectFindings>
}

export interface SubjectFindings {
  rows: CheckRow[]
  /** Where times were measured: what the harness itself adds to them. */
  additions?: Addition[]
}

/** Time that the harness and the loopback network add to a time of the target: the resolution of the instrument. */
export interface Addition {
  to: string
  medianMs: number
  p99Ms: number
  /** Number of undisturbed samples. */
  count: number
}
