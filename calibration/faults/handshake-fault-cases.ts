import type { FaultOf } from '../../contract/faults/fault.ts'

/** A fault of TLS handshakes, and how a client recognises affected ones. */
export interface HandshakeFaultCase {
  name: string
  /** Also the id of its rule. */
  id: string
  fault: FaultOf<'slow_handshake'> | FaultOf<'certificate'>
  /** Matches what a client says of an affected handshake; undefined where it could only judge by time. */
  refusal?: RegExp
}

export const handshakeFaultCases: HandshakeFaultCase[] = [
  { name: 'slow_handshake', id: 'slow', fault: { type: 'slow_handshake', distribution: 30 } },
  { name: 'certificate, expired', id: 'expired', fault: { type: 'certificate', how: 'expired' }, refusal: /expired/ },
  {
    name: 'certificate, of another name',
    id: 'other-name',
    fault: { type: 'certificate', how: 'wrong_name' },
    refusal: /IP: 127\.0\.0\.1 is not in the cert|altnames/,
  },
  {
    name: 'certificate, untrusted',
    id: 'untrusted',
    fault: { type: 'certificate', how: 'untrusted' },
    refusal: /unable to|unknown|self.signed/i,
  },
]
