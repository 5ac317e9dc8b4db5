import { describe, expect, it } from 'vitest'
import { firstScenario } from '../../../../harness/authoring/project/first-scenario.ts'
import { manifest, tsconfig } from '../../../../harness/authoring/project/project-files.ts'
import { runSentence, targetFor } from '../../../../harness/authoring/target-hint.ts'
import { formatErrors } from '../../../support/format-errors.ts'

describe('the files of a first scenario', () => {
  it('are written as the formatter would', () => {
    const files = [
      ['mine.ts', firstScenario('mine.ts')],
      ['tsconfig.json', tsconfig()],
      ['package.json', manifest('Load Tests', { load: 'loadcell run mine.ts' }, '1.2.3')],
    ] as const
    expect(formatErrors(files)).toBe('')
    expect(files[0][1]).toContain('`npx loadcell run mine.ts` runs it')
    expect(JSON.parse(files[2][1])).toMatchObject({
      name: 'load-tests',
      private: true,
      devDependencies: { loadcell: '^1.2.3' },
    })
  })
})

describe('targetFor', () => {
  it.each([
    [undefined, 'http://127.0.0.1:8080'],
    ['http://localhost:3000/v1', 'http://localhost:3000/v1'],
    ['http://10.1.2.3', 'http://10.1.2.3'],
    ['http://shop.test', 'http://shop.test'],
    ['https://api.example.com', 'http://127.0.0.1:8080'],
    ['https://api.example.com/v2/', 'http://127.0.0.1:8080/v2'],
    ['https://127.evil.example.com/', 'http://127.0.0.1:8080'],
  ])('names no server of others: %s', (url, target) => {
    expect(targetFor(url)).toBe(target)
    expect(runSentence('a', url)).toContain(`npx loadcell run a.ts --target ${target}\``)
  })
  it.each([
    [
      "http://127.0.0.1/v1;touch$IFS/x/$(id)`id`'&|!*",
      'http://127.0.0.1/v1%3Btouch%24IFS/x/%24%28id%29%60id%60%27%26%7C%21%2A',
    ],
    ['http://a;id;.localhost/v1', 'http://127.0.0.1:8080'],
    ['http://a$(id).localhost/v1', 'http://127.0.0.1:8080'],
    ['http://[::1]:3000/v1', 'http://[::1]:3000/v1'],
    ['https://api.example.com/;id', 'http://127.0.0.1:8080/%3Bid'],
  ])('runs nothing in a shell: %s', (url, target) => {
    expect(targetFor(url)).toBe(target)
  })
})
