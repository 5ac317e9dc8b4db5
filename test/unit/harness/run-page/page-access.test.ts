import { describe, expect, it } from 'vitest'
import { foreignPage, PageKey } from '../../../../harness/run-page/page-access.ts'

describe('the access to the page of a run', () => {
  it.each([
    { host: '127.0.0.1:8080' },
    { host: 'localhost:9000', origin: 'http://localhost:9000', 'sec-fetch-site': 'same-origin' },
    { host: '[::1]:8080', 'sec-fetch-site': 'none' },
  ])('is open to %o', headers => {
    expect(foreignPage(headers)).toBeUndefined()
  })

  it.each([
    [{}, 'Host'],
    [{ host: 'evil.example:8080' }, 'Host'],
    [{ host: '127.0.0.1.evil.example' }, 'Host'],
    [{ host: '10.0.0.7:8080' }, 'Host'],
    [{ host: '127.0.0.1:8080', origin: 'http://127.0.0.1:9090' }, 'Origin'],
    [{ host: '127.0.0.1:8080', origin: 'null' }, 'Origin'],
    [{ host: '127.0.0.1:8080', 'sec-fetch-site': 'same-site' }, 'Sec-Fetch-Site'],
    [{ host: '127.0.0.1:8080', 'sec-fetch-site': 'cross-site' }, 'Sec-Fetch-Site'],
  ])('is closed to %o because of %s', (headers, why) => {
    expect(foreignPage(headers)).toContain(why)
  })

  it('tells who has the key of the run from who has another', () => {
    const [key, other] = [new PageKey(), new PageKey()]
    const bearing = (text: string) => ({ authorization: `Bearer ${text}` })
    expect([bearing(key.text), bearing(other.text), bearing(''), {}].map(headers => key.isIn(headers))).toEqual([
      true,
      false,
      false,
      false,
    ])
  })
})
