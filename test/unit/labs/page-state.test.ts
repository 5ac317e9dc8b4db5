import { expect, it } from 'vitest'
import { lab } from '../../../labs/lab.ts'
import { labStateOf } from '../../../labs/page-state.ts'
import { LabSession } from '../../../labs/session.ts'

it('draws a run on the axis on which its curve was drawn, also where that is of shares', async () => {
  const shares = lab({
    name: 'shares',
    title: 'Shares',
    story: [],
    settings: { load: { label: 'load', unit: 'share', value: 0.5, min: 0, max: 1 } },
    measures: {
      low: { label: 'low', unit: 'share', from: 'target' },
      high: { label: 'high', unit: 'share', from: 'target' },
    },
    curves: [
      {
        ask: 'How many?',
        x: { label: 'load', unit: 'count' },
        y: { label: 'errors', unit: 'share' },
        points: [
          { measure: 'low', x: 0 },
          { measure: 'high', x: 1 },
        ],
      },
    ],
    theory: ({ load }) => ({ low: load / 2, high: load }),
    run: () => Promise.resolve({ low: 0.25, high: 0.5 }),
    question: { ask: 'Which?', options: ['this', 'that'], answer: () => 0, because: 'So.' },
    next: 'Go on.',
  })
  const session = new LabSession(shares, {
    run: () => Promise.resolve({ low: 0.25, high: 0.5 }),
    seed: 1,
    version: '0',
    learner: 'Ada',
  })
  await session.run({})
  const { curves, attempts } = labStateOf(session, { seed: 1 })
  expect({ drawnOn: curves[0]?.top, shownOn: attempts[0]?.top, line: attempts[0]?.lines[0] }).toEqual({
    drawnOn: 100,
    shownOn: 100,
    line: [
      [0, 25],
      [1, 50],
    ],
  })
})
