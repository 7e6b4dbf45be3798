/**
 * Block formats both ways: from the bytes of a file to floats and back.
 *
 * <p>{@link dev.lathe.tensor.codec.BlockCodec} encodes and decodes rows, {@link dev.lathe.tensor.codec.MatrixCodec} whole
 * matrices. {@link dev.lathe.tensor.codec.BlockGrid} is the set of numbers that one block can hold, for transforms that
 * choose the integers themselves. Nothing here computes with encoded weights; that is the kernels' work.
 *
 * <p>The layouts are those of the ggml project (MIT licence), which GGUF files use. May import {@code dev.lathe.tensor}
 * and the planes of {@code dev.lathe.tensor.kernel}.
 */
package dev.lathe.tensor.codec;
