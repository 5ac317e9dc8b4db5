import { describe, expect, it } from 'vitest'
import { encodeMultipart, entriesOf } from '../../../../../harness/client/message/multipart.ts'
import type { MultipartFields } from '../../../../../harness/scenario/http.ts'

async function encoded(entries: Iterable<readonly [string, string | Blob]>, key = '7/shopper-0/0/0') {
  const { bytes, byteLength, headers } = await encodeMultipart([...entries], key)
  const boundary = headers['content-type']!.split('boundary=')[1]!
  return { bytes: Buffer.isBuffer(bytes) ? bytes : Buffer.concat(bytes), pieces: bytes, byteLength, headers, boundary }
}

/** Reads a body with the parser of Node's `fetch`. */
async function parsed(bytes: Buffer, type: string): Promise<[string, unknown][]> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData()
  return Promise.all(
    [...form].map(
      async ([name, value]): Promise<[string, unknown]> =>
        typeof value === 'string' ? [name, value] : [name, [value.name, value.type, await value.text()]],
    ),
  )
}

describe('a multipart body', () => {
  it('has the form that browsers send', async () => {
    const { bytes, boundary } = await encoded([
      ['title', 'My cat'],
      ['photo', new File(['pixels'], 'cat.jpg', { type: 'image/jpeg' })],
      ['note', new Blob(['x'])],
    ])
    expect(bytes.toString().replaceAll(boundary, 'B')).toBe(
      '--B\r\nContent-Disposition: form-data; name="title"\r\n\r\nMy cat\r\n' +
        '--B\r\nContent-Disposition: form-data; name="photo"; filename="cat.jpg"\r\nContent-Type: image/jpeg\r\n\r\npixels\r\n' +
        '--B\r\nContent-Disposition: form-data; name="note"; filename="blob"\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n' +
        '--B--\r\n',
    )
  })

  it('escapes names and file names as the standard says, and sends them as UTF-8', async () => {
    const { bytes } = await encoded([
      ['a"b\r\nc\nd', 'one\ntwo\rthree\r\n'],
      ['größe', new File([], 'Foto "Zoë"\r\n%22.jpg')],
    ])
    const text = bytes.toString()
    expect(text).toContain('name="a%22b%0D%0Ac%0D%0Ad"\r\n\r\none\r\ntwo\r\nthree\r\n\r\n')
    expect(text).toContain('name="größe"; filename="Foto %22Zoë%22%0D%0A%22.jpg"')
  })

  it.each([
    ['nothing', []],
    ['text', [['a', ''] as const, ['a', '2'] as const, ['ü', '–'] as const]],
    ['a file with a name in UTF-8', [['f', new File(['\r\n--x\r\n'], '写真.png', { type: 'image/png' })] as const]],
    ['a long file', [['f', new File(['y'.repeat(300_000)], 'long')] as const, ['end', '1'] as const]],
  ])(
    'has the same bytes as that of fetch, apart from the boundary, and is read back by its parser: %s',
    async (_, entries) => {
      const form = new FormData()
      for (const [name, value] of entries) form.append(name, value)
      const theirs = new Response(form)
      const theirBoundary = theirs.headers.get('content-type')!.split('boundary=')[1]!
      const { bytes, boundary, byteLength, headers } = await encoded(form)
      expect(bytes.toString().replaceAll(boundary, 'B')).toBe((await theirs.text()).replaceAll(theirBoundary, 'B'))
      expect([byteLength, headers['content-length']]).toEqual([bytes.length, String(bytes.length)])
      expect(await parsed(bytes, headers['content-type']!)).toHaveLength(entries.length)
    },
  )

  it('has a boundary that depends on the key alone', async () => {
    const boundaryOf = async (key: string) => (await encoded([['a', 'b']], key)).boundary
    expect(await boundaryOf('7/a-0/0/0')).toBe(await boundaryOf('7/a-0/0/0'))
    expect(await boundaryOf('8/a-0/0/0')).not.toBe(await boundaryOf('7/a-0/0/0'))
    expect(await boundaryOf('7/a-0/0/0')).toMatch(/^----loadcell[0-9a-f]{32}$/)
  })

  it('holds the bytes of a long file themselves, not a copy of them', async () => {
    const long = new File(['z'.repeat(200_000)], 'long')
    const [first, second] = [await encoded([['f', long]]), await encoded([['f', long]])]
    expect((first.pieces as Buffer[])[1]).toBe((second.pieces as Buffer[])[1])
  })
})

describe('the shorthand of multipart fields', () => {
  it('takes text, numbers, booleans, files and lists of them, and leaves out what is undefined', () => {
    const photo = new File([], 'a.jpg')
    expect(entriesOf({ title: 'x', size: 2, public: true, photos: [photo, photo], none: undefined })).toEqual([
      ['title', 'x'],
      ['size', '2'],
      ['public', 'true'],
      ['photos', photo],
      ['photos', photo],
    ])
  })

  it.each([
    [{ a: { b: 1 } }, 'expected text, a number, a boolean or a file as the field "a", got a value of type object'],
    [{ a: null }, 'as the field "a", got null'],
    [[['a', 'b']], 'expected multipart fields such as'],
  ])('rejects %j', (fields, message) => {
    expect(() => entriesOf(fields as unknown as MultipartFields)).toThrow(message)
  })
})
