import type { GrpcSchema } from './library.ts'

interface DescribedFile {
  name: string
  package: string
  bytes: Buffer
}

/** The descriptors of all services, for clients that ask for them. */
export class Descriptors {
  readonly services: readonly string[]
  readonly #names: ReadonlySet<string>
  readonly #files: readonly DescribedFile[]

  constructor({ services, names, files }: GrpcSchema) {
    this.services = services
    this.#names = new Set(names)
    const all = files.map(described)
    // The library leaves out what files import.
    const imported = all.find(file => file.package === 'google.protobuf')
    this.#files = all.map(file => (file.package === 'google.rpc' && imported ? importing(file, imported) : file))
  }

  fileNamed(name: string): Buffer | undefined {
    return this.#files.find(file => file.name === name)?.bytes
  }

  /** Returns the file of a service, a method, a message or an enum by its full name. */
  fileOf(symbol: string): Buffer | undefined {
    const parent = symbol.slice(0, Math.max(0, symbol.lastIndexOf('.')))
    if (!this.#names.has(symbol) && !this.#names.has(parent)) return undefined
    return this.#files.find(file => symbol.startsWith(`${file.package}.`))?.bytes
  }
}

/** Reads the first two fields of a `FileDescriptorProto`: its name and its package, each shorter than 128 bytes. */
function described(bytes: Buffer): DescribedFile {
  const nameEnd = 2 + bytes[1]!
  const packageEnd = nameEnd + 2 + bytes[nameEnd + 1]!
  return {
    name: bytes.toString('utf8', 2, nameEnd),
    package: bytes.toString('utf8', nameEnd + 2, packageEnd),
    bytes,
  }
}

/** Returns a file that imports another: its field 3 names it. */
function importing(file: DescribedFile, { name }: DescribedFile): DescribedFile {
  return { ...file, bytes: Buffer.concat([file.bytes, Buffer.of(0x1a, name.length), Buffer.from(name)]) }
}
