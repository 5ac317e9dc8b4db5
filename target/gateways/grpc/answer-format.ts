import type { AnswerFormat } from '../../faults/request/faulted-exchange.ts'
import { PREFIX_BYTES, prefixed, undecodable } from './grpc-frame.ts'
import type { GrpcSchema } from './library.ts'

/** Returns how faults change the only message of an answer. */
export function answerFormat(library: GrpcSchema, name: string): AnswerFormat {
  const codec = library.codec(name)
  return {
    read: bytes => codec.deserialize(bytes.subarray(PREFIX_BYTES)),
    write: answer => prefixed(codec.serialize(answer)),
    spoil: undecodable,
    unwrap: body => body.subarray(PREFIX_BYTES),
    wrap: prefixed,
  }
}
