import type { ControlCommand } from './control-command.ts'

/** State of a run now. */
export interface RunStatus {
  id: string
  scenario: string
  targetUrl: string
  /** Where the command was started. */
  folder: string
  /** Wall time at which the command was started. */
  since: number
  /** `preparing` until the loads begin: setup and warm-up. `ending` from the end of the schedule, or from a stop, on. */
  state: 'preparing' | 'running' | 'paused' | 'ending'
  /** Since the start of the loads; absent before. */
  elapsedMs?: number
  /** When the schedule ends, with all pauses so far; absent before the loads begin. */
  endsAtMs?: number
  loads: LoadStatus[]
}

export interface LoadStatus {
  /** Absent in a scenario with one load. */
  name?: string
  /** As it was planned. */
  inWords: string
  isPaused: boolean
  /** Relative to the plan. */
  factor: number
  isOver: boolean
}

/** The answer to a command. */
export type Acknowledgement =
  /** `atMs` is when it applies, as an offset from the start of the loads; absent before they begin. */
  { state: 'accepted'; atMs?: number; detail: string } | { state: 'refused'; reason: string; nextStep?: string }

/** Takes commands for a run, from wherever they come: a socket, a page, the coordinator of several workers. */
export interface RunControls {
  status(): RunStatus
  /** Gives a command. It never throws. */
  give(command: ControlCommand): Acknowledgement
}
