import { type ChatFrame, type Context, user, type UserDefinition } from '../../../harness/scenario.ts'
import { CALIBRATION_TOKEN } from '../target-settings.ts'

/** Header by which the rules of a case find its requests, streams and sockets. */
export const CASE_HEADER = 'x-count'
/** A request that a fault leaves without an answer, or without its acknowledgement, ends after this. */
const TIMEOUT = '400ms'
/** Streams are left after this. */
const FOLLOWED_FOR = '250ms'
const MESSAGES = 3

/**
 * Returns users that do everything that both ends count: requests, events, streams, sockets and jobs.
 * @param hangs whether requests and handshakes may never be answered
 */
export function countedUsers(id: string, hangs: boolean): UserDefinition[] {
  const headers = { [CASE_HEADER]: id }
  const stream = `count-${id}`
  const begin = ({ auth }: Context<undefined>) => auth.bearer(CALIBRATION_TOKEN)
  const sent = { headers, ...(hangs && { timeout: TIMEOUT }) }
  return [
    user('reader', { begin, think: 10, iterate: ({ http }) => http.get('/api/v1/products/1', sent) }),
    user('producer', {
      begin,
      think: 10,
      async iterate({ http, fake }) {
        const events = [fake.event('job.created', {}), fake.event('job.created', {})]
        // One of them is a duplicate.
        await http.post('/v1/events/batch', { ...sent, json: { stream, events: [...events, events[0]] } })
      },
    }),
    user('follower', {
      begin,
      async iterate({ sse }) {
        const options = { headers, until: FOLLOWED_FOR, silence: false, jitter: 0 } as const
        for await (const _ of sse.open(`/v1/streams/${stream}`, options));
      },
    }),
    user('member', {
      begin,
      think: 10,
      async iterate({ ws, fake }) {
        const socket = await ws.open<ChatFrame>('/ws/chat', { ...sent, silence: false })
        const channel = `room:${stream}`
        await socket.send({ action: 'subscribe', channel })
        for (let ordinal = 0; ordinal < MESSAGES; ordinal++) {
          const message = { id: fake.id('m'), text: 'Anybody there?' }
          const answer = { type: 'message_ack', id: message.id }
          await socket.request({ action: 'publish', channel, message }, answer, { timeout: TIMEOUT })
        }
        await socket.close()
      },
    }),
    user('reporter', {
      begin,
      think: 50,
      iterate: ({ http }) => http.post('/api/v1/reports', { ...sent, json: { type: 'products', format: 'json' } }),
    }),
  ]
}
