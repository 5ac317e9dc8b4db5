import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { packArchive, readArchive, UnusableArchive } from '../../../../harness/bundle/archive.ts'

const MOST = 10_000
const about = { entry: 'shop.ts', root: '/home/kim', folder: '/home/kim/load' }

function packed(paths: string[], entry = paths[0]!): Buffer {
  return packArchive({ ...about, entry, files: paths.map(path => ({ path, bytes: Buffer.from(`of ${path}`) })) })
}

/** Packs a head, as a stranger may write it, before the contents. */
function forged(head: unknown, contents = ''): Buffer {
  const text = Buffer.from(typeof head === 'string' ? head : JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return gzipSync(Buffer.concat([length, text, Buffer.from(contents)]))
}

describe('an archive', () => {
  it('has the same files, byte by byte, when it is read', () => {
    const files = [
      { path: 'data/users.csv', bytes: Buffer.from([0, 255, 10, 13]) },
      { path: 'empty', bytes: Buffer.alloc(0) },
      { path: 'shop.ts', bytes: Buffer.from('export default {}') },
    ]
    expect(readArchive(packArchive({ ...about, files }), MOST)).toEqual({ ...about, files })
  })

  it('is the same for the same files in another order', () => {
    expect(packed(['a.ts', 'b.ts'], 'a.ts').equals(packed(['b.ts', 'a.ts'], 'a.ts'))).toBe(true)
  })

  it.each(['../shop.ts', '/etc/passwd', 'a/../../b', 'a//b', './a', '', 'a\\b', 'C:a', 'a\0b'])(
    'is refused with the path %j',
    path => {
      expect(() => readArchive(packed([path, 'x']), MOST)).toThrow(/outside of its folder/)
    },
  )

  it('is refused when it has two files of one path', () => {
    const row = { path: 'a', bytes: 0 }
    expect(() => readArchive(forged({ ...about, format: 1, entry: 'a', files: [row, row] }), MOST)).toThrow(
      /two files "a"/,
    )
  })

  it.each([
    ['is no gzip', Buffer.from('PK'), /cannot be decompressed/],
    ['is empty', Buffer.alloc(0), /cannot be decompressed/],
    ['has no head', gzipSync('ab'), /cut off/],
    ['has a head that is no JSON', forged('{'), /head is not JSON/],
    ['is of another format', forged({ ...about, format: 2, files: [] }), /head\/format: expected 1, got 2/],
    ['has less than its files', forged({ ...about, format: 1, files: [{ path: 'a', bytes: 5 }] }, 'abc'), /cut off/],
    ['has more than its files', forged({ ...about, format: 1, files: [] }, 'abc'), /longer than its files/],
    ['has no file to load', forged({ ...about, format: 1, files: [] }), /no file "shop\.ts"/],
  ])('is refused when it %s', (_what, bytes, why) => {
    expect(() => readArchive(bytes, MOST)).toThrow(UnusableArchive)
    expect(() => readArchive(bytes, MOST)).toThrow(why)
  })

  it('is not decompressed beyond the limit', () => {
    const bytes = packArchive({ ...about, files: [{ path: 'shop.ts', bytes: Buffer.alloc(MOST * 100) }] })
    expect(bytes.length).toBeLessThan(MOST)
    expect(() => readArchive(bytes, MOST)).toThrow(/expected at most 10000 bytes/)
  })
})
