import type { RoomMember } from '../../domain/chat/room-message.ts'
import { noRoom } from '../../domain/chat/room-rules.ts'
import type { SubscriptionLanes } from '../../streams/lanes.ts'
import { UncountedBook } from '../../streams/uncounted-book.ts'
import { resume } from '../../streams/resume.ts'
import { Subscription } from '../../streams/subscription.ts'
import type { StompDependencies, OpenSubscription, SubscriptionRequest } from './subscription.ts'

/** Follows a destination without acknowledgements. @throws ProblemError or SocketRefusal */
export function followAutomatically(
  dependencies: StompDependencies,
  request: SubscriptionRequest,
  lanes: SubscriptionLanes,
): OpenSubscription {
  return request.destination.kind === 'room'
    ? followRoom(dependencies, request)
    : followStream(dependencies, request, lanes)
}

function followRoom(
  { hall, settings, encoders }: StompDependencies,
  { id, version, destination: { name }, peer }: SubscriptionRequest,
): OpenSubscription {
  const { tenant } = peer.exchange
  const encoder = encoders.take(id, version)
  const member: RoomMember = { hear: message => peer.connection.enqueue(message.frame(encoder)) }
  if (hall.join(tenant, name, member) === undefined) {
    encoders.giveBack(encoder)
    throw noRoom(name, settings)
  }
  return {
    start() {},
    end() {
      hall.leave(tenant, name, member)
      encoders.giveBack(encoder)
    },
  }
}

function followStream(
  { streams, clock, encoders }: StompDependencies,
  { id, version, destination: { name }, group, start, peer }: SubscriptionRequest,
  lanes: SubscriptionLanes,
): OpenSubscription {
  const tenant = streams.tenant(peer.exchange.tenant)
  const stream = tenant.stream(name)
  tenant.evict(clock.wallTime())
  const resumption = resume(tenant, [stream], start, group)
  const encoder = encoders.take(id, version)
  const lane = lanes.open(id)
  const book = new UncountedBook(peer.key)
  const subscription = new Subscription({
    tenant,
    resumption,
    filter: undefined,
    protocol: encoder,
    connection: lane,
    book,
  })
  tenant.openConnections += 1
  return {
    start: () => subscription.start(resumption.reset),
    end() {
      tenant.openConnections -= 1
      subscription.end(clock.wallTime())
      lane.end()
      encoders.giveBack(encoder)
    },
  }
}
