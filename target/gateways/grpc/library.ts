import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader'
import { protoFiles, protoFolder, protoOptions } from '../../../contract/grpc/services.ts'

type Codec = MessageTypeDefinition<object, object>

/** The messages and services of the target in the terms of the library. */
export interface GrpcSchema {
  /** Returns the codec of a message by its full name. */
  codec(name: string): Codec
  /** Full names of the services. */
  readonly services: readonly string[]
  /** Full names of services, messages and enums. */
  readonly names: readonly string[]
  /** The descriptors of all files. */
  readonly files: readonly Buffer[]
}

export function readLibrary(): GrpcSchema {
  const definition = loadSync([...protoFiles], { ...protoOptions, includeDirs: [protoFolder] })
  const names = Object.keys(definition)
  const codec = (name: string) => definition[name] as Codec
  return {
    codec,
    names,
    services: names.filter(name => !('format' in definition[name]!)),
    files: codec('google.rpc.Status').fileDescriptorProtos,
  }
}
