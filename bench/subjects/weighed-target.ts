/** The target of `target.ts`, which tells when asked how much memory it holds once all that is garbage is gone. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { serveOrders } from '../process.ts'
import './target.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

export interface Weight {
  bytes: number
}

serveOrders((_order: 'weigh'): Promise<Weight> => {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return Promise.resolve({ bytes: heapUsed + external })
})
