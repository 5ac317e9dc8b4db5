import type { Client, Metadata } from '@grpc/grpc-js'
import type { Deadline } from './deadline.ts'
import type { GrpcMethod } from './methods.ts'

interface ReflectionResponse {
  file_descriptor_response?: { file_descriptor_proto: Buffer[] }
  error_response?: { error_message: string }
}

/** Field 1 of `FileDescriptorSet`, with its length before it. */
const FILE_TAG = 0x0a
/** Field 3 of `FileDescriptorProto`: the name of another file. */
const DEPENDENCY = 3

/** Asks a server for the files that describe a service, and all that they import. Returns them as a `FileDescriptorSet`. */
export async function askForFiles(
  client: Client,
  { path, requestSerialize, responseDeserialize }: GrpcMethod,
  {
    service,
    metadata,
    deadline,
    signal,
  }: { service: string; metadata: Metadata; deadline: Deadline; signal: AbortSignal },
): Promise<Buffer> {
  const options = { deadline: deadline.wallTime }
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, options)
  const cancel = () => call.cancel()
  signal.addEventListener('abort', cancel)
  const answers = call[Symbol.asyncIterator]() as AsyncIterator<ReflectionResponse>
  const files = new Map<string, Buffer>()
  const missing: object[] = [{ file_containing_symbol: service }]
  const asked = new Set<string>()
  try {
    for (let next = missing.pop(); next !== undefined; next = missing.pop()) {
      call.write({ host: '', ...next })
      const { value, done = false } = await answers.next()
      const answer = value as ReflectionResponse | undefined
      if (done || answer?.file_descriptor_response == null) {
        throw new TypeError(
          `the server does not describe ${service}: ${answer?.error_response?.error_message ?? 'no answer'}; give its files with proto`,
        )
      }
      for (const bytes of answer.file_descriptor_response.file_descriptor_proto) {
        const { name, dependencies } = summaryOf(bytes)
        files.set(name, bytes)
        for (const file of dependencies) {
          if (files.has(file) || asked.has(file)) continue
          asked.add(file)
          missing.push({ file_by_filename: file })
        }
      }
    }
  } finally {
    signal.removeEventListener('abort', cancel)
    call.end()
    call.cancel()
  }
  return Buffer.concat([...files.values()].flatMap(bytes => [Buffer.of(FILE_TAG), varint(bytes.length), bytes]))
}

/** Reads the name of a file and of those that it imports. */
function summaryOf(bytes: Buffer): { name: string; dependencies: string[] } {
  const found = { name: '', dependencies: [] as string[] }
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at)
    const length = readVarint(bytes, tag.end)
    const [field, wireType] = [tag.value >> 3, tag.value & 7]
    if (wireType !== 2) {
      at = length.end
      continue
    }
    const end = length.end + length.value
    if (field === 1) found.name = bytes.toString('utf8', length.end, end)
    else if (field === DEPENDENCY) found.dependencies.push(bytes.toString('utf8', length.end, end))
    at = end
  }
  return found
}

function readVarint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0
  for (let shift = 0, end = at; ; shift += 7) {
    const byte = bytes[end++] ?? 0
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return { value, end }
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left])
    bytes.push((left % 128) | 0x80)
  }
}
