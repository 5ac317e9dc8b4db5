/** The bytes are not a gob stream, or are cut off. The message is the reason, without the file. */
export class GobError extends Error {}

/** Bytes of one message, beyond which the stream is surely something else. */
const MOST_MESSAGE_BYTES = 64 * 2 ** 20
const MOST_TYPES = 1000
const MOST_DEPTH = 16

type GobType =
  | { kind: 'bool' | 'int' | 'uint' | 'float' | 'bytes' | 'string' }
  | { kind: 'struct'; fields: readonly { name: string; id: number }[] }
  | { kind: 'list'; element: number }
  | { kind: 'map'; key: number; element: number }

/** Types that every stream knows; those from 16 on describe further types. */
const KNOWN_TYPES: readonly [number, GobType][] = [
  [1, { kind: 'bool' }],
  [2, { kind: 'int' }],
  [3, { kind: 'uint' }],
  [4, { kind: 'float' }],
  [5, { kind: 'bytes' }],
  [6, { kind: 'string' }],
  [16, struct({ Array: 17, Slice: 19, Struct: 20, Map: 23, GobEncoder: 24, BinaryMarshaler: 24, TextMarshaler: 24 })],
  [17, struct({ Common: 18, Elem: 2, Len: 2 })],
  [18, struct({ Name: 6, Id: 2 })],
  [19, struct({ Common: 18, Elem: 2 })],
  [20, struct({ Common: 18, Field: 22 })],
  [21, struct({ Name: 6, Id: 2 })],
  [22, { kind: 'list', element: 21 }],
  [23, struct({ Common: 18, Key: 2, Elem: 2 })],
  [24, struct({ Common: 18 })],
]

function struct(fields: Record<string, number>): GobType {
  return { kind: 'struct', fields: Object.entries(fields).map(([name, id]) => ({ name, id })) }
}

/** A struct by the names of its fields. Fields with their zero value are absent. */
export type GobRecord = Map<string, unknown>

/**
 * Returns the structs of a stream of Go's `encoding/gob`, one at a time. Lists are arrays, maps are Maps, and values that encode themselves (such as
 * `time.Time`) are bytes.
 *
 * @throws GobError
 */
export function* gobRecords(bytes: Buffer): Generator<GobRecord> {
  const types = new Map(KNOWN_TYPES)
  const stream = new GobReader(bytes, types)
  while (!stream.isAtEnd) {
    const message = stream.message()
    const id = message.int()
    if (id >= 0) yield message.value(id) as GobRecord
    else {
      if (types.size > MOST_TYPES) throw new GobError('it describes more types than any tool has')
      types.set(-id, described(message.value(16) as GobRecord))
    }
  }
}

/** Returns the type that a description is about. */
function described(description: GobRecord): GobType {
  const part = (name: string) => description.get(name) as GobRecord | undefined
  const idIn = (record: GobRecord, name: string) => Number(record.get(name) ?? 0)
  const list = part('Slice') ?? part('Array')
  if (list !== undefined) return { kind: 'list', element: idIn(list, 'Elem') }
  const map = part('Map')
  if (map !== undefined) return { kind: 'map', key: idIn(map, 'Key'), element: idIn(map, 'Elem') }
  const fields = part('Struct')
  if (fields === undefined) return { kind: 'bytes' }
  const records = (fields.get('Field') ?? []) as GobRecord[]
  return {
    kind: 'struct',
    fields: records.map(field => ({ name: field.get('Name') as string, id: idIn(field, 'Id') })),
  }
}

class GobReader {
  readonly #bytes: Buffer
  readonly #types: ReadonlyMap<number, GobType>
  #at = 0

  constructor(bytes: Buffer, types: ReadonlyMap<number, GobType>) {
    this.#bytes = bytes
    this.#types = types
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  message(): GobReader {
    const length = this.#uint()
    if (length === 0n || length > MOST_MESSAGE_BYTES) throw new GobError(`it has a message of ${length} bytes`)
    return new GobReader(this.#take(Number(length)), this.#types)
  }

  int(): number {
    return Number(this.#signed())
  }

  /** Reads a value of a type. One that is no struct has a zero before it at the top of a message. */
  value(id: number): unknown {
    if (this.#types.get(id)?.kind !== 'struct') throw new GobError(`it holds values of type ${id}, which is no struct`)
    return this.#valueOf(id, 0)
  }

  #valueOf(id: number, depth: number): unknown {
    const type = this.#types.get(id)
    if (type === undefined) throw new GobError(`it uses type ${id} without describing it`)
    if (depth > MOST_DEPTH) throw new GobError('its values are nested too deeply')
    switch (type.kind) {
      case 'bool':
        return this.#uint() !== 0n
      case 'uint':
        return this.#uint()
      case 'int':
        return this.#signed()
      case 'float':
        return this.#float()
      case 'bytes':
        return this.#take(this.#length())
      case 'string':
        return this.#take(this.#length()).toString('utf8')
      case 'list':
        return Array.from({ length: this.#length() }, () => this.#valueOf(type.element, depth + 1))
      case 'map':
        return new Map(
          Array.from({ length: this.#length() }, () => [
            this.#valueOf(type.key, depth + 1),
            this.#valueOf(type.element, depth + 1),
          ]),
        )
      case 'struct':
        return this.#struct(type.fields, depth)
    }
  }

  /** Each field is preceded by its distance from the one before; a zero ends the struct. */
  #struct(fields: readonly { name: string; id: number }[], depth: number): GobRecord {
    const record: GobRecord = new Map()
    for (let index = -1; ; ) {
      const step = Number(this.#uint())
      if (step === 0) return record
      index += step
      const field = fields[index]
      if (field === undefined) throw new GobError(`it has a field ${index} of a struct of ${fields.length}`)
      record.set(field.name, this.#valueOf(field.id, depth + 1))
    }
  }

  /** Returns a number of bytes or values, each of which takes at least a byte. */
  #length(): number {
    const length = Number(this.#uint())
    if (length > this.#bytes.length - this.#at) throw new GobError('it ends in the middle of a value')
    return length
  }

  #float(): number {
    const swapped = Buffer.alloc(8)
    swapped.writeBigUInt64BE(this.#uint())
    return swapped.reverse().readDoubleBE()
  }

  /** The sign is in the lowest bit. */
  #signed(): bigint {
    const value = this.#uint()
    return (value & 1n) === 1n ? ~(value >> 1n) : value >> 1n
  }

  /** One byte below 128, or the negated number of the bytes that follow. */
  #uint(): bigint {
    const [first = 0] = this.#take(1)
    if (first < 128) return BigInt(first)
    const count = 256 - first
    if (count > 8) throw new GobError(`it has a number of ${count} bytes`)
    return BigInt(`0x${this.#take(count).toString('hex')}`)
  }

  #take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw new GobError('it ends in the middle of a value')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }
}
