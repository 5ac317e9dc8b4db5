/**
 * Many subscribers and one publisher in one process. The publisher sends the next burst when every subscriber has all of the last
 * one, so that no server is ever ahead of its readers.
 */
import { sayReady, serveOrders } from '../processes/process.ts'
import { BenchAudience, type AudiencePlace } from './audience.ts'
import { connectPublisher } from './publisher.ts'

export type SubscribersOrder =
  /** Adds subscribers up to this number. Those at another place must leave first. */
  | ({ do: 'subscribe'; subscribers: number } & AudiencePlace)
  /** Publishes bursts of this many events, for this time. */
  | { do: 'train'; burst: number; seconds: number; publisherToken: string }
  | { do: 'leave' }

export interface SubscribedReading {
  /** Time from opening the first connection to the last good answer. */
  seconds: number
}

export interface TrainReading {
  deliveries: number
  seconds: number
  /** Time from sending each burst to the first event at any subscriber. */
  firstMs: number[]
  /** Mean time from sending a burst to each event at each subscriber. */
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
  if (audience === undefined || place === undefined) throw new Error(`expected "subscribe" before "${order.do}"`)
  if (order.do === 'train') return train(audience, { ...place, token: order.publisherToken }, order)
  await audience.leave()
  audience = undefined
  return null
})
sayReady()

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
