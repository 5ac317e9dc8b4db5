/** Bearer token of all clients of a calibration, with every scope that they need. */
export const CALIBRATION_TOKEN = 'calibration-of-the-harness'

/** Settings of the target that the harness is calibrated with. */
export const harnessTargetSettings: Record<string, string> = {
  'streams.partitions': '1',
  'streams.perTenant': '2000',
  'streams.retry': '600ms',
  // Many runs at the same time, and their warm-ups: none of them may be forgotten before its ledger is read.
  'ledger.runs': '1000',
  'auth.staticTokens': JSON.stringify([
    {
      token: CALIBRATION_TOKEN,
      subject: 'calibration',
      scopes: ['events.write', 'streams.read', 'chat', 'reports.read', 'reports.write'],
    },
    { token: 'demo-jwt-token-<anything>', subject: '<anything>', scopes: ['chat'] },
  ]),
}
