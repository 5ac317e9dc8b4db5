import { changesOf, LoadCourse, type LoadChange } from './load-course.ts'
import { type ClosedLoad, plannedMsOf } from './plan.ts'
import { endMsOf, type RunLoad } from './run-load.ts'
import { steeredSteps, userLineOf } from './user-steps.ts'

type Scheduled = Pick<RunLoad, 'name' | 'startMs' | 'load'>

/** Returns when all schedules are over, as if those that are paused went on now. Times are offsets from the start of the run. */
export function scheduleEndMs(loads: readonly Scheduled[], changes: readonly LoadChange[], nowMs: number): number {
  const ends = loads.map(load => {
    const known = changesOf(changes, load.name).filter(({ atMs }) => atMs <= nowMs)
    return new LoadCourse([...known, { atMs: nowMs, kind: 'resume' }]).timeAt(endMsOf(load))
  })
  return Math.max(0, ...ends)
}

/** Returns how long all loads were paused at once between two times. A load whose schedule was over counts as paused. */
export function pausedMsOfAll(loads: readonly Scheduled[], changes: readonly LoadChange[], untilMs: number): number {
  if (changes.length === 0) return 0
  const courses = loads.map(load => {
    const course = new LoadCourse(changesOf(changes, load.name))
    return { course, endsAtMs: course.timeAt(endMsOf(load)) }
  })
  const lastMs = Math.min(untilMs, Math.max(...courses.map(({ endsAtMs }) => endsAtMs)))
  const times = [0, ...changes.map(({ atMs }) => atMs), ...courses.map(({ endsAtMs }) => endsAtMs), lastMs]
    .filter(atMs => atMs <= lastMs)
    .sort((a, b) => a - b)
  return times.reduce((sum, fromMs, index) => {
    const toMs = times[index + 1] ?? fromMs
    const isPaused = courses.every(({ course, endsAtMs }) => fromMs >= endsAtMs || course.legAt(fromMs).isPaused)
    return isPaused ? sum + toMs - fromMs : sum
  }, 0)
}

/** Returns the highest number of users that a load should have had until a moment of the run. */
export function peakUsersOf(
  { name, startMs, load }: Pick<RunLoad, 'name' | 'startMs'> & { load: ClosedLoad },
  changes: readonly LoadChange[],
  untilMs: number,
): number {
  const own = changesOf(changes, name)
  const beganMs = new LoadCourse(own).timeAt(startMs)
  const endsMs = Math.min(untilMs - beganMs, new LoadCourse(own, beganMs).timeAt(plannedMsOf(load)))
  const steps = [...steeredSteps(userLineOf(load), new LoadCourse(own, beganMs))]
  return Math.max(0, ...steps.filter(({ atMs }) => atMs < endsMs).map(({ users }) => users))
}
