import type { Execution } from './execution.ts'

/**
 * Waits until a schedule has reached a place in it, whatever changes on the way.
 * @param beganAt when the schedule began. @param ends end the wait when one aborts, as the end of the run does
 */
export async function untilReached(
  positionMs: number,
  beganAt: number,
  { clock, steering, stopping }: Pick<Execution, 'clock' | 'steering' | 'stopping'>,
  ...ends: AbortSignal[]
): Promise<void> {
  const over = AbortSignal.any([stopping, ...ends])
  while (!over.aborted) {
    const woken = AbortSignal.any([over, steering.changed])
    await clock.sleep(beganAt + steering.courseFrom(beganAt).timeAt(positionMs) - clock.now(), woken)
    if (!woken.aborted) return
  }
}
