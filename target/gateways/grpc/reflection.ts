import { grpcStatuses } from '../../../contract/grpc/status.ts'
import type { Connection } from '../../connections/connection.ts'
import { acknowledgement } from '../../connections/frame.ts'
import type { Streams } from '../../streams/streams.ts'
import { ChannelFollower } from '../channel-follower.ts'
import { endWell, type GrpcCall, type GrpcCalls } from './calls.ts'
import type { Descriptors } from './descriptors.ts'
import { ItemProtocol } from './item-protocol.ts'
import type { GrpcSchema } from './library.ts'

/** Name of these calls among the streams of the ledger. */
const NAME = 'grpc:reflection'

interface ReflectionRequest {
  host: string
  file_by_filename?: string
  file_containing_symbol?: string
  file_containing_extension?: object
  all_extension_numbers_of_type?: string
  list_services?: string
}

export interface ReflectionDependencies {
  calls: GrpcCalls
  streams: Streams
  library: GrpcSchema
  descriptors: Descriptors
}

/** Serves the standard reflection protocol, in the version of today and in the one of older clients. */
export function serveReflection({ calls, streams, library, descriptors }: ReflectionDependencies): void {
  const versions = [
    ['grpc.reflect', 'v1'],
    ['grpc.reflect_alpha', 'v1alpha'],
  ] as const
  for (const [operation, version] of versions) {
    const prefix = `grpc.reflection.${version}.ServerReflection`
    const protocol = new ItemProtocol(library, `${prefix}Response`, {})
    calls.serve(operation, call => {
      let connection: Connection | undefined
      calls.receive(call, `${prefix}Request`, {
        message(message) {
          connection ??= open(call, protocol)
          const item = { original_request: message, ...answerTo(message as ReflectionRequest) }
          connection?.enqueue(protocol.frame(item, acknowledgement()))
        },
        end() {
          const opened = (connection ??= open(call, protocol))
          opened?.pull(() => opened.close('client', endWell))
        },
        fail: error => calls.fail(call, error),
      })
    })
  }

  /** Returns undefined if the client has left. @throws ProblemError */
  function open(call: GrpcCall, protocol: ItemProtocol): Connection | undefined {
    let opened: Connection | undefined
    const follower = new ChannelFollower([], () => NAME)
    streams.openSource(
      { ...calls.opening(call), tenant: streams.tenant(call.exchange.tenant), protocol },
      {
        names: [NAME],
        resumed: false,
        placeOf: () => NAME,
        check: () => {},
        follow: (connection, book) => {
          opened = connection
          follower.follow(connection, book)
          return { start() {}, end() {} }
        },
        abandon: () => {},
      },
    )
    return opened
  }

  function answerTo(asked: ReflectionRequest): object {
    if (asked.list_services !== undefined) {
      return { list_services_response: { service: descriptors.services.map(name => ({ name })) } }
    }
    const { file_by_filename: name, file_containing_symbol: symbol } = asked
    const file = name === undefined ? descriptors.fileOf(symbol ?? '') : descriptors.fileNamed(name)
    if (file !== undefined) return { file_descriptor_response: { file_descriptor_proto: [file] } }
    const what = (name ?? symbol ?? 'extensions').slice(0, 200)
    return { error_response: { error_code: grpcStatuses.NOT_FOUND, error_message: `not found: ${what}` } }
  }
}
