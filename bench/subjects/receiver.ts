/** The harness as a scenario reads events: each user opens one stream, or one WebSocket, and takes every event or only listens. The argument says how. */
import { systemClock } from '../../core/clock.ts'
import { createPlan } from '../../harness/plan/plan.ts'
import { run } from '../../harness/run/run.ts'
import { scenario, user } from '../../harness/scenario.ts'
import { serveLoad, timed } from '../processes/load.ts'
import { childArgument } from '../processes/process.ts'

let events = 0
const readers = {
  stream: user('reader', {
    async iterate({ sse }) {
      for await (const { type } of sse.open('/events')) if (type !== '') events += 1
    },
  }),
  read: user('reader', {
    async iterate({ sse }) {
      for await (const { event } of sse.open('/events')) if (event.offset >= 0) events += 1
    },
  }),
  raw: user('reader', {
    async iterate({ sse }) {
      for await (const { type } of sse.open('/events', { raw: true })) if (type !== '') events += 1
    },
  }),
  socket: user('reader', {
    async iterate({ ws }) {
      const socket = await ws.open('/ws/chat')
      while ((await socket.receive()) !== undefined) events += 1
    },
  }),
  listen: user('reader', {
    async iterate({ ws, sleep }) {
      await ws.open('/ws/chat')
      await sleep('1h')
    },
  }),
}
const argument = childArgument() as keyof typeof readers
const reader = readers[argument]

serveLoad(({ url, connections, seconds }) => {
  const load = { executor: 'constant-vus', vus: connections, duration: seconds * 1000 } as const
  const plan = createPlan(scenario({ load, users: [reader], warmup: 0 }), 'bench', { seed: 1, tags: {} })
  return timed(async () => {
    events = 0
    const { outcome, totals } = await run(plan, {
      clock: systemClock,
      signal: new AbortController().signal,
      kill: new AbortController().signal,
      targetUrl: new URL(url).origin,
      embedded: false,
      version: 'bench',
    })
    if (outcome.state !== 'completed') throw new Error(`the run was ${outcome.state}: ${outcome.detail}`)
    if (argument === 'listen') events = totals.sockets.events
    return { requests: events, failed: 0 }
  })
})
