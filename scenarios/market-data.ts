/**
 * Prices change many times a second: each quote is of use only until the next.
 *
 * A client that falls behind does not get all that it missed. The server keeps the newest quote of each symbol for it and drops the
 * others (conflation), which shows as gaps in the sequence of that symbol. A client that keeps up must see no gap. Make a reader of
 * your own slow with `ws.open(path, { readRate: '5/s' })`; `event_e2e_latency` tells how late it is.
 */
import { between, type QuoteFrame, randomInteger, scenario, user } from 'loadcell'

const SYMBOLS = ['AAPL', 'AMZN', 'GOOG', 'INTC', 'META', 'MSFT', 'NFLX', 'NVDA', 'QQQ', 'TSLA', 'CSCO', 'ADBE'].map(
  ticker => `NASDAQ:${ticker}`,
)
const streamOf = (symbol: string) => `quotes.${symbol}`

export default scenario({
  description: 'Traders follow a few symbols at a time, wallboards follow them all, at 20 quotes a second each.',

  target: { 'quotes.rate': 20 },

  load: { executor: 'constant-vus', vus: 50, duration: '25s' },

  users: [
    user('trader', {
      share: 4,
      think: between('100ms', '500ms'),
      begin: ({ ws, vu }) =>
        ws.open<QuoteFrame>('/ws/quotes', { query: { clientId: `trader-${vu.id}`, format: 'json' } }),
      async iterate({ state: socket, random, check }) {
        const first = randomInteger(random, SYMBOLS.length - 3)
        const streams = SYMBOLS.slice(first, first + 3).map(streamOf)
        const subscribed = await socket.request(
          { op: 'subscribe', streams, snapshot: true },
          { op: 'subscribed' },
          { name: 'subscribe' },
        )
        check(subscribed, { 'can be followed': frame => String(frame?.streams) === String(streams) })

        // The snapshots come first, then every change.
        const sequences = new Map<string, number>()
        for (let seen = 0; seen < 100; seen += 1) {
          const asked = Date.now()
          const quote = await socket.receive(isPrice, { timeout: '1s' })
          // Three symbols change sixty times a second. The end of the run ends the wait as well.
          check(Date.now() - asked, { 'comes without a pause': waitedMs => waitedMs < 1000 })
          if (quote === undefined) break
          const { symbol, sequence } = quote
          check(quote, {
            'has a bid below its ask': ({ bid, ask }) => bid < ask,
            'begins with a snapshot': ({ type }) => sequences.has(symbol) || type === 'snapshot',
            'follows the one before': () => sequence === (sequences.get(symbol) ?? sequence - 1) + 1,
          })
          sequences.set(symbol, sequence)
        }

        await socket.request({ op: 'unsubscribe', streams }, { op: 'unsubscribed' }, { name: 'unsubscribe' })
        // Discards quotes that were still in flight.
        while ((await socket.receive(isPrice, { timeout: 0 })) !== undefined);
      },
    }),

    user('wallboard', {
      share: 1,
      begin: ({ ws }) =>
        ws.open<QuoteFrame>('/ws/quotes', {
          onOpen: socket => socket.request({ op: 'subscribe', streams: SYMBOLS.map(streamOf) }, { op: 'subscribed' }),
        }),
      // It only shows quotes. The harness counts and measures them; the scenario does nothing for it.
      iterate: ({ sleep }) => sleep('1s'),
    }),
  ],

  thresholds: {
    'ws_req_duration{name:subscribe}': ['p(95)<200'],
    event_e2e_latency: ['p(99)<250'],
    ws_events: ['count>0'],
    event_gaps: ['count==0'],
    event_out_of_order: ['count==0'],
    checks: ['rate==1'],
  },
})

/** Tells whether a frame is the snapshot of a symbol or a change. */
function isPrice(frame: QuoteFrame) {
  return 'type' in frame && (frame.type === 'snapshot' || frame.type === 'quote')
}
