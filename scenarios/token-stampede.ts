/**
 * All users logged in at the same time, so all their tokens expire at the same time.
 *
 * The identity service sees no requests for a while, and then all of its clients at once. Here it takes 50 ms for a token, which holds
 * them all up. A client that sends requests renews its token shortly before it expires, at its next request, so the stampede is as
 * wide as the pause between two requests. A client with a socket is cut by the server at the moment its token expires (4401), and
 * reconnects with a new one. Look for the spikes in the report's charts of requests and openings.
 *
 * These help: jitter in the lifetimes, separate logout times, and renewal at a random time in the last third of the lifetime.
 */
import { between, type NotificationFrame, type Profile, scenario, user } from 'loadcell'

const emailOf = (id: number) => `loadtest+${id}@example.com`

export default scenario({
  description: '200 members whose tokens, six seconds each, were all issued in the same moment.',

  target: { 'auth.tokenTtl': '6s', 'auth.issueCost': '50ms' },

  needs: { duration: '15s', because: 'tokens of six seconds have to expire and be refreshed' },

  load: { executor: 'constant-vus', vus: 200, duration: '32s' },

  users: [
    user('member', {
      share: 3,
      think: between('300ms', '700ms'),
      begin: ({ auth, vu }) => auth.login(emailOf(vu.id), 'TestPassword123!'),
      async iterate({ http, vu, check }) {
        check(await http.get('/api/v1/users/me'), {
          'is let in, as who it is': response => response.ok && response.json<Profile>().email === emailOf(vu.id),
        })
      },
    }),

    user('watcher', {
      share: 1,
      async begin({ auth, ws, vu, check }) {
        await auth.login(emailOf(vu.id), 'TestPassword123!')
        return ws.open<NotificationFrame>('/v1/realtime/notifications', {
          backoff: '200ms',
          async onOpen(socket) {
            const topics = [`account.${vu.id}.orders`]
            const subscribe = { type: 'subscribe', topics }
            const subscribed = await socket.request(subscribe, { type: 'subscribed' }, { name: 'subscribe' })
            check(subscribed, { 'follows what it asked for': frame => String(frame?.topics) === String(topics) })
          },
        })
      },
      iterate: ({ sleep }) => sleep('1s'),
    }),
  ],

  thresholds: {
    'tokens_refreshed{user:member}': ['count>0'],
    token_refresh_duration: ['p(95)<1000'],
    'reconnect_duration{user:watcher}': ['p(95)<2000'],
    'http_req_duration{name:/api/v1/users/me}': ['p(95)<1000'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
