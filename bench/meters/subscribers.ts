/**
 * Many subscribers and one publisher, in one process. The publisher sends the next burst when every subscriber has the
 * last one whole: no server is ever ahead of its readers.
 */
import { sayReady, serveOrders } from '../process.ts'
import { BenchAudience, type AudiencePlace } from './audience.ts'
import { connectPublisher } from './publisher.ts'

export type SubscribersOrder =
  /** Waits until there are so many. Subscribers elsewhere must leave first. */
  | ({ do: 'subscribe'; subscribers: number } & AudiencePlace)
  /** Publish bursts of so many events for so long. */
  | { do: 'train'; burst: number; seconds: number; publisherToken: string }
  | { do: 'leave' }

export interface SubscribedReading {
  /** From the first connection that was begun to the last good answer. */
  seconds: number
}

export interface TrainReading {
  deliveries: number
  seconds: number
  /** From the sending of a burst to the first event at any subscriber, of every burst. */
  firstMs: number[]
  /** The same to each event at each subscriber, on average. */
  meanMs: number
}

let audience: BenchAudience | undefined
let place: AudiencePlace | undefined

serveOrders(async (order: SubscribersOrder): Promise<SubscribedReading | TrainReading | null> => {
  if (order.do === 'subscribe') {
    place = order
    audience ??= new BenchAudience(order)
    const startedAt = performance.now()
    await audience.growTo(order.subscribers)
    return { seconds: (performance.now() - startedAt) / 1000 }
  }
  if (audience === undefined || place === undefined) throw new Error(`expected subscribers before ${order.do}`)
  if (order.do === 'train') return train(audience, { ...place, token: order.publisherToken }, order)
  await audience.leave()
  audience = undefined
  return null
})
sayReady('idle')

async function train(
  all: BenchAudience,
  publishersPlace: AudiencePlace,
  { burst, seconds }: { burst: number; seconds: number },
): Promise<TrainReading> {
  const publisher = await connectPublisher(publishersPlace)
  const firstMs: number[] = []
  let [deliveries, waitedMs] = [0, 0]
  const startedAt = performance.now()
  while (performance.now() - startedAt < seconds * 1000) {
    let firstAt = 0
    const publishedAt = performance.now()
    const delivered = all.expect(burst * all.size, (at, events) => {
      if (firstAt === 0) firstAt = at
      deliveries += events
      waitedMs += (at - publishedAt) * events
    })
    await Promise.all([publisher.publish(burst), delivered])
    firstMs.push(firstAt - publishedAt)
  }
  const reading = {
    deliveries,
    seconds: (performance.now() - startedAt) / 1000,
    firstMs,
    meanMs: waitedMs / deliveries,
  }
  publisher.leave()
  return reading
}
