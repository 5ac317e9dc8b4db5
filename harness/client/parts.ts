import type { Clock } from '../../core/clock.ts'
import type { FanOut } from '../delivery/fan-out.ts'
import type { Breaks } from './breaks.ts'
import type { Deadlines } from './deadlines.ts'
import type { Routes } from './routes.ts'
import type { SilenceWatch } from './silence.ts'
import type { TagsCache } from './tags.ts'
import type { Target } from './target.ts'

/** What all clients of a run share, whatever they speak. */
export interface ClientParts {
  clock: Clock
  target: Target
  routes: Routes
  tags: TagsCache
  deadlines: Deadlines
  silence: SilenceWatch
  breaks: Breaks
  fanOut: FanOut
  /** Headers that every request carries. */
  identity: Record<string, string>
}
