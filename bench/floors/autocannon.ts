import autocannon from 'autocannon'
import { serveLoad, timed } from '../processes/load.ts'

serveLoad(({ url, connections, seconds, rate }) =>
  timed(async () => {
    const limit = rate === undefined ? { pipelining: 1 } : { overallRate: rate }
    const result = await autocannon({ url, connections, duration: seconds, ...limit })
    return { requests: result['2xx'], failed: result.non2xx + result.errors }
  }),
)
