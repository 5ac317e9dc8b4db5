/**
 * The same request over TLS by two kinds of clients: one keeps its connection, the other closes it after each answer.
 *
 * The target answers both equally fast. The users who close wait for a connection and a handshake each time, so most of their response time is
 * `http_req_blocked`, and both ends spend their CPU on handshakes. HTTP/2 knows no such header: with `--http-version auto`, all users share one connection.
 */
import { scenario, user } from 'loadcell'

export default scenario({
  description:
    'Two kinds of clients over TLS: one keeps its connection, the other pays for a handshake with each request.',

  target: { 'tls.enabled': true },

  loads: {
    keeping: {
      executor: 'constant-arrival-rate',
      rate: 50,
      duration: '20s',
      users: [
        user('keeping', {
          iterate: ({ http, check }) =>
            http
              .get('/api/v1/products/7', { name: 'kept' })
              .then(({ ok }) => check(ok, { 'gets the product': Boolean })),
        }),
      ],
    },
    closing: {
      executor: 'constant-arrival-rate',
      rate: 50,
      duration: '20s',
      users: [
        user('closing', {
          iterate: ({ http, check }) =>
            http
              .get('/api/v1/products/7', { name: 'closed', headers: { connection: 'close' } })
              .then(({ ok }) => check(ok, { 'gets the product': Boolean })),
        }),
      ],
    },
  },

  thresholds: {
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    // From writing the request to the head of its answer, both are alike.
    'http_req_waiting{name:kept}': ['p(95)<200'],
    'http_req_waiting{name:closed}': ['p(95)<200'],
    'http_req_blocked{name:kept}': ['p(50)<5'],
  },
})
