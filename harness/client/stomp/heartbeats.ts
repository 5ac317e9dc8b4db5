import { heartbeat } from '../../../contract/stomp/write-frame.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Failure } from '../../metrics/recorder.ts'

/** A broker whose heart-beats stay away for this many intervals is lost. */
const TOLERANCE = 2
/** Share of the interval after which the next one is sent, so that none is late. */
const EARLY = 0.9

export interface BeatingConnection {
  /** By the monotonic clock. */
  heardAt: number
  send(text: string): void
  lose(failure: Pick<Failure, 'reason' | 'example'>): void
}

/** Intervals in ms, as `heart-beat` of both sides says; 0 for none. */
export function agreedBeats(ownMs: number, offered: string | undefined): { outgoingMs: number; incomingMs: number } {
  const [cans = 0, wants = 0] = (offered ?? '0,0').split(',').map(Number)
  const agreed = (one: number, other: number) => (one > 0 && other > 0 ? Math.max(one, other) : 0)
  return { outgoingMs: agreed(ownMs, wants), incomingMs: agreed(cans, ownMs) }
}

/** Sends heart-beats, and gives up a broker whose own stay away. Ends with the signal. */
export function beat(
  connection: BeatingConnection,
  { outgoingMs, incomingMs }: ReturnType<typeof agreedBeats>,
  clock: Clock,
  signal: AbortSignal,
): void {
  if (outgoingMs > 0) void repeat(EARLY * outgoingMs, () => connection.send(heartbeat))
  if (incomingMs > 0)
    void repeat(incomingMs, () => {
      const silentMs = clock.now() - connection.heardAt
      if (silentMs <= TOLERANCE * incomingMs) return
      connection.lose({
        reason: 'silent',
        example: `no heart-beat of the broker came within ${TOLERANCE * incomingMs} ms`,
      })
    })

  async function repeat(everyMs: number, act: () => void): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal)
      if (!signal.aborted) act()
    }
  }
}
