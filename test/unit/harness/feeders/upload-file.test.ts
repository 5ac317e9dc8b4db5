import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { bytesOfBlob, file } from '../../../../harness/feeders/upload-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'loadcell-upload-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

describe('a file to upload', () => {
  it('has its name, its type and its bytes', async () => {
    const photo = file(pathToFileURL(written('photo.jpg', 'pixels')), { type: 'image/jpeg' })
    expect(photo).toMatchObject({ name: 'photo.jpg', type: 'image/jpeg', size: 6 })
    expect(await photo.text()).toBe('pixels')
  })

  it('has the name that the server is to be told', () => {
    expect(file(written('x.bin', ''), { name: 'invoice.pdf' }).name).toBe('invoice.pdf')
  })

  it('is read once, and its bytes are at hand at once', () => {
    const path = written('once.txt', 'first')
    const first = file(path)
    writeFileSync(path, 'second')
    expect(file(path)).toBe(first)
    expect(bytesOfBlob(first)).toEqual(Buffer.from('first'))
  })

  it('is refused with its path if it cannot be read, is too long, or has no media type', () => {
    expect(() => file(join(folder, 'missing.jpg'))).toThrow(/missing\.jpg: cannot be read .*ENOENT/)
    expect(() => file(folder)).toThrow(/cannot be read .*EISDIR/)
    expect(() => file(written('a.jpg', ''), { type: 'jpeg' })).toThrow(
      /a\.jpg: expected a media type such as image\/jpeg, got "jpeg"/,
    )
    const long = written('long.bin', '')
    truncateSync(long, 600 * 1024 * 1024)
    expect(() => file(long)).toThrow(/long\.bin: expected a file of at most \d+ bytes, got 629145600/)
  })

  it('may be any blob, whose bytes are read once', async () => {
    const blob = new Blob(['abc'])
    const first = bytesOfBlob(blob)
    expect(bytesOfBlob(blob)).toBe(first)
    const bytes = await first
    expect(bytes.toString()).toBe('abc')
    expect(bytesOfBlob(blob)).toBe(bytes)
  })
})
