import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { DataFiles } from '../../../../harness/feeders/data-files.ts'

const moved = { root: '/home/kim', folder: '/home/kim/load', place: '/tmp/bundle' }

describe('the files of a scenario', () => {
  it('are listed once each, with their absolute paths', () => {
    const files = new DataFiles()
    files.placeOf('/data/b.csv')
    files.placeOf(pathToFileURL('/data/a.csv'))
    files.placeOf('/data/b.csv')
    expect(files.paths).toEqual(['/data/a.csv', '/data/b.csv'])
  })

  it.each([
    ['an absolute path', '/home/kim/data/users.csv', '/tmp/bundle/data/users.csv'],
    ['a path from the working directory', 'users.csv', '/tmp/bundle/load/users.csv'],
    ['a path above the working directory', '../users.csv', '/tmp/bundle/users.csv'],
    ['a URL beside the unpacked scenario', pathToFileURL('/tmp/bundle/load/users.csv'), '/tmp/bundle/load/users.csv'],
    ['a file of the machine itself', '/etc/hosts', '/etc/hosts'],
  ])('are found where they were moved: %s', (_what, path, place) => {
    const files = new DataFiles()
    files.move(moved)
    expect(files.placeOf(path)).toBe(place)
  })

  it('are found where they were moved, even if files of the whole machine were', () => {
    const files = new DataFiles()
    files.move({ root: '/', folder: '/home/kim', place: '/tmp/bundle' })
    expect(files.placeOf('/data/users.csv')).toBe('/tmp/bundle/data/users.csv')
    expect(files.placeOf(pathToFileURL('/tmp/bundle/home/kim/users.csv'))).toBe('/tmp/bundle/home/kim/users.csv')
  })

  it('are removed with their folder where they were moved, and nowhere else', () => {
    const place = mkdtempSync(join(tmpdir(), 'data-files-'))
    const files = new DataFiles()
    files.discard()
    files.move({ ...moved, place })
    files.discard()
    files.discard()
    expect(existsSync(place)).toBe(false)
  })
})
