import { scenario, user } from '../../harness/scenario.ts'
import { experiment, length, PRODUCT } from '../experiment.ts'
import { lab } from '../lab.ts'

/** A test that looks at the status, and a test that looks at the answer. */
export const blind = lab({
  name: 'blind',
  title: 'A test that would not notice',
  story: [
    'A shop breaks: some of its answers carry the error of a database instead of a product. Their status is 200 all the same.',
    'The first test counts a request as failed if its status is 400 or higher. The second also checks that the answer is the product that it asked for.',
    'Both send the same requests.',
  ],
  settings: {
    broken: { label: 'share of broken answers', unit: 'share', value: 0.2, min: 0, max: 1 },
    seconds: length(4),
  },
  measures: {
    byStatus: {
      label: 'failures by status',
      unit: 'share',
      from: 'harness',
      ask: 'Which share of the requests does the first test report as failed?',
    },
    byBody: {
      label: 'failures by the answer',
      unit: 'share',
      from: 'harness',
      ask: 'And which share does the second test report?',
    },
    injected: { label: 'answers that the target broke', unit: 'share', from: 'target' },
  },
  theory: ({ broken }) => ({ byStatus: 0, byBody: broken, injected: broken }),
  async run(bench, { broken, seconds }) {
    const { result, ledger } = await experiment(
      bench,
      'answers that are broken',
      [{ id: 'broken', share: broken, fault: { type: 'corrupt', how: 'error_body' } }],
      scenario({
        load: { executor: 'constant-arrival-rate', rate: 100, duration: seconds * 1000, preAllocatedVUs: 50 },
        users: [
          user('visitor', {
            async iterate({ http, check }) {
              const answer = await http.get(PRODUCT)
              check(answer, { 'is the product': response => response.json<{ id?: unknown }>().id === 1 })
            },
          }),
        ],
      }),
    )
    const { requests, failedRequests } = result.totals
    const [check] = result.checks
    const broke = ledger.faults.rules.find(({ id }) => id === 'broken')?.injected ?? 0
    return {
      byStatus: failedRequests / requests,
      byBody: (check?.fails ?? 0) / requests,
      injected: broke / requests,
    }
  },
  question: {
    ask: 'How do you find out whether your own load test would notice a broken service?',
    options: [
      'Read its script carefully',
      'Break the service on purpose, and see whether the test fails',
      'Run it against production for a while',
    ],
    answer: () => 1,
    because:
      'A test that has never failed has proven nothing. loadcell audit --mutate breaks the target in a dozen ways, one after another, and lists what your script did not notice.',
  },
  next: 'Which other kinds of broken answers have the status 200? See loadcell faults presets, and the faults in docs/faults.md.',
})
