/**
 * The same as `reconnect-storm`, but without jitter: no back-off is random.
 *
 * All clients wait for the same time, so all come back at the same moment. Compare the two reports: the recovery is a cliff instead of
 * a slope, and connecting takes longer at its foot. A server with less capacity would go down again, and again, in the same rhythm.
 */
import { storm } from './reconnect-storm.ts'

export default storm(0)
