/**
 * The mathematics of LIM: kernels, alignment, rankings. Primitive arrays in and out, nothing of
 * ours imported. The same columns give the same bits, whatever the kernel, the machine, the number
 * of threads, or the history of changes that led to them; ETags, hashes and draws rest on it.
 */
@NullMarked
package dev.lim.scoring;

import org.jspecify.annotations.NullMarked;
