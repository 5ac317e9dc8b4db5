import type { Tags } from './catalog.ts'
import { Snapshot } from './snapshot.ts'

/** Maximum number of events that are followed over all workers. Beyond this, every other ordinal is left out. */
const MOST_EVENTS = 65_536

/** The receipts of one event by the consumers of a run's workers. Times are wall times in ms. */
export interface FanOutReceipt {
  /** Name of the sequence that counts the event. */
  sequence: string
  ordinal: number
  tags: Tags
  firstAt: number
  lastAt: number
  receipts: number
}

/**
 * A sample of the events that several workers may have received: those whose ordinal is divisible by `stride`, a power of two.
 * A single worker needs none, because it sees all receipts itself.
 */
export interface FanOutReceipts {
  stride: number
  /** By sequence and ordinal. */
  events: ReadonlyMap<string, FanOutReceipt>
}

export const noReceipts: FanOutReceipts = { stride: 1, events: new Map() }

/** Returns what both received. The stride follows from the events alone, so the order of merges does not matter. */
export function mergeReceipts(one: FanOutReceipts, other: FanOutReceipts): FanOutReceipts {
  const events = new Map<string, FanOutReceipt>()
  let stride = Math.max(one.stride, other.stride)
  for (const [key, receipt] of [...one.events, ...other.events]) {
    if (receipt.ordinal % stride === 0) events.set(key, joined(receipt, events.get(key)))
  }
  // The first event of each sequence is in every sample.
  while (events.size > MOST_EVENTS && stride < Number.MAX_SAFE_INTEGER) {
    stride *= 2
    for (const [key, { ordinal }] of events) if (ordinal % stride !== 0) events.delete(key)
  }
  return { stride, events }
}

export function receiptsOf(list: Iterable<FanOutReceipt>, stride: number): FanOutReceipts {
  const events = new Map<string, FanOutReceipt>()
  for (const receipt of list) events.set(`${receipt.sequence} ${receipt.ordinal}`, receipt)
  return mergeReceipts({ stride, events }, noReceipts)
}

/** Returns the time from the first to the last receipt of each event by consumers of several workers. */
export function skewsOf({ events }: FanOutReceipts): Snapshot {
  const skews = new Snapshot()
  for (const { tags, firstAt, lastAt, receipts } of events.values())
    if (receipts > 1) skews.value('event_fanout_skew', tags).histogram.record(lastAt - firstAt)
  return skews
}

function joined(one: FanOutReceipt, other: FanOutReceipt | undefined): FanOutReceipt {
  if (other === undefined) return one
  return {
    ...one,
    firstAt: Math.min(one.firstAt, other.firstAt),
    lastAt: Math.max(one.lastAt, other.lastAt),
    receipts: one.receipts + other.receipts,
  }
}
