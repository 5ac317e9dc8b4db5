/**
 * The same storm as `reconnect-storm`, but for one number: nobody's back-off is random.
 *
 * All clients wait for the same time, so all of them come back in the same moment. Hold the two reports against each other:
 * the recovery is a cliff instead of a slope, connecting takes longer at its foot, and a server with less to spare would be
 * down again, and again, each time in the same rhythm.
 */
import { storm } from './reconnect-storm.ts'

export default storm(0)
