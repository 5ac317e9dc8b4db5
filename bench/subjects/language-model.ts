/** The target with a language model that takes no time, so that only the work of the gateway remains. */
import { startTarget } from '../../target/app.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { sayReady } from '../process.ts'

const feedOff = { 'feed.orders': '0', 'feed.inventory': '0', 'feed.pricing': '0' }
const quick = { 'llm.enabled': 'true', 'llm.stepBase': '0', 'llm.stepPerSequence': '0', 'llm.prefillPerToken': '0' }
const roomy = { 'llm.maxBatch': '1000', 'llm.kvTokens': '100000000' }
const flags = { 'http.port': '0', 'log.level': 'warn', ...feedOff, ...quick, ...roomy }
const target = await startTarget(loadConfiguration({ env: {}, flags }), { version: 'bench' })
sayReady(target.url)
