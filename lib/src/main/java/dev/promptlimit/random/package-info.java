/**
 * Random streams that are pure functions of their key.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>A stream is fixed by (experiment seed, cell key, block index, substream), never by a
 *       partition, executor, thread or clock.
 *   <li>Sixteen logical lanes, whatever the processor's vectors are.
 *   <li>Numbers have their law exactly, up to the rounding of doubles: normals come from a mixture
 *       that is the normal law, uniform numbers have 52 bits.
 *   <li>What a stream yields does not depend on how its consumer cuts its calls.
 *   <li>Any change of bits raises {@link dev.promptlimit.random.StreamKey#STREAM_VERSION}.
 * </ul>
 */
package dev.promptlimit.random;
