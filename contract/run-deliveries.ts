/** As the target said once a second: only it knows what it has yet to hand over. */
export interface ConsumerLag {
  /** Why some groups have none. */
  unavailable?: string
  groups: GroupLag[]
}

/** In events that the stream had accepted and the target had not yet handed over. */
export interface GroupLag extends LagOverTime {
  stream: string
  group: string
  /** Most behind first; at most 32. */
  members: MemberLag[]
  /** There were more. */
  incomplete: boolean
}

export interface MemberLag extends LagOverTime {
  /** Its user and ordinals. */
  member: string
  /** Those it had last. */
  partitions: number[]
}

export interface LagOverTime {
  peak: number
  peakAtMs: number
  atEnd: number
  /** From the peak to the first second in which no more than a hundredth of it was left; absent where that never came. */
  caughtUpAfterMs?: number
  /** By point of the timeline; null where the target was not asked or did not answer. */
  values: (number | null)[]
}

/** `offered = delivered + dropped + filtered + elsewhere + expired + unsent + unexplained`, over all consumers of a stream. */
export interface StreamDeliveries {
  stream: string
  /** Events published to it in this run that were new. */
  accepted: number
  /**
   * Events that came into the stream while a consumer followed, once for each consumer. It includes the ambient feed
   * and other runs.
   */
  offered: number
  delivered: number
  /** By slow-consumer policy. */
  dropped: Record<string, number>
  filtered: number
  /** To another member of a consumer group. */
  elsewhere: number
  /** Retention took them first. */
  expired: number
  /** Still queued when the consumer left. */
  unsent: number
  unexplained: number
}
