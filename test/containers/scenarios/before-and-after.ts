/**
 * A wave of orders, then quiet until a socket tells that the target was there again, then another wave. So nothing is under
 * way while the target is killed, and what everybody should have received is known.
 */
import { type ChatFrame, scenario, user } from 'loadcell'

const WAVE = 150
const READERS = 5
/** Times that the socket of each member was opened. */
const openings = new Map<number, number>()
/** Readers who have both waves. */
const served = new Set<number>()

export default scenario({
  load: { executor: 'per-vu-iterations', vus: 8, iterations: 1, maxDuration: '45s' },
  users: [
    user('shop', {
      share: 1,
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      async iterate({ http, fake, sleep }) {
        for (const wave of [1, 2]) {
          // Cut short by the end of the run, after which these are few.
          for (let waits = 0; waits < 600 && [...openings.values()].some(times => times < wave); waits += 1) {
            await sleep('100ms')
          }
          // The token of before is not known after; the request after the refusal has another.
          for (let accepted = 0; accepted < WAVE; ) {
            const { status } = await http.post('/v1/events/publish', { json: fake.orderCreated(), expect: [202, 401] })
            if (status === 202) accepted += 1
            else await sleep('50ms')
          }
        }
      },
    }),
    user('reader', {
      share: READERS,
      begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
      async iterate({ sse, vu }) {
        for await (const _ of sse.open('/v1/streams/orders?from=earliest', { events: 2 * WAVE }));
        served.add(vu.id)
      },
    }),
    user('member', {
      share: 2,
      async begin({ ws, vu }) {
        openings.set(vu.id, 0)
        return ws.open<ChatFrame>('/ws/chat', {
          query: { token: `demo-jwt-token-member-${vu.id}` },
          backoff: '250ms',
          async onOpen(socket) {
            await socket.request({ action: 'subscribe', channel: 'room:lobby' }, { type: 'subscription_confirmed' })
            openings.set(vu.id, openings.get(vu.id)! + 1)
          },
        })
      },
      async iterate({ sleep }) {
        for (let waits = 0; waits < 600 && served.size < READERS; waits += 1) await sleep('100ms')
      },
    }),
  ],
  thresholds: { event_gaps: ['count==0'], event_duplicates: ['count==0'], sse_resets: ['count==5'] },
})
