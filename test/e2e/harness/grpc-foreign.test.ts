import type { EventEmitter } from 'node:events'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, ServerCredentials, type ServiceDefinition, status } from '@grpc/grpc-js'
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader'
import { expect, onTestFinished, test } from 'vitest'
import { protoFiles, protoFolder, protoOptions } from '../../../contract/grpc/services.ts'
import { scenario, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'

const PROTO = `
syntax = "proto3";
package shop.v2;
service Stock {
  rpc Count(Item) returns (Amount);
  rpc Watch(Item) returns (stream Amount);
}
message Item { string sku = 1; }
message Amount { int64 count = 1; }
`

/** A server of gRPC that knows nothing of Loadcell: a service of its own, and reflection in its older version only. */
async function foreignServer(
  refusal: { code: status; details: string } = { code: status.NOT_FOUND, details: 'no such item' },
): Promise<{ url: string; file: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-proto-'))
  const file = join(folder, 'stock.proto')
  writeFileSync(file, PROTO)
  const own = loadSync(file, protoOptions)
  const standard = loadSync([...protoFiles], { ...protoOptions, includeDirs: [protoFolder] })
  const { fileDescriptorProtos } = own['shop.v2.Item'] as MessageTypeDefinition<object, object>
  const server = new Server()
  server.addService(own['shop.v2.Stock'] as ServiceDefinition, {
    Count(call: { request: { sku: string } }, done: (error: object | null, answer?: object) => void) {
      if (call.request.sku === '') done(refusal)
      else done(null, { count: call.request.sku.length })
    },
    Watch(call: { request: { sku: string }; write(message: object): void; end(): void; emit: EventEmitter['emit'] }) {
      if (call.request.sku === '') return void call.emit('error', refusal)
      for (let count = 1; count <= 3; count += 1) call.write({ count })
      call.end()
    },
  })
  server.addService(standard['grpc.reflection.v1alpha.ServerReflection'] as ServiceDefinition, {
    ServerReflectionInfo(call: {
      on(event: 'data' | 'end', act: () => void): void
      write(message: object): void
      end(): void
    }) {
      call.on('data', () => {
        call.write({ file_descriptor_response: { file_descriptor_proto: fileDescriptorProtos } })
      })
      call.on('end', () => call.end())
    },
  })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  )
  onTestFinished(() => {
    server.forceShutdown()
    rmSync(folder, { recursive: true })
  })
  return { url: `http://127.0.0.1:${port}`, file }
}

test.each(['proto files', 'reflection'])('calls another server that is described by %s', async how => {
  const { url, file } = await foreignServer()
  const described = how === 'reflection' ? {} : { proto: file }
  const { result } = await bothEnds(
    {},
    scenario({
      load: { executor: 'per-vu-iterations', vus: 1, iterations: 1 },
      hosts: { stock: url },
      users: [
        user('clerk', {
          async iterate({ grpc, check }) {
            const counted = await grpc.call<{ count: number }>('stock:/shop.v2.Stock/Count', { sku: 'abc' }, described)
            const unknown = await grpc.call('stock:/shop.v2.Stock/Count', {}, { ...described, expect: ['NOT_FOUND'] })
            const failed = await grpc.call('stock:/shop.v2.Stock/Count', {}, described)
            const watched = await grpc.stream<{ count: number }>(
              'stock:/shop.v2.Stock/Watch',
              { sku: 'abc' },
              described,
            )
            const counts: number[] = []
            for await (const { count } of watched) counts.push(count)
            check(0, {
              'an answer': () => counted.answer?.count === 3,
              'an expected status': () => unknown.ok && unknown.message === 'no such item',
              'a failure': () => failed.failure === 'grpc_status',
              'a stream': () => counts.join() === '1,2,3',
            })
          },
        }),
      ],
    }),
  )
  expect(result.checks.filter(({ fails }) => fails > 0)).toEqual([])
  expect(result.errors).toMatchObject([{ reason: 'grpc_status', name: 'shop.v2.Stock/Count', count: 1 }])
})

test('rejects a method that nothing describes, and a message that does not fit', async () => {
  const { result } = await bothEnds(
    { 'grpc.enabled': 'true' },
    scenario({
      load: { executor: 'per-vu-iterations', vus: 1, iterations: 1 },
      users: [
        user('clerk', {
          async iterate({ grpc, check }) {
            const messages: string[] = []
            for (const name of ['loadcell.v1.Events/Publisch', 'no method', 'loadcell.v1.Events/Subscribe']) {
              messages.push(await grpc.call(name).then(String, (error: Error) => error.message))
            }
            check(messages, {
              'a suggestion': ([first]) => first?.includes('did you mean') === true,
              'a form': ([, second]) => second?.includes('expected a method such as') === true,
              'the other function': ([, , third]) => third?.includes('use grpc.stream') === true,
            })
          },
        }),
      ],
    }),
  )
  expect(result.checks.filter(({ fails }) => fails > 0)).toEqual([])
})

test('a run ends although a server that is asked for its services never answers', async () => {
  const server = createServer()
  const open = new Set<ServerHttp2Stream>()
  server.on('stream', stream => {
    stream.on('error', () => {})
    open.add(stream)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  onTestFinished(() => {
    for (const stream of open) stream.session?.destroy()
    server.close()
  })
  const messages: string[] = []
  await bothEnds(
    {},
    scenario({
      load: { executor: 'constant-vus', vus: 1, duration: '200ms', gracefulStop: '100ms' },
      hosts: { silent: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      users: [
        user('clerk', {
          async iterate({ grpc }) {
            messages.push(await grpc.call('silent:/shop.v2.Stock/Count').then(String, (error: Error) => error.message))
          },
        }),
      ],
    }),
  )
  expect(messages).toEqual([expect.stringContaining('cannot find shop.v2.Stock: 1 CANCELLED')])
})

test.each([
  [status.CANCELLED, 'Cancelled by the operator'],
  [status.CANCELLED, 'Cancelled on client'],
  [status.DEADLINE_EXCEEDED, 'Deadline exceeded after 0.1s'],
  [status.RESOURCE_EXHAUSTED, 'Received message larger than max (9 vs 8)'],
  [status.UNAVAILABLE, 'Channel 7 is full'],
  [status.UNAVAILABLE, 'Connection dropped'],
  [status.INTERNAL, 'Received RST_STREAM with code 2 (Internal server error)'],
])('a status that another server sends is its own, whatever its words: %i %j', async (code, details) => {
  const { url, file } = await foreignServer({ code, details })
  const { result } = await bothEnds(
    {},
    scenario({
      load: { executor: 'per-vu-iterations', vus: 1, iterations: 1 },
      hosts: { stock: url },
      users: [
        user('clerk', {
          async iterate({ grpc }) {
            await grpc.call('stock:/shop.v2.Stock/Count', {}, { proto: file })
            const watched = await grpc.stream('stock:/shop.v2.Stock/Watch', {}, { proto: file })
            await watched.ended
          },
        }),
      ],
    }),
  )
  expect(new Set(result.errors.map(({ reason, name, count }) => `${name}: ${count} × ${reason}`))).toEqual(
    new Set(['shop.v2.Stock/Count: 1 × grpc_status', 'shop.v2.Stock/Watch: 1 × grpc_status']),
  )
})
