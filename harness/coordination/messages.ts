import type { Interval, Share } from '../metrics/interval.ts'
import type { LoadChange } from '../load/load-course.ts'
import type { Mark } from '../metrics/observations.ts'
import type { RunOutcome } from '../results/run-result.ts'

/** The parts of a run that workers drive. The samples of a warm-up are discarded. */
export type DrivenPhase = 'warmup' | 'run'

/** Tells a worker its part of a run. */
export interface Assignment {
  runId: string
  share: Share
  /** The work: JSON that only those who start workers and those who load scenarios understand. */
  job: unknown
  targetUrl: string
  /** Whether requests tell the target their run and key. */
  identify: boolean
  /** The worker must look whether it reaches the target and the hosts, because it is on another machine than the coordinator. */
  mustProbe?: boolean
  /** Version of the coordinator. A worker of another version refuses. */
  version: string
}

/** Starts a phase at the same moment in all workers. */
export interface Start {
  phase: DrivenPhase
  /** Wall time by the clock of the worker that receives it. */
  at: number
  /** How far that clock is ahead of the coordinator's; absent where they do not differ measurably. */
  clockOffsetMs?: number
  /** When the timeline of faults began, as an offset from `at`; absent without one. */
  timelineAtMs?: number
  /** The result of the setup; absent without one. */
  shared?: { value: unknown }
}

/** A change of a run under way. */
export type Command =
  /** Ends the loads gracefully. */
  | { action: 'stop' }
  /** Interrupts everything at once. */
  | { action: 'abort' }
  /** Changes a load, or all. The worker hears of it before it applies. */
  | { action: 'change'; change: LoadChange }

/** Messages of the coordinator to a worker. */
export type ToWorker =
  | ({ kind: 'assign' } & Assignment)
  | { kind: 'ping'; id: number }
  | ({ kind: 'start' } & Start)
  /** `atMs` is when it applies, as an offset from the start of the phase; a moment that is over means now. */
  | { kind: 'control'; sequence: number; atMs: number; command: Command }
  /** The arrivals of a load begin at this wall time by the clock of the worker that receives it. */
  | { kind: 'go'; phase: DrivenPhase; load: number; at: number }
  /** All workers have ended their loads: close connections, and send what is left. */
  | { kind: 'settle' }
  /** Every interval up to this one has been merged. */
  | { kind: 'acknowledge'; sequence: number }
  /** The coordinator has everything that it needs: the worker ends. */
  | { kind: 'dismiss' }

/** The machine and process of a worker. */
export interface WorkerPlace {
  /** Version of Loadcell. */
  version: string
  node: string
  host: string
  pid: number
  cores: number
  /** Wall time by its clock. */
  wallTime: number
  /** A name for where it is. */
  place?: string
}

/** Messages of a worker to the coordinator. */
export type ToCoordinator =
  | ({ kind: 'ready' } & WorkerPlace)
  | { kind: 'pong'; id: number; wallTime: number }
  /** The scenario is loaded. Workers with different digests would run different loads. */
  | { kind: 'prepared'; digest: string }
  /** Numbered from 1 over both phases. The interval is lent: its receiver merges or encodes it at once. */
  | {
      kind: 'interval'
      sequence: number
      phase: DrivenPhase
      interval: Interval
      /** The loads had ended, so that it is no whole second. */
      isFinal?: true
    }
  | { kind: 'mark'; mark: Mark }
  /** The users of an open load, by its index, have begun: its arrivals can begin when those of all workers have. */
  | { kind: 'begun'; phase: DrivenPhase; load: number }
  /** The loads of the phase have ended; `atMs` is an offset from its start. */
  | { kind: 'ended'; phase: DrivenPhase; atMs: number }
  /** Everything is counted and sent: as many intervals as this. */
  | { kind: 'finished'; intervals: number }
  /** Why the run must end. A worker that has not yet prepared never will. */
  | { kind: 'failed'; outcome: RunOutcome }
  /** Sent every second from `ready` on. */
  | { kind: 'heartbeat' }
