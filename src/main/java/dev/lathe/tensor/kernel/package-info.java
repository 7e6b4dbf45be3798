/**
 * Kernels: the loops that take the time, each once in plain Java and once on the Vector API, with the same bits; most of them
 * as machine code too, in {@code kernel.machine}.
 *
 * <p>Not exported. The only package that imports {@code jdk.incubator.vector}; may import nothing else of Lathe but the
 * memory of weights in {@code tensor.store}. One kernel family a file: an interface named after it, {@code Scalar...} as its reference
 * and fallback, {@code Vector...} as its fast form. A lane is an output: no kernel sums across lanes.
 */
package dev.lathe.tensor.kernel;
