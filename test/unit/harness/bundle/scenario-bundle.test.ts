import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BundleSources, bundleOf } from '../../../../harness/bundle/scenario-bundle.ts'
import { UnpackedBundle } from '../../../../harness/bundle/unpacked-bundle.ts'

const MOST = 100_000
let folder: string
const unpacked: UnpackedBundle[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-test-'))
})

afterEach(() => {
  for (const each of unpacked.splice(0)) each.remove()
  rmSync(folder, { recursive: true })
})

function write(path: string, text = path): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

function bundle(sources: Partial<BundleSources> & { entry: string }) {
  return bundleOf({ modules: [], data: [], more: [], folder, mostBytes: MOST, ...sources })
}

function unpack({ bytes, sha256 }: ReturnType<typeof bundleOf>, hash = sha256): UnpackedBundle {
  const made = new UnpackedBundle(bytes, hash, { packages: folder, mostBytes: MOST })
  unpacked.push(made)
  return made
}

describe('the bundle of a scenario', () => {
  it('has its modules and files at the same places relative to each other', () => {
    const entry = write('load/shop.ts')
    const made = bundle({ entry, modules: [entry, write('lib/cart.ts')], data: [write('load/data/users.csv')] })
    expect(made.files).toEqual(['lib/cart.ts', 'load/data/users.csv', 'load/shop.ts'])
    const { entry: place } = unpack(made)
    expect(readFileSync(place, 'utf8')).toBe('load/shop.ts')
    expect(readFileSync(join(dirname(place), '../lib/cart.ts'), 'utf8')).toBe('lib/cart.ts')
  })

  it('has the package.json files that Node reads for its modules', () => {
    write('package.json')
    write('load/package.json')
    const entry = write('load/shop.ts')
    expect(bundle({ entry, data: [write('users.csv')] }).files).toContain('package.json')
    expect(bundle({ entry }).files).toEqual(['package.json', 'shop.ts'])
  })

  it('has everything in a folder that is named, but for installed packages', () => {
    for (const path of ['more/a/one.bin', 'more/two.bin', 'more/node_modules/x.js']) write(path)
    expect(bundle({ entry: write('shop.ts'), more: ['more'] }).files).toEqual([
      'more/a/one.bin',
      'more/two.bin',
      'shop.ts',
    ])
  })

  it('has the file that a link leads to, and visits a folder in a circle of links once', () => {
    const outside = mkdtempSync(join(tmpdir(), 'bundle-outside-'))
    writeFileSync(join(outside, 'users.csv'), 'name')
    mkdirSync(join(folder, 'data'))
    symlinkSync(join(outside, 'users.csv'), join(folder, 'data/users.csv'))
    symlinkSync(join(folder, 'data'), join(folder, 'data/circle'))
    const made = bundle({ entry: write('shop.ts'), more: ['data'] })
    rmSync(outside, { recursive: true })
    expect(made.files).toEqual(['data/users.csv', 'shop.ts'])
    expect(readFileSync(join(dirname(unpack(made).entry), 'data/users.csv'), 'utf8')).toBe('name')
  })

  it('is refused beyond its limit, with the file that goes beyond it and what to do', () => {
    const entry = write('shop.ts')
    const large = write('large.bin', 'x'.repeat(MOST))
    expect(() => bundle({ entry, data: [large] })).toThrow(/larger than .* MiB: .*large\.bin.*--bundle-limit/)
  })

  it('is refused with a file that is missing', () => {
    expect(() => bundle({ entry: write('shop.ts'), more: ['nowhere'] })).toThrow(/nowhere cannot be shipped: ENOENT/)
  })

  it('is refused with a device, which may never end', () => {
    const sources = { entry: write('shop.ts'), more: ['/dev/null'] }
    expect(() => bundle(sources)).toThrow('/dev/null cannot be shipped: expected a file')
  })

  it('is not unpacked when it is not what its hash says', () => {
    expect(() => unpack(bundle({ entry: write('shop.ts') }), 'a'.repeat(64))).toThrow(/expected the SHA-256 aaa/)
  })

  it('is unpacked where only its owner may read, and removed without a trace', () => {
    const made = unpack(bundle({ entry: write('shop.ts') }))
    expect((statSync(made.moved.place).mode & 0o777).toString(8)).toBe('700')
    made.remove()
    expect(() => statSync(made.moved.place)).toThrow(/ENOENT/)
  })

  it('may import the packages that are installed where it is unpacked from', () => {
    write('node_modules/dayjs/index.js', 'day')
    const { entry } = unpack(bundle({ entry: write('load/shop.ts') }))
    expect(readFileSync(join(dirname(entry), 'node_modules/dayjs/index.js'), 'utf8')).toBe('day')
  })
})
