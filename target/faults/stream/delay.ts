import type { Clock } from '../../../core/clock.ts'
import type { Frame, HeldBack } from '../../connections/frame.ts'
import type { Injection } from '../injection.ts'
import type { MessageFault } from './message-fault.ts'

/** Delays a message and all messages after it. The times of several rules add up. */
export const delay: MessageFault<'delay'> = {
  treat(injection, treatment) {
    treatment.delays.push(injection)
  },
}

/**
 * A frame that is sent when it is due. Later frames wait behind it, so that the order is kept.
 */
export class DelayedFrame implements Frame {
  readonly held: HeldBack
  readonly bytes: Buffer
  readonly payloadBytes: number
  readonly about: Frame['about']
  readonly key: string | undefined
  waitingIn = 0

  /** @param injections of delays, whose times add up */
  constructor(frame: Frame, injections: readonly Injection<'delay'>[], clock: Clock) {
    this.bytes = frame.bytes
    this.payloadBytes = frame.payloadBytes
    this.about = frame.about
    this.key = frame.key
    const startedAt = clock.now()
    const delays = injections.map(injection => ({ injection, plannedMs: injection.drawMs() }))
    const plannedMs = delays.reduce((sum, delay) => sum + delay.plannedMs, 0)
    this.held = {
      dueAt: startedAt + plannedMs,
      release() {
        // The lateness is recorded for one of the rules only.
        let lateMs = clock.now() - startedAt - plannedMs
        for (const { injection, plannedMs } of delays) {
          injection.delayed(plannedMs, plannedMs + lateMs)
          lateMs = 0
        }
        return frame
      },
    }
  }
}
