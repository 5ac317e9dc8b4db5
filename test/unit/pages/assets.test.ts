import { afterEach, describe, expect, it, vi } from 'vitest'
import { PageFiles, pageHeaders } from '../../../pages/assets.ts'

describe('the files of a page', () => {
  afterEach(() => vi.restoreAllMocks())

  it('are a fixed table, without those of other pages', () => {
    const files = new PageFiles('target', '/base')
    const paths = [...files.paths]
    expect(paths).toContain('')
    expect(paths).toContain('target/main.js')
    expect(paths).toContain('widgets/page.css')
    expect(paths.filter(path => path.startsWith('run/') || path.startsWith('lab/'))).toEqual([])
    for (const path of ['../package.json', 'target/../assets.js', 'assets.js', 'target/page.html', 'constructor'])
      expect(files.file(path), path).toBeUndefined()
  })

  it('are scripts that a browser can run: without types, packages and names of TypeScript', () => {
    const warned = vi.spyOn(process, 'emitWarning')
    const files = new PageFiles('target', '/base')
    for (const path of files.paths) {
      if (!path.endsWith('.js') || path === 'uplot.js') continue
      const { body, mediaType } = files.file(path)!
      expect(mediaType).toBe('text/javascript; charset=utf-8')
      expect(body, path).not.toMatch(/\bimport type\b|from '[^']*\.ts'|from 'uplot'/)
      for (const [, imported] of body.matchAll(/\bfrom '(\.[^']+)'/g)) {
        const resolved = new URL(imported!, `http://x/${path}`).pathname.slice(1)
        expect([...files.paths], `${path} imports ${imported}`).toContain(resolved)
      }
    }
    expect(warned).not.toHaveBeenCalled()
  })

  it('hold nothing inline, and name their address', () => {
    const { body, etag } = new PageFiles('target', '/base').file('')!
    expect(body).toContain('src="/base/target/main.js"')
    expect(body).not.toContain('%base%')
    expect(body).not.toMatch(/ style=|<style| on[a-z]+=|<script(?![^>]* src=)/)
    expect(etag).toMatch(/^"[\w-]+"$/)
    expect(new PageFiles('target', '/other').file('')?.etag).not.toBe(etag)
  })

  it('come with a policy that allows nothing from elsewhere', () => {
    const policy = pageHeaders['content-security-policy']
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
  })
})
