import { describe, expect, it } from 'vitest'
import { HtmlDocument } from '../../../../../harness/client/message/html-document.ts'
import { UnreadableBody } from '../../../../../harness/client/message/unreadable-body.ts'
import type { HttpResponse } from '../../../../../harness/scenario/http.ts'

function page(html: string): HtmlDocument {
  const response = { status: 200, headers: {}, url: 'http://shop.test/account/login?next=1', text: () => html }
  return new HtmlDocument(response as unknown as HttpResponse)
}

const login = page(`<!doctype html><html><head><meta name="csrf-token" content="m&amp;m"><title> Log
  in </title></head><body>
<form action="/search"><input name="q"></form>
<form id="login" action="../session" method="post">
  <input type="hidden" name="csrf_token" value="geheim&quot;1">
  <input name="user" value="">
  <input type="checkbox" name="stay" checked><input type="checkbox" name="spam" value="yes">
  <input type="radio" name="size" value="S"><input type="radio" name="size" value="M" checked>
  <select name="country"><option value="de">Germany</option><option selected>France</option></select>
  <select name="tags" multiple><option selected>a</option><option selected>b</option></select>
  <select name="first"><option disabled value="">Choose</option><option value="1">One</option></select>
  <textarea name="note">
a &lt; b</textarea>
  <input name="off" value="1" disabled><input type="submit" name="go" value="Go"><input type="file" name="f">
</form></body></html>`)

describe('a page', () => {
  it('gives the values of form fields, the text of elements and their attributes, decoded', () => {
    expect(login.input('csrf_token')).toBe('geheim"1')
    expect(login.input('country')).toBe('France')
    expect(login.input('note')).toBe('a < b')
    expect(login.text('title')).toBe('Log in')
    expect(login.attribute('meta[name=csrf-token]', 'content')).toBe('m&m')
  })

  it('gives a form as a browser submits it', () => {
    expect(login.form('#login')).toEqual({
      action: 'http://shop.test/session',
      method: 'POST',
      fields: {
        csrf_token: 'geheim"1',
        user: '',
        stay: 'on',
        size: 'M',
        country: 'France',
        tags: ['a', 'b'],
        first: '1',
        note: 'a < b',
      },
    })
    expect(login.form()).toEqual({ action: 'http://shop.test/search', method: 'GET', fields: { q: '' } })
  })

  it('resolves a form without an action to its own URL, and others by the base of the page', () => {
    expect(page('<form></form>').form().action).toBe('http://shop.test/account/login?next=1')
    expect(page('<base href="http://cdn.test/x/"><form action="y"></form>').form().action).toBe('http://cdn.test/x/y')
  })

  it.each([
    [
      () => login.input('csrf'),
      /expected a form field "csrf" in the response of status 200 from \/account\/login, got the fields "q", "csrf_token", "user"/,
    ],
    [() => login.text('h1'), /expected an element at "h1" .* got a page with the elements "html", "head"/],
    [
      () => login.attribute('#login', 'target'),
      /expected an attribute "target" of "#login" .* got the attributes "id", "action", "method"/,
    ],
    [() => login.form('title'), /expected a form at "title" .* got the element <title>/],
    [() => page('not HTML').input('x'), /got the fields \(none\)/],
  ])('says what was looked for and what there is, without values: %#', (read, message) => {
    expect(read).toThrow(UnreadableBody)
    expect(read).toThrow(message)
    expect(read).not.toThrow(/geheim/)
  })

  it('refuses what is not a selector', () => {
    expect(() => login.text('a[')).toThrow(/expected a CSS selector such as form#login, got "a\["/)
  })

  it.each([
    ['elements nested deeper than browsers nest', '<div>'.repeat(200_000), 'nested more than 512 deep'],
    ['rows without an end', '<tr><td>'.repeat(100_000), 'more than 10000 elements without an end'],
    ['comments without an end', '<!--'.repeat(200_000), '200000 comments without an end'],
  ])('is refused at once for %s, which would hold up the generator', (_what, html, why) => {
    const startedAt = performance.now()
    expect(() => page(html)).toThrow(UnreadableBody)
    expect(() => page(html)).toThrow(why)
    expect(performance.now() - startedAt, 'time to refuse it').toBeLessThan(2000)
  })

  it('may have many elements, and void elements and items without an end', () => {
    const items = `${'<p><b>a</b><br><img src=x>'.repeat(3000)}${'<li>a'.repeat(3000)}<form><input name="a" value="1">`
    expect(page(items).input('a'), 'the field after all of them').toBe('1')
  })
})
