/**
 * A first version of the services with `@grpc/grpc-js`: a constant quote, and a loop that writes each message to every follower. It has no
 * tokens, limits, budgets, history, faults or ledger.
 */
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { protoFiles, protoFolder, protoOptions } from '../../contract/grpc/services.ts'
import { serveMemory } from '../processes/memory.ts'
import { sayReady } from '../processes/process.ts'

interface BareCall {
  on(event: 'data', act: (message: { join?: object | null; say?: { id: string; text: string } | null }) => void): void
  on(event: 'cancelled' | 'end', act: () => void): void
  write(message: object): void
}

const definition = loadSync([...protoFiles], { ...protoOptions, includeDirs: [protoFolder] })
const members = new Set<BareCall>()
let sequence = 0

const quote = { symbol: 'NASDAQ:AAPL', bid: 208.1, ask: 208.12, last: 208.11, volume: 1, sequence: 1, ts: 1 }
serveMemory()
const server = new Server()
server.addService(definition['loadcell.v1.Quotes'] as ServiceDefinition, {
  Get: (_call: object, done: (error: null, answer: object) => void) => done(null, quote),
  Follow: () => {},
})
server.addService(definition['loadcell.v1.Chat'] as ServiceDefinition, {
  Converse(call: BareCall) {
    call.on('data', ({ join, say }) => {
      if (join != null) {
        members.add(call)
        call.write({ joined: { channel: 'bench', members: members.size, sequence } })
      }
      if (say == null) return
      sequence += 1
      const item = { message: { channel: 'bench', sequence, json: JSON.stringify(say) } }
      for (const member of members) if (member !== call) member.write(item)
      call.write({ accepted: { id: say.id, sequence, accepted_at: Date.now() } })
    })
    call.on('end', () => members.delete(call))
    call.on('cancelled', () => members.delete(call))
  },
})
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error
  sayReady(`http://127.0.0.1:${port}`)
})
